package ingest

import (
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"

	"onecity/cim"

	"github.com/paulmach/orb"
)

// device finds what is wrong with d, nil when nothing is. A datastream without
// a unit gets the register's.
func (b *batch) device(d *cim.Device) *Problem {
	if p := checkID("/id", d.ID); p != nil {
		return p
	}
	if p := checkText("/name", d.Name, MaxName); p != nil {
		return p
	}
	if p := checkID("/kind", d.Kind); p != nil {
		return p
	}
	if p := b.place(d.Lon, d.Lat); p != nil {
		return p
	}
	if p := checkDatastreams(d); p != nil {
		return p
	}
	if p := b.reachDevice(d); p != nil {
		return p
	}
	if old, ok := b.city.Device(d.ID); ok {
		// A device that is carried elsewhere does not land on its own GCJ-02
		// image to within 5 m.
		return shifted(orb.Point{old.Lon, old.Lat}, orb.Point{d.Lon, d.Lat}, 5)
	}
	return nil
}

func checkDatastreams(d *cim.Device) *Problem {
	if len(d.Datastreams) > MaxDatastreams {
		return &Problem{Field: "/datastreams", Value: strconv.Itoa(len(d.Datastreams)), Code: CodeTooMany,
			Message: "数据流过多 / too many datastreams", Expected: fmt.Sprintf("at most %d", MaxDatastreams)}
	}
	for i := range d.Datastreams {
		s := &d.Datastreams[i]
		field := "/datastreams/" + strconv.Itoa(i)
		info, ok := cim.PropertyOf(s.Property)
		if !ok {
			return unknown(field+"/property", string(s.Property), CodeUnknownProperty,
				"观测属性未定义 / no such observed property", "an id of GET /api/v1/properties")
		}
		if observes(d.Datastreams[:i], s.Property) {
			return unknown(field+"/property", string(s.Property), CodeDuplicate,
				"属性重复 / the property is there twice", "one datastream a property")
		}
		// "℃" is another spelling of the register's unit; "K" is another unit.
		if one, ok := info.Convert(1, s.Unit); ok && one == 1 {
			s.Unit = info.Unit
		} else {
			return unknown(field+"/unit", s.Unit, CodeWrongUnit,
				"单位与登记不符 / not the register's unit of the property", info.Unit+" (UCUM)")
		}
	}
	return nil
}

// unit finds what is wrong with u, nil when nothing is.
func (b *batch) unit(u *cim.Unit) *Problem {
	if p := checkID("/id", u.ID); p != nil {
		return p
	}
	if p := checkText("/name", u.Name, MaxName); p != nil {
		return p
	}
	if p := checkID("/kind", u.Kind); p != nil {
		return p
	}
	if p := checkText("/org", u.Org, MaxName); p != nil {
		return p
	}
	if p := b.reachUnit(u); p != nil {
		return p
	}
	if u.Home == "" || b.regions == nil || b.regions.Len() == 0 {
		return nil
	}
	if _, ok := b.regions.Get(u.Home); !ok {
		return unknown("/home", string(u.Home), CodeUnknownCode, "区划代码不存在 / no such region",
			"a code of GET /api/v1/regions")
	}
	return nil
}

// deviceKnown and unitKnown tell whether the model has folded a registration.
func deviceKnown(city cim.Reader, d *cim.Device) bool {
	got, ok := city.Device(d.ID)
	return ok && got.Name == d.Name && got.Lon == d.Lon && got.Lat == d.Lat &&
		slices.Equal(got.Datastreams, d.Datastreams)
}

func unitKnown(city cim.Reader, u *cim.Unit) bool {
	_, ok := city.Unit(u.ID)
	return ok
}

// checkID checks what names a thing: it must be usable in a topic, a path and
// a log line. Letters of any script are, because components' names are Chinese.
func checkID(field, id string) *Problem {
	if id == "" {
		return &Problem{Field: field, Code: CodeMissing, Message: "缺少必填项 / it is missing", Expected: "letters, digits, - _ . :"}
	}
	if len(id) > MaxID {
		return &Problem{Field: field, Value: Shorten(id), Code: CodeTooLong,
			Message: "编号过长 / the id is too long", Expected: fmt.Sprintf("at most %d bytes", MaxID)}
	}
	if !nameable(id) {
		return &Problem{Field: field, Value: Shorten(id), Code: CodeMalformed,
			Message: "编号含非法字符 / the id has characters that it may not have", Expected: "letters, digits, - _ . :"}
	}
	return nil
}

func checkText(field, s string, limit int) *Problem {
	if !utf8.ValidString(s) || hasControl(s) {
		return &Problem{Field: field, Value: Shorten(s), Code: CodeMalformed,
			Message: "文本含非法字符 / the text has characters that it may not have", Expected: "UTF-8 without control characters"}
	}
	if len(s) > limit && utf8.RuneCountInString(s) > limit {
		return &Problem{Field: field, Value: Shorten(s), Code: CodeTooLong,
			Message: "文本过长 / the text is too long", Expected: fmt.Sprintf("at most %d characters", limit)}
	}
	return nil
}
