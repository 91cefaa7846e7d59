package upload

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/jpeg"
	"image/png"
	"testing"
)

// withEXIF is a JPEG with a place, an orientation and a comment in it.
func withEXIF(t testing.TB, side byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 16, 8)), nil); err != nil {
		t.Fatal(err)
	}
	tiff := []byte{'I', 'I', 42, 0, 8, 0, 0, 0, 2, 0,
		0x12, 0x01, 3, 0, 1, 0, 0, 0, side, 0, 0, 0,
		0x25, 0x88, 4, 0, 1, 0, 0, 0, 99, 0, 0, 0, 0, 0, 0, 0}
	tiff = append(tiff, "GPS 31.38 120.98"...)
	segment := func(marker byte, body []byte) []byte {
		return append([]byte{0xff, marker, byte((len(body) + 2) >> 8), byte(len(body) + 2)}, body...)
	}
	out := append([]byte{}, b.Bytes()[:2]...)
	out = append(out, segment(0xe1, append([]byte("Exif\x00\x00"), tiff...))...)
	out = append(out, segment(0xe1, []byte("http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta>GPS</x:xmpmeta>"))...)
	out = append(out, segment(0xfe, []byte("GPS comment"))...)
	return append(out, b.Bytes()[2:]...)
}

func TestOthersSeeThePhotoWithoutItsPlaceAndTheRightWayUp(t *testing.T) {
	body := withEXIF(t, 6)
	before := bytes.Clone(body)
	got := Public("image/jpeg", body)
	if bytes.Contains(got, []byte("GPS")) {
		t.Error("the place is in it")
	}
	if !bytes.Equal(body, before) {
		t.Error("the photo itself was changed")
	}
	if side := orientationOf(got); side != 6 {
		t.Errorf("orientation %d", side)
	}
	if c, err := jpeg.DecodeConfig(bytes.NewReader(got)); err != nil || c.Width != 16 {
		t.Errorf("%+v %v", c, err)
	}
	if again := Public("image/jpeg", got); !bytes.Equal(again, got) {
		t.Error("twice is not once")
	}
}

func TestOthersSeeAPNGWithoutItsTexts(t *testing.T) {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 4, 4))); err != nil {
		t.Fatal(err)
	}
	chunk := func(kind, text string) []byte {
		out := binary.BigEndian.AppendUint32(nil, uint32(len(text)))
		out = append(out, kind+text...)
		return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE([]byte(kind+text)))
	}
	const head = 8 + 25 // signature, IHDR
	body := append([]byte{}, b.Bytes()[:head]...)
	body = append(body, chunk("tEXt", "GPS\x0031.38")...)
	body = append(body, b.Bytes()[head:]...)
	if got := Public("image/png", body); !bytes.Equal(got, b.Bytes()) {
		t.Errorf("%d bytes, want %d", len(got), b.Len())
	}
}

func TestOthersSeeAWebPWithoutEXIF(t *testing.T) {
	chunk := func(kind string, body []byte) []byte {
		out := append([]byte(kind), binary.LittleEndian.AppendUint32(nil, uint32(len(body)))...)
		out = append(out, body...)
		if len(body)%2 == 1 {
			out = append(out, 0)
		}
		return out
	}
	file := func(chunks ...[]byte) []byte {
		inner := append([]byte("WEBP"), bytes.Join(chunks, nil)...)
		return append(append([]byte("RIFF"), binary.LittleEndian.AppendUint32(nil, uint32(len(inner)))...), inner...)
	}
	picture := chunk("VP8L", []byte{1, 2, 3})
	got := Public("image/webp", file(chunk("VP8X", []byte{0x0c, 0, 0, 0, 9, 0, 0, 9, 0, 0}), picture, chunk("EXIF", []byte("GPS"))))
	if want := file(chunk("VP8X", []byte{0, 0, 0, 0, 9, 0, 0, 9, 0, 0}), picture); !bytes.Equal(got, want) {
		t.Errorf("% x", got)
	}
}

func FuzzPublic(f *testing.F) {
	f.Add("image/jpeg", withEXIF(f, 3))
	f.Add("image/png", []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x00IEND\xaeB`\x82"))
	f.Add("image/webp", []byte("RIFF\x10\x00\x00\x00WEBPVP8 \x00\x00\x00\x00"))
	f.Add("image/jpeg", []byte{0xff, 0xd8, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		before := bytes.Clone(body)
		got := Public(kind, body)
		if !bytes.Equal(body, before) {
			t.Fatal("the argument was changed")
		}
		if len(got) > len(body)+64 {
			t.Fatalf("it grew from %d to %d", len(body), len(got))
		}
	})
}
