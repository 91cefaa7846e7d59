package tiles

import (
	"math"

	"onecity/cim"
)

// looks remembers, within a layer, how the properties of objects were written:
// lamps of a kind, houses of a height say the same of themselves (their ID
// apart) a thousand times in a tile.
type looks [64]look

type look struct {
	class, kind, name, nameEn string
	height, base              float32
	made                      bool
	n                         uint8 // of tags; 0 in a look that was not used
	tags                      [34]byte
}

// of is the only look that could be o's.
func (ls *looks) of(o *cim.Object) *look {
	h := math.Float32bits(o.Height)>>16 + uint32(len(o.Kind))*7
	if o.Kind != "" {
		h += uint32(o.Kind[0]) * 31
	}
	h += uint32(len(o.Name)) * 13
	return &ls[(h^h>>6)%uint32(len(ls))]
}

// fits reports whether o looks like l.
func (l *look) fits(o *cim.Object) bool {
	return l.n > 0 && l.height == o.Height && l.base == o.Base && l.made == o.Made &&
		l.kind == o.Kind && l.class == o.Class && l.name == o.Name && l.nameEn == o.NameEn
}

// keep makes l the look of o, which was written as tags.
func (l *look) keep(o *cim.Object, tags []byte) {
	if len(tags) > len(l.tags) {
		l.n = 0
		return
	}
	l.class, l.kind, l.name, l.nameEn = o.Class, o.Kind, o.Name, o.NameEn
	l.height, l.base, l.made = o.Height, o.Base, o.Made
	l.n = uint8(copy(l.tags[:], tags))
}
