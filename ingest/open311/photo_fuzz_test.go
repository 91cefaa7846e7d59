package open311

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color/palette"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"mime/multipart"
	"runtime/metrics"
	"strings"
	"testing"
)

// asPart is how a form hands a photo over.
func asPart(t *testing.T, body []byte) *multipart.FileHeader {
	t.Helper()
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, err := w.CreateFormFile("media", "照片.jpg")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	read, err := multipart.NewReader(&form, w.Boundary()).ReadForm(32 << 20)
	if err != nil {
		t.Fatal(err)
	}
	return read.File["media"][0]
}

// FuzzPhoto: bytes are a photo of one of the four kinds, or are refused with a
// reason. Only the header is looked at, so one that claims a picture of
// gigapixels costs nothing.
func FuzzPhoto(f *testing.F) {
	img := image.NewPaletted(image.Rect(0, 0, 4, 4), palette.WebSafe)
	pictures := map[string][]byte{
		// The smallest lossless WebP: one pixel.
		"webp": []byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"),
	}
	for kind, encode := range map[string]func(io.Writer) error{
		"png":  func(w io.Writer) error { return png.Encode(w, img) },
		"jpeg": func(w io.Writer) error { return jpeg.Encode(w, img, nil) },
		"gif":  func(w io.Writer) error { return gif.Encode(w, img, nil) },
	} {
		var b bytes.Buffer
		if err := encode(&b); err != nil {
			f.Fatal(err)
		}
		pictures[kind] = b.Bytes()
	}
	for kind, b := range pictures {
		if config, got, err := image.DecodeConfig(bytes.NewReader(b)); err != nil || got != kind || config.Width < 1 {
			f.Fatalf("the seed %s is a %s: %v", kind, got, err)
		}
		f.Add(b)
		f.Add(b[:len(b)/2])
		f.Add(append(bytes.Clone(b), "<script>"...))
	}
	// Sizes that are claimed and not there.
	huge := bytes.Clone(pictures["png"])
	binary.BigEndian.PutUint32(huge[16:], 0x7fffffff)
	binary.BigEndian.PutUint32(huge[20:], 0x7fffffff)
	f.Add(huge)
	huge = bytes.Clone(pictures["gif"])
	copy(huge[6:], "\xff\xff\xff\xff")
	f.Add(huge)
	f.Add([]byte("RIFF\x16\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x10\x00\x00\x00\xff\xff\xff\xff\xff\xff"))

	f.Fuzz(func(t *testing.T, b []byte) {
		part := asPart(t, b)
		before := allocated()
		p, problem := readPhoto(part)
		if asked := allocated() - before; asked > 1<<20+int64(8*len(b)) {
			t.Errorf("%d bytes made it ask for %d bytes of memory", len(b), asked)
		}
		if problem != nil {
			if problem.Field == "" || problem.Code == "" || problem.Message == "" {
				t.Errorf("it is refused without a reason: %+v", problem)
			}
			return
		}
		if !bytes.Equal(p.body, b) {
			t.Error("what is kept is not what was sent")
		}
		known := false
		for _, k := range kinds {
			known = known || p.contentType == k.contentType && strings.HasSuffix(p.name, k.extension)
		}
		if !known || strings.ContainsAny(p.name, `/\`) {
			t.Errorf("kept as %q, %q", p.name, p.contentType)
		}
	})
}

// allocated is how many bytes the program has ever asked the heap for.
func allocated() int64 {
	s := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(s)
	return int64(s[0].Value.Uint64())
}
