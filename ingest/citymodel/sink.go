package citymodel

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"onecity/cim"
	"onecity/geo"

	"github.com/cespare/xxhash/v2"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// sink is the one road of a feature into the model: map, convert, check,
// batch. A reader pushes into it; it has one owner.
type sink struct {
	ctx      context.Context
	o        *Options
	from     reader
	emit     func(cim.Fact) error
	progress Progress
	report   *Report
	state    State

	layers cim.Layers
	crs    geo.CRS
	named  string // the name that crs was made of
	ready  bool
	within orb.Bound

	seen    map[uint64]struct{}
	batch   batch
	regions []boundary
	outline orb.MultiPolygon // of the outermost regions, once they are known
}

// wants says whether a feature with these tags can become anything.
func (s *sink) wants(tags map[string]string) bool {
	return s.o.Mapping.rule(s.layers, tags, "") != nil
}

// skip counts a feature that a reader leaves out, leave one that was counted.
func (s *sink) skip(reason string) { s.count(); s.leave(reason) }

func (s *sink) leave(reason string) { s.report.Skipped[reason]++; s.state.Skipped++ }

func (s *sink) at(read int64) { s.state.Read = read; s.tell() }

func (s *sink) tell() {
	if s.progress != nil {
		s.progress(s.state)
	}
}

func (s *sink) reject(id, place string, why *Reason) error {
	s.count()
	return s.refuse(id, place, why)
}

// refuse rejects a feature that was counted.
func (s *sink) refuse(id, place string, why *Reason) error {
	s.report.reject(id, place, why)
	s.state.Rejected++
	if limit := s.o.MaxRejected; limit > 0 && s.report.RejectedTotal > limit {
		return fmt.Errorf("%d features were rejected, more than allowed; the last, %s: %w", s.report.RejectedTotal, place, why)
	}
	return nil
}

func (s *sink) count() {
	s.report.Features++
	s.state.Features++
	if s.state.Features%256 == 0 {
		s.tell()
	}
}

// feature takes one in. Its error is one that ends the import; what is wrong
// with the feature itself is in the report.
func (s *sink) feature(f Feature) error {
	if s.report.Features%1024 == 0 {
		if err := s.ctx.Err(); err != nil {
			return err
		}
	}
	rule := s.o.Mapping.rule(s.layers, f.Tags, shapeOf(f.Geometry))
	if rule == nil {
		s.skip("no rule of the mapping wants it")
		return nil
	}
	if err := s.settleCRS(); err != nil {
		return err
	}
	id := s.idOf(&f)
	h := xxhash.Sum64String(id)
	if _, twice := s.seen[h]; twice {
		return s.reject(id, f.Place, because("duplicate-id", "the file has the id %s twice", quoteShort(id)))
	}
	g, why := s.shape(f.Geometry)
	if why != nil {
		return s.reject(id, f.Place, why)
	}
	if s.o.Within != nil && !s.touches(g) {
		if s.touches(tidy(f.Geometry, swapped)) {
			return s.reject(id, f.Place, because("swapped-lon-lat", "it lies in the city only when latitude and longitude change places"))
		}
		s.skip(outsideCity)
		return nil
	}
	if rule.Layer == cim.LayerRegions {
		b, why := s.boundary(&f, id, g)
		if why != nil {
			return s.reject(id, f.Place, why)
		}
		s.regions = append(s.regions, b)
		s.seen[h] = struct{}{}
		s.count()
		return nil
	}
	g, why = fit(rule.Layer, g)
	if why != nil {
		return s.reject(id, f.Place, why)
	}
	o := s.object(&f, id, rule, g)
	size := objectSize(&o)
	if size > s.o.MaxBatchBytes {
		return s.reject(id, f.Place, because("too-large", "it takes %d bytes, more than a fact may have (%d)", size, s.o.MaxBatchBytes))
	}
	s.seen[h] = struct{}{}
	s.count()
	return s.put(o, size)
}

// settleCRS finds out which system the file's coordinates are in.
func (s *sink) settleCRS() error {
	name := s.o.CRS
	if name == "" {
		name = s.from.crs()
	}
	if s.ready && name == s.named {
		return nil
	}
	c := geo.CGCS2000
	if name != "" {
		var err error
		if c, err = geo.ParseCRS(name); err != nil {
			return fmt.Errorf("the file's coordinates: %w; convert the file, or declare another", err)
		}
	}
	s.crs, s.named, s.ready = c, name, true
	s.report.CRS = c.String()
	return nil
}

