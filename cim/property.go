package cim

import "slices"

// PropertyInfo is what the register says of one observed property.
type PropertyInfo struct {
	ID     Property `json:"id"`
	Name   string   `json:"name"` // Chinese
	NameEn string   `json:"nameEn"`
	// Unit is the one unit the program keeps the property in (UCUM code).
	Unit string `json:"unit"`
	// Low and High bound what is plausible; package ingest refuses the rest.
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	// AlarmLow and AlarmHigh bound what is normal: a value below the one or
	// above the other is an alarm. Nil is no limit.
	AlarmLow  *float64 `json:"alarmLow,omitempty"`
	AlarmHigh *float64 `json:"alarmHigh,omitempty"`
	// AlarmSource says where the limits come from; "" without limits.
	AlarmSource string `json:"alarmSource,omitempty"`
	// Show says how a value is shown.
	Show     Show `json:"show"`
	Decimals int  `json:"decimals"`
}

// Show is a way to show a value.
type Show string

// The ways to show a value.
const (
	ShowNumber    Show = "number"    // with Decimals and the unit
	ShowCount     Show = "count"     // a whole number without a unit
	ShowState     Show = "state"     // 0 is off or closed, 1 on or open
	ShowDirection Show = "direction" // degrees clockwise from north, an arrow
)

// Properties is the register of observed properties, in the order in which
// they are shown. The slice is the caller's.
func Properties() []PropertyInfo { return slices.Clone(properties) }

// PropertyOf finds a property in the register.
func PropertyOf(p Property) (PropertyInfo, bool) {
	i, ok := propertyPlace[p]
	if !ok {
		return PropertyInfo{}, false
	}
	return properties[i], true
}

// Alarm reports whether v is outside the alarm limits of p.
func (p Property) Alarm(v float64) bool {
	i, ok := propertyPlace[p]
	if !ok {
		return false
	}
	return properties[i].Alarm(v)
}

// Alarm reports whether v, in the register's unit, is outside the alarm limits.
func (i *PropertyInfo) Alarm(v float64) bool {
	return i.AlarmLow != nil && v < *i.AlarmLow || i.AlarmHigh != nil && v > *i.AlarmHigh
}

// propertyPlace finds a property's place in properties.
var propertyPlace = func() map[Property]int {
	m := make(map[Property]int, len(properties))
	for i := range properties {
		m[properties[i].ID] = i
	}
	return m
}()
