package web

import (
	"cmp"
	"context"
	"slices"
	"time"

	"onecity/cim"
	"onecity/geo/streets"
	"onecity/gov/identity/access"
	"onecity/gov/incident"
	"onecity/gov/incident/dispatch"

	"github.com/paulmach/orb"
	orbgeo "github.com/paulmach/orb/geo"
)

func (s *Server) candidateRoute() {
	type query struct {
		ID    string `path:"id" maxLength:"128" doc:"案件编号 The incident's id"`
		Limit int    `query:"limit" minimum:"1" maximum:"50" default:"8" doc:"至多几个 At most so many"`
	}
	get(s, access.CityView, "/api/v1/cases/{id}/candidates", "listCandidates", "incidents", "可派力量，最宜者在前 Who could be sent, the best first",
		func(ctx context.Context, in *query) (*answered[candidatesBody], error) {
			snapshot := s.city.Snapshot()
			city := snapshot.In(ScopeOf(requestOf(ctx)))
			i, ok := city.Incident(in.ID)
			if !ok {
				return nil, notFound("案件", in.ID)
			}
			c := dispatch.Case{Class: i.Class, Region: string(i.Region), At: city.At().In(zoneOf(city))}
			m, turns, err := s.entrusted(ctx, c)
			if err != nil {
				return nil, err
			}
			answer := candidatesBody{Items: []candidateBody{}, Time: city.At()}
			if m != nil {
				answer.Responsible = &responsibleBody{Org: m.Org, OrgName: m.OrgName, Kinds: m.Kinds, Rule: m.ID, Class: m.Class, Region: m.Region, Made: m.Made}
			}
			signedOn, err := s.signedOn(ctx)
			if err != nil {
				return nil, err
			}
			near := s.nearby(snapshot, city, i)
			for k := range near.units {
				near.units[k].SignedOn = signedOn[near.units[k].ID]
			}
			list := dispatch.Rank(c, m, turns, near.units, in.Limit)
			graded := i.Grade > 0
			for _, k := range list {
				graded = graded || near.states[k.ID].Grade > 0
				answer.Items = append(answer.Items, near.body(k))
			}
			if err := s.numbered(ctx, answer.Items); err != nil {
				return nil, err
			}
			if graded {
				if err := s.readGraded(ctx, "candidates:"+in.ID, i.Region); err != nil {
					return nil, err
				}
			}
			return &answered[candidatesBody]{answer}, nil
		})
}

// entrusted is who answers for a case, and who is on duty.
func (s *Server) entrusted(ctx context.Context, c dispatch.Case) (*dispatch.Mandate, []dispatch.Turn, error) {
	if s.Dispatch == nil {
		return nil, nil, nil
	}
	m, err := s.Dispatch.Responsible(ctx, c.Class, c.Region, c.At)
	if err != nil {
		return nil, nil, s.failed(ctx, "find who answers for an incident", err)
	}
	turns, err := s.Dispatch.OnDuty(ctx, c.At)
	if err != nil {
		return nil, nil, s.failed(ctx, "find who is on duty", err)
	}
	return m, turns, nil
}

// numbered says what units are busy with by the numbers that people say, where
// the incidents have one.
func (s *Server) numbered(ctx context.Context, list []candidateBody) error {
	var ids []string
	for _, c := range list {
		ids = append(ids, c.BusyWith...)
	}
	if s.Cases == nil || len(ids) == 0 {
		return nil
	}
	page, err := s.Cases.List(ctx, caseScope(callerIn(ctx)), incident.Query{IDs: ids, Limit: len(ids)})
	if err != nil {
		return s.failed(ctx, "read the numbers of incidents", err)
	}
	numbers := map[string]string{}
	for _, c := range page.Items {
		numbers[c.ID] = c.No
	}
	for i := range list {
		for k, id := range list[i].BusyWith {
			list[i].BusyWith[k] = cmp.Or(numbers[id], id)
		}
	}
	return nil
}

// signedOn are the units whose shift has begun, by their own word.
func (s *Server) signedOn(ctx context.Context) (map[string]bool, error) {
	on := map[string]bool{}
	if s.Duty == nil {
		return on, nil
	}
	shifts, err := s.Duty.Everybody(ctx)
	if err != nil {
		return nil, s.failed(ctx, "find who has begun a shift", err)
	}
	for _, shift := range shifts {
		on[shift.Unit] = true
	}
	return on, nil
}

