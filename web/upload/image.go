package upload

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	_ "image/gif"
	"image/jpeg"
	_ "image/png"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp"
)

const (
	// maxSide is the most pixels a side; a photo that claims more is a trap for
	// whoever opens it.
	maxSide = 20_000
	// maxDecoded is the most memory that a photo may take to be decoded here, to
	// make a smaller copy: a telephone's 108 million pixels pass.
	maxDecoded = 512 << 20
	// smallSide is the longer side of a smaller copy.
	smallSide = 4096
)

// picture is a kind of image.
type picture struct{ contentType, extension string }

// pictures by their name in package image.
var pictures = map[string]picture{
	"jpeg": {"image/jpeg", ".jpg"},
	"png":  {"image/png", ".png"},
	"gif":  {"image/gif", ".gif"},
	"webp": {"image/webp", ".webp"},
}

// look says what body is by decoding its header: what a file is called, or
// said to be, proves nothing.
func look(body []byte) (picture, error) {
	c, kind, err := image.DecodeConfig(bytes.NewReader(body))
	if err != nil {
		return picture{}, fmt.Errorf("%w: JPEG, PNG, WebP, GIF", ErrNotImage)
	}
	if c.Width < 1 || c.Height < 1 || c.Width > maxSide || c.Height > maxSide {
		return picture{}, fmt.Errorf("%w: %d×%d", ErrNotImage, c.Width, c.Height)
	}
	return pictures[kind], nil
}

// bytesOf is how many bytes of memory a pixel takes while it is decoded.
func bytesOf(m color.Model, body []byte) int {
	progressive := false
	_, _ = segments(body, func(marker byte, _ []byte) { progressive = progressive || marker == 0xc2 })
	switch {
	case progressive: // image/jpeg keeps all coefficients, as int32
		return 4 * 4
	case m == color.RGBA64Model, m == color.NRGBA64Model:
		return 8
	case m == color.YCbCrModel, m == color.GrayModel:
		return 3
	}
	if _, ok := m.(color.Palette); ok {
		return 1
	}
	return 4
}

// smaller is a copy that the store of photos can hold, turned the right way up
// as the first one says.
func smaller(body []byte) ([]byte, error) {
	c, _, err := image.DecodeConfig(bytes.NewReader(body))
	if err != nil || c.Width*c.Height*bytesOf(c.ColorModel, body) > maxDecoded {
		return nil, fmt.Errorf("%w: %d×%d", ErrNotImage, c.Width, c.Height)
	}
	whole, _, err := image.Decode(bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotImage, err)
	}
	scale := min(1, smallSide/float64(max(c.Width, c.Height)))
	small := image.NewRGBA(image.Rect(0, 0, max(1, int(float64(c.Width)*scale)), max(1, int(float64(c.Height)*scale))))
	draw.ApproxBiLinear.Scale(small, small.Bounds(), whole, whole.Bounds(), draw.Src, nil)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, small, &jpeg.Options{Quality: 82}); err != nil {
		return nil, fmt.Errorf("make a smaller photo: %w", err)
	}
	return withOrientation(out.Bytes(), orientationOf(body)), nil
}
