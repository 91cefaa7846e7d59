package cim

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"onecity/geo"
)

// Event is a fact at its position in the stream, decoded.
type Event struct {
	Seq  uint64
	At   time.Time // when the broker stored it: the fold's only clock
	Fact Fact
}

// Fact is what an event says; one of the types below.
type Fact interface{ fact() }

// The facts, with the CloudEvents type that each travels as.
type (
	// Tick: the clock struck. It moves windows on when nothing else happens.
	Tick struct{}
	// RegionsPut replaces the whole tree of regions.
	RegionsPut struct {
		Regions []geo.Region `json:"regions"`
	}
	// ObjectsPut adds or replaces objects by ID.
	ObjectsPut struct {
		Objects []Object      `json:"objects"`
		ready   []readyObject // of each of Objects, or nil
	}
	// ObjectsRemoved takes objects away.
	ObjectsRemoved struct {
		IDs []string `json:"ids"`
	}
	// DevicesPut adds or replaces devices by ID; their last values stay.
	DevicesPut struct {
		Devices []Device `json:"devices"`
	}
	// UnitsPut adds or replaces units by ID; their positions stay.
	UnitsPut struct {
		Units []Unit `json:"units"`
	}
	// Observations are new values.
	Observations struct {
		Observations []Observation `json:"observations"`
	}
	// Positions are new places of units.
	Positions struct {
		Positions []Position `json:"positions"`
	}
	// IncidentPut is an incident as it now stands. Who reported it and which
	// component 部件 it is about are for those who handle it: the model, which
	// many read, does not keep them.
	IncidentPut struct {
		Incident Incident `json:"incident"`
		Reporter string   `json:"reporter,omitempty"`
		Object   string   `json:"object,omitempty"`
	}
	// Indicators are new values of departments' feeds.
	Indicators struct {
		Indicators []Indicator `json:"indicators"`
	}
	// FormulaPut replaces the formula of the composite index.
	FormulaPut struct {
		Formula Formula `json:"formula"`
	}
	// PrivacyPut replaces what is said of cells to those who may not see the
	// things in them.
	PrivacyPut struct {
		Privacy Privacy `json:"privacy"`
	}
	// Profile says which city this is. A city that is loaded in parts gets it last.
	Profile struct {
		City   geo.Code `json:"city"`
		Name   string   `json:"name"`
		NameEn string   `json:"nameEn"`
		// TimeZone is an IANA name, such as "Asia/Shanghai".
		TimeZone string `json:"timeZone"`
		// Notices are what the screens must say of the data (licences, made areas).
		Notices []string `json:"notices,omitempty"`
	}
)

func (Tick) fact()           {}
func (RegionsPut) fact()     {}
func (ObjectsPut) fact()     {}
func (ObjectsRemoved) fact() {}
func (DevicesPut) fact()     {}
func (UnitsPut) fact()       {}
func (Observations) fact()   {}
func (Positions) fact()      {}
func (IncidentPut) fact()    {}
func (Indicators) fact()     {}
func (FormulaPut) fact()     {}
func (PrivacyPut) fact()     {}
func (Profile) fact()        {}

// TypeOf is the CloudEvents type of a fact.
func TypeOf(f Fact) string {
	switch f.(type) {
	case Tick:
		return "onecity.tick.v1"
	case RegionsPut:
		return "onecity.regions.v1"
	case ObjectsPut:
		return "onecity.objects.v1"
	case ObjectsRemoved:
		return "onecity.objects-removed.v1"
	case DevicesPut:
		return "onecity.devices.v1"
	case UnitsPut:
		return "onecity.units.v1"
	case Observations:
		return "onecity.observations.v1"
	case Positions:
		return "onecity.positions.v1"
	case IncidentPut:
		return "onecity.incident.v1"
	case Indicators:
		return "onecity.indicators.v1"
	case FormulaPut:
		return "onecity.formula.v1"
	case PrivacyPut:
		return "onecity.privacy.v1"
	case Profile:
		return "onecity.profile.v1"
	}
	panic(fmt.Sprintf("cim: fact %T has no type", f))
}

// Encode is a fact's body on the wire, JSON.
func Encode(f Fact) ([]byte, error) { return json.Marshal(f) }

// Decode is the inverse of Encode for the fact of CloudEvents type typ.
func Decode(typ string, data []byte) (Fact, error) {
	switch typ {
	case "onecity.tick.v1":
		return Tick{}, nil
	case "onecity.regions.v1":
		return decode[RegionsPut](data)
	case "onecity.objects.v1":
		return decode[ObjectsPut](data)
	case "onecity.objects-removed.v1":
		return decode[ObjectsRemoved](data)
	case "onecity.devices.v1":
		return decode[DevicesPut](data)
	case "onecity.units.v1":
		return decode[UnitsPut](data)
	case "onecity.observations.v1":
		if f, ok := scanObservations(data); ok {
			return f, nil
		}
		return decode[Observations](data)
	case "onecity.positions.v1":
		return decode[Positions](data)
	case "onecity.incident.v1":
		return decode[IncidentPut](data)
	case "onecity.indicators.v1":
		return decode[Indicators](data)
	case "onecity.formula.v1":
		return decode[FormulaPut](data)
	case "onecity.privacy.v1":
		return decode[PrivacyPut](data)
	case "onecity.profile.v1":
		return decode[Profile](data)
	}
	if strings.HasPrefix(typ, OfficePrefix) {
		return nil, nil
	}
	return nil, fmt.Errorf("unknown event type %q", typ)
}

// OfficePrefix begins the types of what happens in the government's own work
// (steps of workflows). They share the stream, and its order, with the city's
// facts; the model moves its position for them and nothing else.
const OfficePrefix = "onecity.office."

func decode[F Fact](data []byte) (Fact, error) {
	var f F
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, fmt.Errorf("decode %T: %w", f, err)
	}
	return f, nil
}
