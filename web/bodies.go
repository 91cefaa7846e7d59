package web

import (
	"math"
	"time"

	"onecity/cim"
	"onecity/geo"

	"github.com/paulmach/orb/geojson"
)

// The things of the city as the API answers them. A number that is not there
// is null, a time that is not there is left out.

type objectBody struct {
	ID         string            `json:"id"`
	Layer      string            `json:"layer"`
	Class      string            `json:"class" doc:"CityJSON 2.0 type"`
	Kind       string            `json:"kind,omitempty"`
	Name       string            `json:"name,omitempty"`
	NameEn     string            `json:"nameEn,omitempty"`
	Geometry   *geojson.Geometry `json:"geometry" doc:"GeoJSON, CGCS2000"`
	Height     float32           `json:"height,omitempty" doc:"屋顶高 Metres above ground"`
	Base       float32           `json:"base,omitempty" doc:"底面高 Metres above ground"`
	Region     geo.Code          `json:"region,omitempty"`
	Source     string            `json:"source,omitempty" doc:"来源与许可 Where it came from, with its licence"`
	Made       bool              `json:"made,omitempty" doc:"程序生成 Made by the program"`
	Attributes map[string]string `json:"attributes,omitempty"`
}

func objectOf(o *cim.Object) objectBody {
	b := objectBody{
		ID: o.ID, Layer: o.Layer.String(), Class: o.Class, Kind: o.Kind, Name: o.Name, NameEn: o.NameEn,
		Height: o.Height, Base: o.Base, Region: o.Region, Source: o.Source, Made: o.Made, Attributes: o.Attributes,
	}
	if o.Geometry != nil {
		b.Geometry = geojson.NewGeometry(o.Geometry)
	}
	return b
}

type deviceBody struct {
	ID        string       `json:"id"`
	Name      string       `json:"name"`
	Kind      string       `json:"kind"`
	Lon       float64      `json:"lon"`
	Lat       float64      `json:"lat"`
	Region    geo.Code     `json:"region,omitempty"`
	Cell      geo.Cell     `json:"cell" doc:"H3"`
	Simulated bool         `json:"simulated"`
	Seen      time.Time    `json:"seen,omitzero" doc:"最近一次观测 Newest phenomenon time"`
	Streams   []streamBody `json:"datastreams"`
}

type streamBody struct {
	Property cim.Property `json:"property"`
	Unit     string       `json:"unit" doc:"UCUM"`
	Value    *float64     `json:"value" doc:"最新值 Newest value; null before the first"`
	Time     time.Time    `json:"time,omitzero"`
	Alarm    bool         `json:"alarm" doc:"超限 Outside the alarm limits"`
}

func deviceOf(d *cim.DeviceState) deviceBody {
	b := deviceBody{
		ID: d.ID, Name: d.Name, Kind: d.Kind, Lon: d.Lon, Lat: d.Lat, Region: d.Region, Cell: d.Cell,
		Simulated: d.Simulated, Seen: d.Seen, Streams: make([]streamBody, len(d.Datastreams)),
	}
	for i, ds := range d.Datastreams {
		b.Streams[i] = streamBody{Property: ds.Property, Unit: ds.Unit}
		if i < len(d.Streams) && !d.Streams[i].Time.IsZero() {
			st := d.Streams[i]
			b.Streams[i].Value, b.Streams[i].Time, b.Streams[i].Alarm = finite(st.Value), st.Time, st.Alarm
		}
	}
	return b
}

type unitBody struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Kind      string    `json:"kind"`
	Org       string    `json:"org,omitempty"`
	Home      geo.Code  `json:"home,omitempty"`
	Lon       *float64  `json:"lon" doc:"null before the first position"`
	Lat       *float64  `json:"lat"`
	Speed     float32   `json:"speed" doc:"m/s"`
	Heading   float32   `json:"heading" doc:"degrees clockwise from north"`
	Status    string    `json:"status,omitempty"`
	Seen      time.Time `json:"seen,omitzero"`
	Region    geo.Code  `json:"region,omitempty"`
	Cell      *geo.Cell `json:"cell,omitempty" doc:"H3"`
	Simulated bool      `json:"simulated"`
}

func unitOf(u *cim.UnitState) unitBody {
	b := unitBody{ID: u.ID, Name: u.Name, Kind: u.Kind, Org: u.Org, Home: u.Home, Simulated: u.Simulated}
	if p := u.Position; !p.Time.IsZero() {
		b.Lon, b.Lat, b.Speed, b.Heading, b.Status, b.Seen = &p.Lon, &p.Lat, p.Speed, p.Heading, p.Status, p.Time
		b.Region, b.Cell = u.Region, &u.Cell
	}
	return b
}

type incidentBody struct {
	cim.Incident
	Late bool     `json:"late" doc:"超时 Open and past due"`
	Cell geo.Cell `json:"cell" doc:"H3"`
}

func incidentOf(i *cim.IncidentState) incidentBody {
	return incidentBody{Incident: *i.Incident, Late: i.Late, Cell: i.Cell}
}

type cellBody struct {
	Cell       geo.Cell        `json:"cell"`
	Region     geo.Code        `json:"region,omitempty"`
	Index      *float64        `json:"index" doc:"综合指数 0 (good) to 100 (bad); null without any term"`
	Open       int             `json:"open" doc:"未结案件 Open incidents"`
	OpenBy     map[string]int  `json:"openByClass,omitempty"`
	Late       int             `json:"late"`
	Units      int             `json:"units"`
	Devices    int             `json:"devices"`
	Alarms     int             `json:"alarms"`
	Properties []propertyBody  `json:"properties"`
	Indicators []indicatorBody `json:"indicators,omitempty"`
}

type propertyBody struct {
	Property cim.Property   `json:"property"`
	Minute   *aggregateBody `json:"minute,omitempty" doc:"1 min"`
	Quarter  *aggregateBody `json:"quarter,omitempty" doc:"15 min"`
	Hour     *aggregateBody `json:"hour,omitempty" doc:"1 h"`
	Day      *aggregateBody `json:"day,omitempty" doc:"24 h"`
}

type aggregateBody struct {
	Count uint64  `json:"count"`
	Mean  float64 `json:"mean"`
	Max   float64 `json:"max"`
	Last  float64 `json:"last"`
}

type indicatorBody struct {
	Name  string   `json:"name"`
	Value *float64 `json:"value"`
}

func cellOf(c *cim.CellState) cellBody {
	b := cellBody{
		Cell: c.Cell, Region: c.Region, Index: finite(c.Index), OpenBy: c.Open, Late: c.Late,
		Units: c.Units, Devices: c.Devices, Alarms: c.Alarms, Properties: []propertyBody{},
	}
	for _, n := range c.Open {
		b.Open += n
	}
	for _, p := range c.Properties {
		b.Properties = append(b.Properties, propertyBody{
			Property: p.Property,
			Minute:   aggregateOf(p.Windows[cim.Minute]), Quarter: aggregateOf(p.Windows[cim.Quarter]),
			Hour: aggregateOf(p.Windows[cim.Hour]), Day: aggregateOf(p.Windows[cim.Day]),
		})
	}
	for _, v := range c.Indicators {
		b.Indicators = append(b.Indicators, indicatorBody{v.Name, finite(v.Value)})
	}
	return b
}

func aggregateOf(a cim.Aggregate) *aggregateBody {
	if a.Count == 0 {
		return nil
	}
	return &aggregateBody{Count: a.Count, Mean: a.Mean(), Max: a.Max, Last: a.Last}
}

func finite(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}
