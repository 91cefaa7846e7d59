package simulate

import (
	"bytes"
	"hash/fnv"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math/rand/v2"
	"time"
)

// snapshot is a small picture of a street that nobody takes for a photograph:
// sky, houses, a clean road, and a violet edge, the colour of all that is
// simulated. Each case has its own; a few kilobytes.
func snapshot(id string, now time.Time) []byte {
	h := fnv.New64a()
	h.Write([]byte(id))
	rng := rand.New(rand.NewPCG(h.Sum64(), uint64(now.UnixMilli())))
	const w, t = 240, 180
	img := image.NewRGBA(image.Rect(0, 0, w, t))
	fill := func(x0, y0, x1, y1 int, c color.RGBA) {
		draw.Draw(img, image.Rect(x0, y0, x1, y1), image.NewUniform(c), image.Point{}, draw.Src)
	}
	shade := func(base, by int) uint8 { return uint8(base + rng.IntN(by)) }
	fill(0, 0, w, t, color.RGBA{shade(150, 40), shade(180, 40), shade(205, 40), 255})
	for x := 0; x < w; {
		wide, high := 24+rng.IntN(30), 40+rng.IntN(60)
		wall := color.RGBA{shade(120, 90), shade(110, 80), shade(100, 70), 255}
		fill(x, 110-high, x+wide, 110, wall)
		for y := 116 - high; y < 100; y += 14 {
			for k := x + 5; k < x+wide-6; k += 11 {
				fill(k, y, k+5, y+7, color.RGBA{60, 70, 84, 255})
			}
		}
		x += wide
	}
	fill(0, 110, w, t, color.RGBA{shade(84, 12), shade(86, 12), shade(90, 12), 255})
	for x := -rng.IntN(30); x < w; x += 34 {
		fill(x, 142, x+20, 146, color.RGBA{225, 225, 215, 255})
	}
	violet := color.RGBA{148, 118, 226, 255}
	fill(0, 0, w, 4, violet)
	fill(0, t-4, w, t, violet)
	fill(0, 0, 4, t, violet)
	fill(w-4, 0, w, t, violet)
	var out bytes.Buffer
	// an in-memory JPEG of that size cannot fail
	_ = jpeg.Encode(&out, img, &jpeg.Options{Quality: 70})
	return out.Bytes()
}
