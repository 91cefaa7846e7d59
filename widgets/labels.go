package widgets

import (
	"onecity/cim"
)

// className is what a class of incidents is called; its code when the register
// does not know it.
func (in *input) className(code string) string {
	if c, ok := cim.ClassOf(code); ok {
		return Words{c.Name, c.NameEn}.In(in.o.Lang)
	}
	return code
}

func (in *input) propertyName(p cim.Property) string {
	if i, ok := cim.PropertyOf(p); ok {
		return Words{i.Name, i.NameEn}.In(in.o.Lang)
	}
	return string(p)
}

// propertyUnit is the usual way to write the UCUM code of a property's unit.
func propertyUnit(p cim.Property) string {
	i, ok := cim.PropertyOf(p)
	if !ok || i.Show == cim.ShowState {
		return ""
	}
	if s, ok := unitSigns[i.Unit]; ok {
		return s
	}
	return i.Unit
}

var unitSigns = map[string]string{
	"ug/m3": "µg/m³", "mg/m3": "mg/m³", "Cel": "°C", "deg": "°", "dB{A}": "dB(A)", "1": "", "[pH]": "",
	"{NTU}": "NTU", "m3/s": "m³/s", "%{LEL}": "%LEL",
}

// deviceKinds are the names of the kinds that the city has by default.
var deviceKinds = map[string]Words{
	"air": {"空气", "air"}, "water": {"水质", "water"}, "weather": {"气象", "weather"}, "noise": {"噪声", "noise"},
	"traffic": {"交通", "traffic"}, "lamp": {"路灯", "lamp"}, "manhole": {"井盖", "manhole"}, "gas": {"燃气", "gas"},
	"smoke": {"烟感", "smoke"}, "camera": {"视频", "camera"}, "parking": {"停车", "parking"}, "bridge": {"桥梁", "bridge"},
	"flood": {"积水", "flood"}, "power": {"电力", "power"}, "people": {"客流", "people"},
}

func (in *input) kindName(kind string) string {
	if w, ok := deviceKinds[kind]; ok {
		return w.In(in.o.Lang)
	}
	return kind
}

// measureNames are the measures of the composite index (cim.Term).
var measureNames = map[string]Words{
	"incidents.open": {"在办案件", "open incidents"}, "incidents.late": {"超时案件", "late incidents"},
	"alarms": {"设备告警", "alarms"}, "units": {"在岗力量", "units"},
}

// reasonName says what a term of the index measures.
func (in *input) reasonName(t cim.Term) string {
	if w, ok := measureNames[t.Measure]; ok {
		return w.In(in.o.Lang)
	}
	return in.propertyName(t.Property)
}
