package tiles

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// The protocol buffers wire format, as much of it as a tile needs. A tag is
// field number << 3 | wire type, written out so that the field numbers can be
// read against vector_tile.proto.
const (
	tileLayers = 3<<3 | 2

	layerVersion  = 15<<3 | 0
	layerName     = 1<<3 | 2
	layerFeatures = 2<<3 | 2
	layerKeys     = 3<<3 | 2
	layerValues   = 4<<3 | 2
	layerExtent   = 5<<3 | 0

	featureID       = 1<<3 | 0
	featureTags     = 2<<3 | 2
	featureType     = 3<<3 | 0
	featureGeometry = 4<<3 | 2

	valueString = 1<<3 | 2
	valueFloat  = 2<<3 | 5
	valueUint   = 5<<3 | 0
	valueSint   = 6<<3 | 0
	valueBool   = 7<<3 | 0
)

func appendVarint(b []byte, v uint64) []byte {
	for v >= 0x80 {
		b = append(b, byte(v)|0x80)
		v >>= 7
	}
	return append(b, byte(v))
}

func varintLen(v uint64) int { return (bits.Len64(v|1) + 6) / 7 }

// appendStep is appendVarint for a step of a geometry: whether it takes one byte
// or two no processor can foretell, so these two are not a branch.
func appendStep(b []byte, v uint64) []byte {
	if v >= 1<<14 {
		return appendVarint(b, v)
	}
	more := (0x7f - v) >> 63 // 1 when there is a second byte
	b = append(b, byte(v)&0x7f|byte(more<<7), byte(v>>7))
	return b[:uint64(len(b))-1+more]
}

// appendNumber is appendVarint for the number of a feature, which nearly always
// takes eight bytes.
func appendNumber(b []byte, v uint64) []byte {
	if v>>49 == 0 || v>>56 != 0 {
		return appendVarint(b, v)
	}
	return append(b, byte(v)|0x80, byte(v>>7)|0x80, byte(v>>14)|0x80, byte(v>>21)|0x80,
		byte(v>>28)|0x80, byte(v>>35)|0x80, byte(v>>42)|0x80, byte(v>>49))
}

func appendString(b []byte, tag byte, s string) []byte {
	b = append(b, tag)
	b = appendVarint(b, uint64(len(s)))
	return append(b, s...)
}

func appendBytes(b []byte, tag byte, p []byte) []byte {
	b = append(b, tag)
	b = appendVarint(b, uint64(len(p)))
	return append(b, p...)
}

func appendFloat(b []byte, tag byte, v float32) []byte {
	b = append(b, tag)
	return binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
}

// zigzag maps small numbers of either sign to small unsigned ones.
func zigzag(v int32) uint64 { return uint64(uint32(v<<1) ^ uint32(v>>31)) }

func zigzag64(v int64) uint64 { return uint64(v<<1) ^ uint64(v>>63) }
