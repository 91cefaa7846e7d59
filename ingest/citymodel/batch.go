package citymodel

import (
	"onecity/cim"

	"github.com/paulmach/orb"
)

// What a fact takes on the wire is kept below a bound by adding up upper bounds
// of what its objects take there, which is cheaper than encoding them twice.
const (
	envelope    = 64  // {"objects":[…]}
	perObject   = 360 // names of members, numbers, punctuation
	perPoint    = 40  // "[-123.4567891,-12.3456789]," and brackets of rings
	perAttr     = 8   // "…":"…",
	perGeometry = 64
)

type batch struct {
	objects []cim.Object
	size    int
}

func (b *batch) add(o cim.Object, size int) {
	b.objects = append(b.objects, o)
	b.size += size
}

// objectSize is an upper bound of the bytes that o takes in JSON.
func objectSize(o *cim.Object) int {
	n := perObject + textSize(o.ID) + textSize(o.Class) + textSize(o.Kind) + textSize(o.Name) + textSize(o.NameEn) + textSize(o.Source)
	for k, v := range o.Attributes {
		n += perAttr + textSize(k) + textSize(v)
	}
	return n + geometrySize(o.Geometry)
}

func geometrySize(g orb.Geometry) int {
	n := perGeometry
	eachPoint(g, func(orb.Point) bool { n += perPoint; return true })
	return n
}

// textSize is the length of s as JSON: what may be escaped takes 6 bytes.
func textSize(s string) int {
	n := len(s)
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ', c == '"', c == '\\', c == '<', c == '>', c == '&', c == 0x7f:
			n += 5
		case c >= 0x80:
			n += 2 // an invalid byte becomes U+FFFD, U+2028 an escape
		}
	}
	return n
}