// zoneOf is the city's time zone.
func zoneOf(city cim.Reader) *time.Location {
	if zone, err := time.LoadLocation(city.Profile().TimeZone); err == nil {
		return zone
	}
	return time.UTC
}

// nearUnits are the units that were looked at, with their ways.
type nearUnits struct {
	units  []dispatch.Unit
	states map[string]*cim.UnitState
	ways   map[string]streets.Trip
	roads  bool // the caller sees roads
}

// mostUnits bounds how many units are looked at: the nearest as the crow flies.
const mostUnits = 500

// Guesses for a unit that no street leads from: how much longer than the crow's
// flight a way is, and how fast it goes, in m/s.
const (
	detour = 1.4
	pace   = 5
)

// nearby finds how far the units that the caller sees are from an incident.
func (s *Server) nearby(snapshot *cim.Snapshot, city cim.Reader, i *cim.IncidentState) *nearUnits {
	at := orb.Point{i.Lon, i.Lat}
	n := &nearUnits{states: map[string]*cim.UnitState{}, ways: map[string]streets.Trip{}, roads: city.Scope().Layers.Has(cim.LayerRoads)}
	type seen struct {
		*cim.UnitState
		crow float64
	}
	var units []seen
	city.UnitsAfter("", func(u *cim.UnitState) bool {
		if !u.Position.Time.IsZero() && u.Position.Status != "off" {
			units = append(units, seen{u, orbgeo.Distance(orb.Point{u.Position.Lon, u.Position.Lat}, at)})
		}
		return true
	})
	slices.SortFunc(units, func(a, b seen) int { return cmp.Or(cmp.Compare(a.crow, b.crow), cmp.Compare(a.ID, b.ID)) })
	units = units[:min(len(units), mostUnits)]
	busy := inHand(city, i.ID)
	drawn := s.streets.get(snapshot)
	spots := map[*streets.Network][]streets.Spot{}
	index := map[*streets.Network][]int{}
	for k, u := range units {
		n.states[u.ID] = u.UnitState
		n.units = append(n.units, dispatch.Unit{ID: u.ID, Name: u.Name, Kind: u.Kind, Org: u.Org, Status: u.Position.Status, Seen: u.Position.Time,
			Busy: busy[u.ID], Metres: u.crow * detour, Seconds: u.crow * detour / pace})
		net := drawn.forKind(u.Kind)
		spots[net] = append(spots[net], net.Snap(orb.Point{u.Position.Lon, u.Position.Lat}))
		index[net] = append(index[net], k)
	}
	for net, from := range spots {
		for k, trip := range net.Nearest(net.Snap(at), from) {
			u := &n.units[index[net][k]]
			u.Metres, u.Seconds, u.Routed = trip.Metres, trip.Seconds, true
			n.ways[u.ID] = trip
		}
	}
	return n
}

// inHand are the open incidents that units have been sent to, as far as the
// caller sees them, but for one.
func inHand(city cim.Reader, but string) map[string][]string {
	busy := map[string][]string{}
	city.IncidentsAfter("", func(i *cim.IncidentState) bool {
		if i.Unit != "" && i.ID != but && (i.Status == cim.StatusDispatched || i.Status == cim.StatusHandling) {
			busy[i.Unit] = append(busy[i.Unit], i.ID)
		}
		return true
	})
	return busy
}

func (n *nearUnits) body(k dispatch.Candidate) candidateBody {
	u := n.states[k.ID]
	b := candidateBody{Unit: k.ID, Name: k.Name, Kind: k.Kind, Org: k.Org, Status: k.Status, Free: k.Free, Quiet: k.Quiet, BusyWith: k.Busy,
		Lon: u.Position.Lon, Lat: u.Position.Lat, Seen: u.Position.Time, Metres: rounded(k.Metres), Seconds: rounded(k.Seconds), Routed: k.Routed,
		Duty: k.Duty, Responsible: k.Responsible, Reasons: k.Reasons}
	if trip, ok := n.ways[k.ID]; ok && n.roads {
		b.Route = lineOf(trip.Line())
	}
	return b
}

// lineOf is a line for JSON; seven digits are a centimetre.
func lineOf(line orb.LineString) *lineBody {
	l := &lineBody{Type: "LineString", Coordinates: make([][2]float64, len(line))}
	for i, p := range line {
		l.Coordinates[i] = [2]float64{round7(p[0]), round7(p[1])}
	}
	return l
}
