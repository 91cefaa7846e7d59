package tiles

import (
	"encoding/binary"
	"math"
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

func varintLen(v uint64) int {
	n := 1
	for v >= 0x80 {
		v >>= 7
		n++
	}
	return n
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
