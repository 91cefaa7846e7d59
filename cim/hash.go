package cim

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
)

// Hash is equal for equal cities, in any process (SHA-256 over a canonical
// encoding of the whole state). It visits everything: seconds, not microseconds.
//
// Equal cities tell every reader the same at the same time: the profile,
// regions, formula, objects, devices, units, incidents, values, windows,
// indicators and the model's time. How the city came to be so is left out:
// positions (Seq, Fresh), what was ignored, what came twice and how fast.
func (s *Snapshot) Hash() [32]byte {
	h := sha256.New()
	e := &encoder{w: bufio.NewWriterSize(h, 1<<16)}
	s.encodeStanding(e)
	s.encodeLive(e)
	_ = e.w.Flush() // a hash takes everything
	return [32]byte(h.Sum(nil))
}

// encodeStanding writes what is put whole.
func (s *state) encodeStanding(e *encoder) {
	e.json(s.profile)
	e.json(s.formula)
	e.json(s.privacy)
	e.uint(uint64(len(s.regions.All())))
	for _, r := range s.regions.All() {
		e.json(r)
	}
	e.uint(uint64(s.objects.Len()))
	s.objects.Scan(func(_ string, o *Object) bool {
		o.encode(e)
		return true
	})
	e.uint(uint64(s.deviceIDs.Len()))
	s.deviceIDs.Scan(func(_ string, slot uint32) bool {
		e.json(s.devices.at(slot).Device)
		return true
	})
	e.uint(uint64(s.unitIDs.Len()))
	s.unitIDs.Scan(func(_ string, slot uint32) bool {
		n := s.units.at(slot)
		e.json(n.Unit)
		e.string(string(n.Region))
		return true
	})
}

func (e *encoder) json(v any) {
	b, err := json.Marshal(v)
	if err != nil {
		// Everything in the model came from JSON or was checked by the fold.
		panic("cim: encode: " + err.Error())
	}
	e.bytes(b)
}

func (o *Object) encode(e *encoder) {
	e.string(o.ID)
	e.uint(uint64(o.Layer))
	for _, s := range []string{o.Class, o.Kind, o.Name, o.NameEn, string(o.Region), o.Source} {
		e.string(s)
	}
	e.float(float64(o.Height))
	e.float(float64(o.Base))
	e.uint(uint64(o.Grade))
	e.bool(o.Made)
	e.geometry(o.Geometry)
	keys := make([]string, 0, len(o.Attributes))
	for k := range o.Attributes {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	e.uint(uint64(len(keys)))
	for _, k := range keys {
		e.string(k)
		e.string(o.Attributes[k])
	}
}

func (e *encoder) geometry(g orb.Geometry) {
	var b bytes.Buffer
	if err := wkb.NewEncoder(&b).Encode(g); err != nil {
		panic("cim: encode geometry: " + err.Error()) // makeShape took it
	}
	e.bytes(b.Bytes())
}
