package upload

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
)

func TestOthersDoNotGetWhatATelephonePutBehindThePicture(t *testing.T) {
	var j, p bytes.Buffer
	noise := image.NewGray(image.Rect(0, 0, 64, 64))
	for i := range noise.Pix {
		noise.Pix[i] = byte(i * i * 31)
	}
	if err := errors.Join(jpeg.Encode(&j, noise, &jpeg.Options{Quality: 100}), png.Encode(&p, noise)); err != nil {
		t.Fatal(err)
	}
	for kind, body := range map[string][]byte{"image/jpeg": j.Bytes(), "image/png": p.Bytes()} {
		film := append(withEXIF(t, 1), "ftypmp42 moov ©xyz+31.38+120.98/ GPS"...)
		got := Public(kind, append(bytes.Clone(body), film...))
		if bytes.Contains(got, []byte("GPS")) || !bytes.Equal(got, Public(kind, body)) {
			t.Errorf("%s: %d bytes of a picture of %d", kind, len(got), len(body))
		}
		if _, _, err := image.Decode(bytes.NewReader(got)); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

// claims is a PNG that says it has that many pixels, of 16 bits in four colours.
func claims(side uint32) []byte {
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte("IHDR"), side), side)
	head = append(head, 16, 6, 0, 0, 0)
	out := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	return binary.BigEndian.AppendUint32(append(out, head...), crc32.ChecksumIEEE(head))
}

func TestAPhotoThatWouldTakeTooMuchMemoryIsNotDecoded(t *testing.T) {
	if _, err := smaller(claims(11_000)); !errors.Is(err, ErrNotImage) || !strings.Contains(err.Error(), "11000×11000") {
		t.Errorf("121 million pixels of 8 bytes each: %v", err)
	}
	progressive := []byte{0xff, 0xd8, 0xff, 0xc2, 0, 11, 8, 0, 16, 0, 16, 1, 1, 0x11, 0, 0xff, 0xd9}
	if n := bytesOf(color.YCbCrModel, progressive); n != 16 {
		t.Errorf("a progressive JPEG takes %d bytes a pixel", n)
	}
}
