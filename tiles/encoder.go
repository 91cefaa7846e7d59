package tiles

import (
	"math"
	"sync"

	"onecity/geo"

	"github.com/cespare/xxhash/v2"
)

// encoder writes one tile, layer by layer, feature by feature:
//
//	begin; { geometry (point, line, ring …); if shown { properties; feature } }; end
//
// Everything it needs is kept for the next tile; encoders come from a pool.
type encoder struct {
	frame frame
	zoom  uint8

	// of the layer being written
	spec      *Spec
	window    box
	tolerance int
	minArea2  int64
	features  []byte
	keys      keys
	values    values
	seen      [keyCount][8]seenText
	looks     looks

	// of the feature being written
	geometry commands
	tags     []byte
	hidden   bool // the last exterior ring was dropped, and its holes with it

	// scratch
	found    []found
	fetched  byte // so that what fetch reads is of use
	line     []pt
	clipA    []pt
	clipB    []pt
	simplify simplifier
}

// seenText remembers the value of a text that was put lately: classes, kinds
// and names repeat from feature to feature.
type seenText struct {
	text  string
	value uint32
}

var encoders = sync.Pool{New: func() any { return new(encoder) }}

// begin starts a layer.
func (e *encoder) begin(t Tile, spec *Spec) {
	e.frame, e.zoom, e.spec = t.frame(), t.Z, spec
	e.window = tileBox(spec.Buffer)
	e.tolerance = stepAt(spec.Tolerance, t.Z)
	e.minArea2 = 2 * int64(stepAt(spec.MinArea, t.Z))
	e.features = e.features[:0]
	e.keys.reset()
	e.values.reset()
	clear(e.seen[:])
	clear(e.looks[:])
	e.clear()
}

// clear forgets the feature that was being written.
func (e *encoder) clear() {
	e.geometry.reset()
	e.tags = e.tags[:0]
	e.hidden = false
}

// shown reports whether any geometry of the feature is left.
func (e *encoder) shown() bool { return len(e.geometry.buf) > 0 }

// end appends the layer to out; a layer without features is left out.
func (e *encoder) end(out []byte, name string) []byte {
	if len(e.features) == 0 {
		return out
	}
	size := 2 + 1 + varintLen(uint64(len(name))) + len(name) + len(e.features) + len(e.values.data) + 3
	for _, k := range e.keys.names {
		size += 1 + varintLen(uint64(len(k))) + len(k)
	}
	out = append(out, tileLayers)
	out = appendVarint(out, uint64(size))
	out = append(out, layerVersion, 2)
	out = appendString(out, layerName, name)
	out = append(out, e.features...)
	for _, k := range e.keys.names {
		out = appendString(out, layerKeys, k)
	}
	out = append(out, e.values.data...)
	out = append(out, layerExtent)
	return appendVarint(out, Extent)
}

// feature ends the feature.
func (e *encoder) feature(id uint64, typ byte) {
	size := 1 + varintLen(id) + 2 + 1 + varintLen(uint64(len(e.geometry.buf))) + len(e.geometry.buf)
	if len(e.tags) > 0 {
		size += 1 + varintLen(uint64(len(e.tags))) + len(e.tags)
	}
	b := append(e.features, layerFeatures)
	b = appendVarint(b, uint64(size))
	b = append(b, featureID)
	b = appendNumber(b, id)
	if len(e.tags) > 0 {
		b = appendBytes(b, featureTags, e.tags)
	}
	b = append(b, featureType, typ)
	e.features = appendBytes(b, featureGeometry, e.geometry.buf)
	e.clear()
}

// spot is a whole feature of one point at p, which looks like l, and whose ID
// is id unless that is left out: text, tags and geometry go where they belong
// without a buffer between.
func (e *encoder) spot(number uint64, p pt, id string, l *look) {
	x, y := zigzag(p.X), zigzag(p.Y)
	geometry := 1 + varintLen(x) + varintLen(y)
	tags := int(l.n)
	var k, value uint32
	if id != "" {
		e.values.text(id)
		k, value = e.keys.of(keyID), e.values.add()
		tags += varintLen(uint64(k)) + varintLen(uint64(value))
	}
	b := append(e.features, layerFeatures,
		byte(1+varintLen(number)+2+tags+2+2+geometry), // below 128: a look is short
		featureID)
	b = appendNumber(b, number)
	b = append(b, featureTags, byte(tags))
	if id != "" {
		b = appendVarint(b, uint64(k))
		b = appendVarint(b, uint64(value))
	}
	b = append(b, l.tags[:l.n]...)
	b = append(b, featureType, typePoint, featureGeometry, byte(geometry), moveTo|1<<3)
	b = appendStep(b, x)
	e.features = appendStep(b, y)
}

// numberBits is how wide a feature's number is: what JavaScript can hold.
const numberBits = 53

// featureNumber is a number for a name.
func featureNumber(id string) uint64 { return numberOf(xxhash.Sum64String(id)) }

// numberOf is the featureNumber of the name with that xxHash64.
func numberOf(hash uint64) uint64 { return hash >> (64 - numberBits) }

// point adds a point.
func (e *encoder) point(w geo.WorldPoint) {
	if p := e.frame.tile(w); e.shows(p) {
		e.geometry.points(p)
	}
}

