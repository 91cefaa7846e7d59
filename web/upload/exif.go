package upload

import (
	"bytes"
	"encoding/binary"
)

// exifHead begins the APP1 segment of a JPEG that holds EXIF (CIPA DC-008, 4.5.4).
var exifHead = []byte("Exif\x00\x00")

// Public is a photo as others may see it: without what the camera wrote into it
// beside the picture, such as where and when it was taken (EXIF, XMP, IPTC,
// comments), but for which side is up. What is no JPEG, PNG or WebP, or is
// broken, comes back as it is. The argument is not changed.
func Public(contentType string, body []byte) []byte {
	switch contentType {
	case "image/jpeg":
		return publicJPEG(body)
	case "image/png":
		return publicPNG(body)
	case "image/webp":
		return publicWebP(body)
	}
	return body
}

// segments calls fn for each segment of a JPEG before its picture: the marker,
// and the segment with its marker and length. rest is from where fn was not
// called any more; ok is false for what is no JPEG.
func segments(body []byte, fn func(marker byte, segment []byte)) (rest []byte, ok bool) {
	if len(body) < 4 || body[0] != 0xff || body[1] != 0xd8 {
		return body, false
	}
	at := 2
	for at+4 <= len(body) && body[at] == 0xff {
		marker := body[at+1]
		if marker == 0xda || marker == 0xd9 { // the picture, the end
			break
		}
		if marker == 0xff { // padding
			at++
			continue
		}
		size := 2 + int(binary.BigEndian.Uint16(body[at+2:]))
		if size < 4 || at+size > len(body) {
			return body, false
		}
		fn(marker, body[at:at+size])
		at += size
	}
	return body[at:], true
}

func publicJPEG(body []byte) []byte {
	out := make([]byte, 0, len(body)+64)
	out = append(out, 0xff, 0xd8)
	out = append(out, orientationSegment(orientationOf(body))...)
	rest, ok := segments(body, func(marker byte, segment []byte) {
		switch marker {
		case 0xe1, 0xed, 0xfe: // EXIF and XMP, IPTC, comment
		default:
			out = append(out, segment...)
		}
	})
	if !ok {
		return body
	}
	return append(out, onlyPicture(rest)...)
}

// onlyPicture cuts off what stands behind a JPEG's picture: telephones put a film
// of the moment there, with its sound and place, and second pictures with EXIF of
// their own.
func onlyPicture(rest []byte) []byte {
	for at := 0; at+1 < len(rest); {
		switch marker := rest[at+1]; {
		case rest[at] != 0xff, marker == 0xff, marker == 0, marker >= 0xd0 && marker <= 0xd7: // pixels, padding, stuffing, restarts
			at++
		case marker == 0xd9:
			return rest[:at+2]
		case at+4 > len(rest):
			return rest
		default: // a further table or scan
			at += 2 + int(binary.BigEndian.Uint16(rest[at+2:]))
		}
	}
	return rest
}

// orientationOf is EXIF's Orientation (tag 0x0112), 1 (upright) … 8; 0 when
// the photo says none.
func orientationOf(body []byte) (side uint16) {
	_, _ = segments(body, func(marker byte, segment []byte) {
		if marker == 0xe1 && bytes.HasPrefix(segment[4:], exifHead) && side == 0 {
			side = orientationIn(segment[4+len(exifHead):])
		}
	})
	return side
}

// orientationIn reads it from a TIFF header and its first directory.
func orientationIn(tiff []byte) uint16 {
	if len(tiff) < 8 {
		return 0
	}
	var order binary.ByteOrder = binary.BigEndian
	if tiff[0] == 'I' {
		order = binary.LittleEndian
	}
	first := uint64(order.Uint32(tiff[4:]))
	if first+2 > uint64(len(tiff)) {
		return 0
	}
	entries := tiff[first+2:]
	for n := order.Uint16(tiff[first:]); n > 0 && len(entries) >= 12; n-- {
		if order.Uint16(entries) == 0x0112 {
			if side := order.Uint16(entries[8:]); side <= 8 {
				return side
			}
			return 0
		}
		entries = entries[12:]
	}
	return 0
}

// orientationSegment is an APP1 segment that says nothing else; none for 0 and
// for upright.
func orientationSegment(side uint16) []byte {
	if side <= 1 {
		return nil
	}
	tiff := []byte{'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, byte(side), 0, 0, 0, 0, 0, 0}
	size := 2 + len(exifHead) + len(tiff)
	out := append([]byte{0xff, 0xe1, byte(size >> 8), byte(size)}, exifHead...)
	return append(out, tiff...)
}

func withOrientation(jpeg []byte, side uint16) []byte {
	s := orientationSegment(side)
	if s == nil || len(jpeg) < 2 {
		return jpeg
	}
	return append(append(append(make([]byte, 0, len(jpeg)+len(s)), jpeg[:2]...), s...), jpeg[2:]...)
}
