package upload

import (
	"bytes"
	"encoding/binary"
)

// publicPNG leaves the chunks of a PNG out that say something beside the picture
// (W3C PNG 3rd edition, 11.3: eXIf, tEXt, zTXt, iTXt, tIME).
func publicPNG(body []byte) []byte {
	const head = 8
	if len(body) < head {
		return body
	}
	out := append(make([]byte, 0, len(body)), body[:head]...)
	for at := head; at < len(body); {
		if at+12 > len(body) {
			return body
		}
		size := uint64(binary.BigEndian.Uint32(body[at:])) + 12
		if uint64(at)+size > uint64(len(body)) {
			return body
		}
		switch string(body[at+4 : at+8]) {
		case "eXIf", "tEXt", "zTXt", "iTXt", "tIME":
		default:
			out = append(out, body[at:at+int(size)]...)
		}
		if string(body[at+4:at+8]) == "IEND" {
			break // nothing of the picture stands behind it
		}
		at += int(size)
	}
	return out
}

// publicWebP leaves EXIF and XMP out of a WebP and says so in its header
// (RFC 9649, 2.7).
func publicWebP(body []byte) []byte {
	const head = 12
	if len(body) < head || !bytes.Equal(body[:4], []byte("RIFF")) {
		return body
	}
	out := append(make([]byte, 0, len(body)), body[:head]...)
	for at := head; at < len(body); {
		if at+8 > len(body) {
			return body
		}
		size := uint64(binary.LittleEndian.Uint32(body[at+4:])) + 8
		size += size & 1
		if uint64(at)+size > uint64(len(body)) {
			return body
		}
		chunk := body[at : at+int(size)]
		switch string(chunk[:4]) {
		case "EXIF", "XMP ":
		case "VP8X":
			kept := bytes.Clone(chunk)
			if len(kept) > 8 {
				kept[8] &^= 0x08 | 0x04 // there is EXIF, there is XMP
			}
			out = append(out, kept...)
		default:
			out = append(out, chunk...)
		}
		at += int(size)
	}
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out
}
