package tiles

import (
	"bytes"

	"github.com/cespare/xxhash/v2"
)

// values is a layer's table of distinct property values (MVT 2.1 §4.1,
// §4.4). A value is kept as its encoded bytes, as they stand in the layer, so
// equal means equal on the wire and no string of the model is held on to. Emptying it costs nothing:
// slots of an older generation count as free.
type values struct {
	data  []byte   // encoded values fields of the layer, one after another
	ends  []uint32 // end of each in data
	slots []slot   // open addressing, a power of two long
	gen   uint32
}

type slot struct {
	hash  uint64
	index uint32
	gen   uint32
}

func (v *values) reset() {
	v.data, v.ends = v.data[:0], v.ends[:0]
	if v.gen++; v.gen == 0 { // once in four billion layers
		clear(v.slots)
		v.gen = 1
	}
	if v.slots == nil {
		v.slots = make([]slot, 1024)
	}
}

func (v *values) text(s string) {
	n := uint64(len(s))
	if n < 0x7e {
		v.data = append(v.data, layerValues, byte(n+2), valueString, byte(n))
		v.data = append(v.data, s...)
		return
	}
	v.data = append(v.data, layerValues)
	v.data = appendVarint(v.data, 1+uint64(varintLen(n))+n)
	v.data = appendString(v.data, valueString, s)
}

// flag is true; false is left out.
func (v *values) flag() { v.data = append(v.data, layerValues, 2, valueBool, 1) }

func (v *values) varint(tag byte, n uint64) {
	v.data = append(v.data, layerValues, byte(1+varintLen(n)), tag)
	v.data = appendVarint(v.data, n)
}

func (v *values) float(f float32) {
	v.data = append(v.data, layerValues, 5)
	v.data = appendFloat(v.data, valueFloat, f)
}

// commit makes the bytes that were appended to data since the last commit a
// value, or drops them when the table has an equal one, and returns its index.
func (v *values) commit() uint32 {
	start := v.start(len(v.ends))
	fresh := v.data[start:]
	h := xxhash.Sum64(fresh)
	mask := uint64(len(v.slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		s := &v.slots[i]
		if s.gen != v.gen {
			index := uint32(len(v.ends))
			*s = slot{hash: h, index: index, gen: v.gen}
			v.ends = append(v.ends, uint32(len(v.data)))
			if len(v.ends)*2 > len(v.slots) {
				v.grow()
			}
			return index
		}
		if s.hash == h && bytes.Equal(v.at(s.index), fresh) {
			v.data = v.data[:start]
			return s.index
		}
	}
}

// add is commit for a value that the table cannot have; it will not be found.
func (v *values) add() uint32 {
	v.ends = append(v.ends, uint32(len(v.data)))
	return uint32(len(v.ends) - 1)
}

func (v *values) start(index int) int {
	if index == 0 {
		return 0
	}
	return int(v.ends[index-1])
}

func (v *values) at(index uint32) []byte { return v.data[v.start(int(index)):v.ends[index]] }

func (v *values) grow() {
	old := v.slots
	v.slots = make([]slot, 2*len(old))
	mask := uint64(len(v.slots) - 1)
	for _, s := range old {
		if s.gen != v.gen {
			continue
		}
		i := s.hash & mask
		for v.slots[i].gen == v.gen {
			i = (i + 1) & mask
		}
		v.slots[i] = s
	}
}

// keys is a layer's table of property names. The names of the schema have a
// fixed place each, so that finding one is an array access; others (observed
// properties of a cell) are looked for one by one, there are few.
type keys struct {
	names []string
	known [keyCount]uint32 // index + 1, 0 when the layer has not used it
}

func (k *keys) reset() {
	clear(k.names)
	k.names = k.names[:0]
	k.known = [keyCount]uint32{}
}

func (k *keys) of(key key) uint32 {
	if i := k.known[key]; i != 0 {
		return i - 1
	}
	k.names = append(k.names, key.String())
	k.known[key] = uint32(len(k.names))
	return uint32(len(k.names) - 1)
}

// named is of for a name that need not be in the schema.
func (k *keys) named(name string) uint32 {
	for i, n := range keyNames {
		if n == name {
			return k.of(key(i))
		}
	}
	for i, n := range k.names {
		if n == name {
			return uint32(i)
		}
	}
	k.names = append(k.names, name)
	return uint32(len(k.names) - 1)
}