// shows reports whether the tile has the point p. Without a buffer a point
// belongs to one tile only.
func (e *encoder) shows(p pt) bool {
	return e.window.holds(p) && (e.spec.Buffer > 0 || p.X < Extent && p.Y < Extent)
}

// points adds those of several points that the tile has.
func (e *encoder) points(ws []geo.WorldPoint) {
	e.line = e.line[:0]
	for _, w := range ws {
		if p := e.frame.tile(w); e.shows(p) {
			e.line = append(e.line, p)
		}
	}
	if len(e.line) > 0 {
		e.geometry.points(e.line...)
	}
}

// path adds a line, unless it is too short to be seen.
func (e *encoder) path(ws []geo.WorldPoint) {
	ps, b := e.project(ws)
	if len(ps) < 2 || !b.touches(e.window) || max(b.maxX-b.minX, b.maxY-b.minY) < int32(e.tolerance) {
		return
	}
	ps = e.simplify.line(ps, e.tolerance)
	if len(ps) == 2 && ps[0] == ps[1] {
		return // went out and came back
	}
	if b.within(e.window) {
		e.geometry.line(ps)
		return
	}
	e.clipA = clipLine(ps, e.window, e.clipA, e.geometry.line)
}

// ring adds a ring; exterior rings come before their holes. The first point
// may be repeated at the end or not, and the order may be either.
func (e *encoder) ring(ws []geo.WorldPoint, exterior bool) {
	if !exterior && e.hidden {
		return
	}
	drawn := e.drawRing(ws, exterior)
	if exterior {
		e.hidden = !drawn
	}
}

func (e *encoder) drawRing(ws []geo.WorldPoint, exterior bool) bool {
	ps, b := e.project(ws)
	if len(ps) > 1 && ps[0] == ps[len(ps)-1] {
		ps = ps[:len(ps)-1]
	}
	if len(ps) < 3 || !b.touches(e.window) ||
		2*int64(b.maxX-b.minX)*int64(b.maxY-b.minY) < e.minArea2 {
		return false
	}
	ps = e.simplify.ring(ps, e.tolerance)
	if !b.within(e.window) {
		ps, e.clipA, e.clipB = clipRing(ps, e.window, e.clipA, e.clipB)
	}
	ps = tidy(ps)
	a := area2(ps)
	if len(ps) < 3 || max(a, -a) < max(1, e.minArea2) {
		return false
	}
	e.geometry.ring(ps, (a > 0) != exterior)
	return true
}

// project puts ws into tile units without repeated points, and says what box
// they fill.
func (e *encoder) project(ws []geo.WorldPoint) ([]pt, box) {
	ps := e.line[:0]
	b := box{math.MaxInt32, math.MaxInt32, math.MinInt32, math.MinInt32}
	for _, w := range ws {
		p := e.frame.tile(w)
		if n := len(ps); n > 0 && ps[n-1] == p {
			continue
		}
		ps = append(ps, p)
		b.minX, b.maxX = min(b.minX, p.X), max(b.maxX, p.X)
		b.minY, b.maxY = min(b.minY, p.Y), max(b.maxY, p.Y)
	}
	e.line = ps[:0]
	return ps, b
}

// Properties. An absent one (empty string, NaN) is left out, as the map reads
// it as null either way.

func (e *encoder) text(k key, v string) {
	if v == "" {
		return
	}
	seen := &e.seen[k][(len(v)*5+int(v[len(v)-1]))&7]
	if seen.text != v {
		e.values.text(v)
		*seen = seenText{v, e.values.commit()}
	}
	e.tags = appendVarint(e.tags, uint64(e.keys.of(k)))
	e.tags = appendVarint(e.tags, uint64(seen.value))
}

// unique is a text that no other feature of the layer has: not looked for in
// the table of values.
func (e *encoder) unique(k key, v string) {
	e.values.text(v)
	e.tags = appendVarint(e.tags, uint64(e.keys.of(k)))
	e.tags = appendVarint(e.tags, uint64(e.values.add()))
}

func (e *encoder) flag(k key, v bool) {
	if !v {
		return
	}
	e.values.flag()
	e.tag(e.keys.of(k))
}

func (e *encoder) number(k key, v float64) {
	if e.putNumber(v) {
		e.tag(e.keys.of(k))
	}
}

// named is a number under a name that is not in the schema.
func (e *encoder) named(name string, v float64) {
	if e.putNumber(v) {
		e.tag(e.keys.named(name))
	}
}

func (e *encoder) putNumber(v float64) bool {
	const whole = 1 << 53
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return false
	case v == math.Trunc(v) && v >= 0 && v < whole:
		e.values.varint(valueUint, uint64(v))
	case v == math.Trunc(v) && v > -whole && v < 0:
		e.values.varint(valueSint, zigzag64(int64(v)))
	case math.Abs(v) > math.MaxFloat32:
		return false
	default:
		e.values.float(float32(v))
	}
	return true
}

// tag pairs a key with the value that has just been put.
func (e *encoder) tag(key uint32) {
	e.tags = appendVarint(e.tags, uint64(key))
	e.tags = appendVarint(e.tags, uint64(e.values.commit()))
}