func (s *sink) idOf(f *Feature) string {
	id := f.ID
	if id == "" {
		id = first(f.Tags, s.o.Mapping.ID)
	}
	if id == "" {
		id = strings.ReplaceAll(f.Place, " ", "-")
	}
	if strings.HasPrefix(id, "osm/") {
		return id
	}
	return s.o.IDPrefix + "/" + id
}

// shape converts to CGCS2000, rounds to 1e-7° (1 cm, what the sources have),
// drops points that repeat and checks what is left.
func (s *sink) shape(g orb.Geometry) (orb.Geometry, *Reason) {
	if g == nil {
		return nil, because("no-geometry", "it has no geometry")
	}
	raw := g
	g = tidy(g, s.crs.ToCGCS2000)
	if err := geo.Validate(g); err != nil {
		// In China longitude is above 90°, which no latitude is.
		if errors.Is(err, geo.ErrOffGlobe) && geo.Validate(tidy(raw, swapped)) == nil {
			return nil, because("swapped-lon-lat", "%v; it is a place when latitude and longitude change places", err)
		}
		return nil, because("invalid-geometry", "geometry: %v", err)
	}
	return g, nil
}

const outsideCity = "outside the city"

func swapped(p orb.Point) orb.Point { return orb.Point{p[1], p[0]} }

// touches says whether a point of g (any vertex, or the middle of its bound)
// lies in the city.
func (s *sink) touches(g orb.Geometry) bool {
	if b := g.Bound(); !b.Intersects(s.within) {
		return false
	}
	found := false
	eachPoint(g, func(p orb.Point) bool {
		found = s.within.Contains(p) && planar.MultiPolygonContains(s.o.Within, p)
		return !found
	})
	return found || planar.MultiPolygonContains(s.o.Within, g.Bound().Center())
}

func (s *sink) object(f *Feature, id string, rule *Rule, g orb.Geometry) cim.Object {
	m := s.o.Mapping
	o := cim.Object{
		ID: id, Layer: rule.Layer, Class: rule.Class, Kind: rule.kind(f.Tags),
		Name: first(f.Tags, m.Name), NameEn: first(f.Tags, m.NameEn),
		Geometry: g, Source: s.o.Source, Made: s.o.Made,
	}
	if o.Class == "" {
		o.Class = f.Class
	}
	if o.Class == "" {
		o.Class = classes[rule.Layer]
	}
	if rule.Layer == cim.LayerBuildings || f.Height > 0 {
		o.Height, o.Base = m.heights(f)
	}
	o.Attributes = m.keep(f.Tags)
	return o
}

func (m *Mapping) keep(tags map[string]string) map[string]string {
	if len(m.Keep) == 1 && m.Keep[0] == "*" {
		if len(tags) == 0 {
			return nil
		}
		return tags
	}
	var kept map[string]string
	for _, k := range m.Keep {
		if v := tags[k]; v != "" {
			if kept == nil {
				kept = make(map[string]string, 4)
			}
			kept[k] = v
		}
	}
	return kept
}

// put adds an object to the batch and sends the batch when it is full.
func (s *sink) put(o cim.Object, size int) error {
	if s.batch.size+size > s.o.MaxBatchBytes || len(s.batch.objects) >= s.o.MaxBatchObjects {
		if err := s.flush(); err != nil {
			return err
		}
	}
	s.batch.add(o, size)
	return nil
}

func (s *sink) flush() error {
	if len(s.batch.objects) == 0 {
		return nil
	}
	for _, o := range s.batch.objects {
		s.report.Objects[o.Layer]++
	}
	s.state.Emitted += len(s.batch.objects)
	if err := s.emit(cim.ObjectsPut{Objects: s.batch.objects}); err != nil {
		return err
	}
	s.batch = batch{size: envelope}
	s.tell()
	return nil
}

// round7 rounds to 1e-7; NaN and infinity stay what they are.
func round7(v float64) float64 { return math.Round(v*1e7) / 1e7 }
