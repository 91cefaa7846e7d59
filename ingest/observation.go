package ingest

import (
	"fmt"
	"math"
	"strconv"

	"onecity/cim"
)

// lastDevice remembers one look-up of a batch.
type lastDevice struct {
	id      string
	streams []cim.Datastream // of the snapshot
	pending []cim.Datastream // registered and not yet in it
	known   bool
	denied  *Problem // the sender does not reach it
}

// observation finds what is wrong with o, nil when nothing is.
func (b *batch) observation(o *cim.Observation) *Problem {
	if o.Device != b.last.id || !b.last.known {
		b.last = b.lookUp(o.Device)
	}
	if !b.last.known {
		return unknown("/device", o.Device, CodeUnknownDevice, "设备未登记 / no such device is registered",
			"an id of GET /api/v1/devices, or register it with POST /api/v1/devices")
	}
	if p := b.last.denied; p != nil {
		return &Problem{Field: p.Field, Value: p.Value, Code: p.Code, Message: p.Message, Expected: p.Expected}
	}
	if !observes(b.last.streams, o.Property) && !observes(b.last.pending, o.Property) {
		return b.notADatastream(o)
	}
	if p := b.value(o.Property, o.Value); p != nil {
		return p
	}
	if o.Time.IsZero() {
		return b.untimedOnce(o)
	}
	return b.time("/time", &o.Time)
}

func (b *batch) lookUp(id string) lastDevice {
	l := lastDevice{id: id}
	if d, ok := b.city.Device(id); ok {
		l.streams, l.known = d.Datastreams, true
	}
	if d, ok := b.gate.devices.get(id); ok {
		l.pending, l.known = d.Datastreams, true
	}
	l.denied = b.reachObservation(id)
	return l
}

func observes(streams []cim.Datastream, p cim.Property) bool {
	for i := range streams {
		if streams[i].Property == p {
			return true
		}
	}
	return false
}

func (b *batch) notADatastream(o *cim.Observation) *Problem {
	if _, ok := cim.PropertyOf(o.Property); !ok {
		return unknown("/property", string(o.Property), CodeUnknownProperty,
			"观测属性未定义 / no such observed property", "an id of GET /api/v1/properties")
	}
	of := b.last.streams
	if len(b.last.pending) > 0 {
		of = b.last.pending
	}
	names := ""
	for i, s := range of {
		if i > 0 {
			names += ", "
		}
		names += string(s.Property)
	}
	return unknown("/property", string(o.Property), CodeNotADatastream,
		"该设备不观测此属性 / the device does not observe this property", "one of: "+Shorten(names))
}

// value checks v, in the property's own unit.
func (b *batch) value(property cim.Property, v float64) *Problem {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return notFinite("/value", v)
	}
	if info, ok := cim.PropertyOf(property); ok && (v < info.Low || v > info.High) {
		return &Problem{Field: "/value", Value: number(v), Code: CodeOutOfRange,
			Message:  fmt.Sprintf("%s 不可能为 %s / %s cannot be %s", info.Name, number(v), info.NameEn, number(v)),
			Expected: fmt.Sprintf("%s … %s %s", number(info.Low), number(info.High), info.Unit)}
	}
	return nil
}

func notFinite(field string, v float64) *Problem {
	return &Problem{Field: field, Value: number(v), Code: CodeNotFinite,
		Message: "数值不是有限数 / the number is not finite", Expected: "a finite number"}
}

func unknown(field, value, code, message, expected string) *Problem {
	return &Problem{Field: field, Value: Shorten(value), Code: code, Message: message, Expected: expected}
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', 8, 64) }
