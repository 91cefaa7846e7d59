package cim_test

import (
	"math"
	"regexp"
	"testing"

	"onecity/cim"
)

func TestEveryPropertyInTheRegisterIsComplete(t *testing.T) {
	seen := map[cim.Property]bool{}
	for _, p := range cim.Properties() {
		if seen[p.ID] {
			t.Errorf("%s is there twice", p.ID)
		}
		seen[p.ID] = true
		if p.Name == "" || p.NameEn == "" || p.Unit == "" || p.Show == "" || !(p.Low < p.High) {
			t.Errorf("%s: %+v", p.ID, p)
		}
		if (p.AlarmLow != nil || p.AlarmHigh != nil) != (p.AlarmSource != "") {
			t.Errorf("%s: alarm limits and their source do not go together", p.ID)
		}
		for _, l := range []*float64{p.AlarmLow, p.AlarmHigh} {
			if l != nil && (*l < p.Low || *l > p.High) {
				t.Errorf("%s: alarm limit %v is not plausible", p.ID, *l)
			}
		}
		if v, ok := p.Convert(7, p.Unit); !ok || v != 7 {
			t.Errorf("%s: its own unit is changed", p.ID)
		}
	}
	if len(seen) < 30 {
		t.Errorf("only %d properties", len(seen))
	}
}

func TestUnitsThatSendersUseAreConverted(t *testing.T) {
	for _, c := range []struct {
		property cim.Property
		unit     string
		in, want float64
	}{
		{"temperature", "[degF]", 212, 100},
		{"temperature", "°F", 32, 0},
		{"temperature", "K", 273.15, 0},
		{"pm2_5", "mg/m3", 0.035, 35},
		{"pm2_5", "μg/m³", 35, 35},
		{"co", "ug/m3", 4000, 4},
		{"wind_speed", "km/h", 36, 10},
		{"vehicle_speed", "mph", 10, 16.09344},
		{"pressure", "kPa", 101.325, 1013.25},
		{"humidity", "1", 0.5, 50},
		{"noise", "dB(A)", 55, 55},
		{"noise", "dB[A]", 55, 55},
		{"water_level", "cm", 250, 2.5},
		{"rain", "mm/min", 0.5, 30},
		{"gas", "%LEL", 20, 20},
		{"flow", "L/s", 1500, 1.5},
	} {
		p, ok := cim.PropertyOf(c.property)
		if !ok {
			t.Fatalf("no property %s", c.property)
		}
		got, ok := p.Convert(c.in, c.unit)
		if !ok || math.Abs(got-c.want) > 1e-9*math.Max(1, math.Abs(c.want)) {
			t.Errorf("%v %s of %s = %v %s (%v), want %v", c.in, c.unit, c.property, got, p.Unit, ok, c.want)
		}
	}
	p, _ := cim.PropertyOf("pm2_5")
	if _, ok := p.Convert(1, "Cel"); ok {
		t.Error("degrees were taken for a concentration")
	}
}

func TestAValueOutsideItsLimitsIsAnAlarm(t *testing.T) {
	for _, c := range []struct {
		property cim.Property
		v        float64
		want     bool
	}{
		{"pm2_5", 75, false}, {"pm2_5", 75.1, true}, {"ph", 5.9, true}, {"ph", 7, false},
		{"cover_open", 1, true}, {"cover_open", 0, false}, {"humidity", 100, false}, {"nothing", 1e9, false},
	} {
		if got := c.property.Alarm(c.v); got != c.want {
			t.Errorf("%s %v: alarm %v", c.property, c.v, got)
		}
	}
}

func TestEveryIncidentClassIsComplete(t *testing.T) {
	form := regexp.MustCompile(`^[CE]\d{4}$`)
	last := ""
	for _, c := range cim.Classes() {
		if !form.MatchString(c.Code) || c.Code <= last {
			t.Errorf("code %q after %q", c.Code, last)
		}
		last = c.Code
		if c.Name == "" || c.NameEn == "" || c.Group == "" || c.GroupEn == "" || c.Severity < 1 || c.Severity > 4 || c.LimitMinutes < 1 {
			t.Errorf("%+v", c)
		}
		if got, ok := cim.ClassOf(c.Code); !ok || got != c {
			t.Errorf("%s is not found", c.Code)
		}
	}
	if _, ok := cim.ClassOf("X9999"); ok {
		t.Error("a class that is not there was found")
	}
}
