package tiles

// Geometry types of a feature (MVT 2.1 §4.3.4).
const (
	typePoint   = 1
	typeLine    = 2
	typePolygon = 3
)

// Commands (MVT 2.1 §4.3.1): id in the low three bits, count above.
const (
	moveTo    = 1
	lineTo    = 2
	closePath = 7
)

// commands is the geometry of one feature as it goes into the tile: command
// integers, and zigzag steps from the cursor, which starts at 0, 0.
type commands struct {
	buf    []byte
	cursor pt
}

func (c *commands) reset() { c.buf, c.cursor = c.buf[:0], pt{} }

func (c *commands) command(id, count int) {
	c.buf = appendVarint(c.buf, uint64(id&7)|uint64(count)<<3)
}

func (c *commands) step(p pt) {
	c.buf = appendStep(c.buf, zigzag(p.X-c.cursor.X))
	c.buf = appendStep(c.buf, zigzag(p.Y-c.cursor.Y))
	c.cursor = p
}

// points is a (multi)point (§4.3.4.2).
func (c *commands) points(ps ...pt) {
	c.command(moveTo, len(ps))
	for _, p := range ps {
		c.step(p)
	}
}

// line adds one line (§4.3.4.3). ps has at least two points, no two
// neighbours the same.
func (c *commands) line(ps []pt) {
	c.command(moveTo, 1)
	c.step(ps[0])
	c.command(lineTo, len(ps)-1)
	for _, p := range ps[1:] {
		c.step(p)
	}
}

// ring adds one ring (§4.3.4.4) of at least three points, the first not
// repeated at the end, in the order given or backwards.
func (c *commands) ring(ps []pt, backwards bool) {
	c.command(moveTo, 1)
	c.step(ps[0])
	c.command(lineTo, len(ps)-1)
	if backwards {
		for i := len(ps) - 1; i > 0; i-- {
			c.step(ps[i])
		}
	} else {
		for _, p := range ps[1:] {
			c.step(p)
		}
	}
	c.command(closePath, 1)
}

// area2 is twice the signed area of a ring by the surveyor's formula, in tile
// coordinates: positive for an exterior ring (§4.3.4.4), which on the screen,
// y downwards, goes clockwise.
func area2(ps []pt) int64 {
	if len(ps) == 0 {
		return 0
	}
	var sum int64
	p := ps[len(ps)-1]
	for _, q := range ps {
		sum += int64(p.X)*int64(q.Y) - int64(q.X)*int64(p.Y)
		p = q
	}
	return sum
}

// box is a rectangle in tile units, edges included.
type box struct{ minX, minY, maxX, maxY int32 }

func tileBox(buffer int32) box { return box{-buffer, -buffer, Extent + buffer, Extent + buffer} }

func (b box) within(o box) bool {
	return b.minX >= o.minX && b.maxX <= o.maxX && b.minY >= o.minY && b.maxY <= o.maxY
}

func (b box) touches(o box) bool {
	return b.minX <= o.maxX && b.maxX >= o.minX && b.minY <= o.maxY && b.maxY >= o.minY
}

func (b box) holds(p pt) bool {
	return p.X >= b.minX && p.X <= b.maxX && p.Y >= b.minY && p.Y <= b.maxY
}
