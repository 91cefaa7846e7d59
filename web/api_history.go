package web

import (
	"context"
	"net/http"
	"time"

	"onecity/cim"
	"onecity/geo"
	"onecity/gov/identity/access"
	"onecity/ingest"
	"onecity/web/problem"

	"github.com/paulmach/orb"
)

// History is the record as the API reads it (cim/history). Every read takes
// the reader's scope; what it does not reach is empty.
type History interface {
	// Series sums a datastream up in steps, oldest first, from on, before to.
	Series(ctx context.Context, scope cim.Scope, device string, p cim.Property, from, to time.Time, step time.Duration) ([]SeriesPoint, error)
	// CellSeries is a property of a cell at each minute.
	CellSeries(ctx context.Context, scope cim.Scope, cell geo.Cell, p cim.Property, from, to time.Time) ([]SeriesPoint, error)
	// Track is where a unit was, oldest first.
	Track(ctx context.Context, scope cim.Scope, unit string, from, to time.Time) ([]TrackPoint, error)
}

// SeriesPoint sums up one step of a series.
type SeriesPoint struct {
	Time  time.Time `json:"time" doc:"此步起点 When the step begins"`
	Mean  float64   `json:"mean"`
	Min   float64   `json:"min"`
	Max   float64   `json:"max"`
	Count uint64    `json:"count"`
}

// TrackPoint is where a unit was at one time.
type TrackPoint struct {
	Time     time.Time
	Lon, Lat float64
}

const maxUploadTime = 2 * time.Minute

// maxPoints bounds an answer: a day of minutes, and some.
const maxPoints = 2000

// span is the time asked for: by default the 24 h before to, and to is now.
func span(from, to time.Time) (time.Time, time.Time, *problem.Problem) {
	if to.IsZero() {
		to = time.Now()
	}
	if from.IsZero() {
		from = to.Add(-24 * time.Hour)
	}
	if !from.Before(to) {
		return from, to, badQuery("from", from.Format(time.RFC3339), "a time before to")
	}
	return from, to, nil
}

type seriesAnswer struct {
	Body struct {
		Points []SeriesPoint `json:"points"`
	}
}

func (s *Server) historyRoutes() {
	type deviceQuery struct {
		ID       string    `path:"id" maxLength:"128" doc:"编号 The thing's id"`
		From     time.Time `query:"from" doc:"起 From on; default: 24 h before to"`
		To       time.Time `query:"to" doc:"止 Before; default: now"`
		Property string    `query:"property" required:"true" maxLength:"64" doc:"观测属性 Property"`
		Step     int       `query:"step" minimum:"1" maximum:"604800" doc:"步长，秒 Step in seconds; default: what gives at most 300 points"`
	}
	get(s, access.CityView, "/api/v1/devices/{id}/history", "deviceHistory", "things", "设备历史 A device's history",
		func(ctx context.Context, q *deviceQuery) (*seriesAnswer, error) {
			city, p := s.reader(requestOf(ctx), "")
			if p != nil {
				return nil, p
			}
			device, ok := city.Device(q.ID)
			if !ok {
				return nil, notFound("设备", q.ID)
			}
			if kind, grade, region := gradeOf(device); grade > 0 {
				if err := s.readGraded(ctx, kind+":"+q.ID+"/history", region); err != nil {
					return nil, err
				}
			}
			from, to, p := span(q.From, q.To)
			if p != nil {
				return nil, p
			}
			step, p := stepOf(q.Step, to.Sub(from))
			if p != nil {
				return nil, p
			}
			from = from.Truncate(step) // steps begin at whole ones
			return s.series(ctx, func() ([]SeriesPoint, error) {
				return s.History.Series(ctx, city.Scope(), q.ID, cim.Property(q.Property), from, to, step)
			})
		})

	type cellQuery struct {
		From     time.Time `query:"from" doc:"起 From on; default: 24 h before to"`
		To       time.Time `query:"to" doc:"止 Before; default: now"`
		H3       string    `path:"h3" maxLength:"16"`
		Property string    `query:"property" required:"true" maxLength:"64" doc:"观测属性 Property"`
	}
	get(s, access.CityView, "/api/v1/cells/{h3}/history", "cellHistory", "things", "网格单元历史，每分钟 A cell's history, per minute",
		func(ctx context.Context, q *cellQuery) (*seriesAnswer, error) {
			city, p := s.reader(requestOf(ctx), "")
			if p != nil {
				return nil, p
			}
			cell, p := parseCell(q.H3)
			if p != nil {
				return nil, p
			}
			from, to, p := span(q.From, q.To)
			if p != nil {
				return nil, p
			}
			if to.Sub(from) > maxPoints*time.Minute {
				return nil, badQuery("from", from.Format(time.RFC3339), "at most 2000 minutes before to")
			}
			from = from.Truncate(time.Minute)
			return s.series(ctx, func() ([]SeriesPoint, error) {
				return s.History.CellSeries(ctx, city.Scope(), cell, cim.Property(q.Property), from, to)
			})
		})

	type trackQuery struct {
		ID   string    `path:"id" maxLength:"128" doc:"编号 The thing's id"`
		From time.Time `query:"from" doc:"起 From on; default: 24 h before to"`
		To   time.Time `query:"to" doc:"止 Before; default: now"`
	}
	type trackAnswer struct{ Body trackFeature }
	get(s, access.CityView, "/api/v1/units/{id}/track", "unitTrack", "things", "力量轨迹 A unit's track, a GeoJSON LineString with times",
		func(ctx context.Context, q *trackQuery) (*trackAnswer, error) {
			city, p := s.reader(requestOf(ctx), "")
			if p != nil {
				return nil, p
			}
			unit, ok := city.Unit(q.ID)
			if !ok {
				return nil, notFound("力量", q.ID)
			}
			if kind, grade, region := gradeOf(unit); grade > 0 {
				if err := s.readGraded(ctx, kind+":"+q.ID+"/track", region); err != nil {
					return nil, err
				}
			}
			from, to, p := span(q.From, q.To)
			if p != nil {
				return nil, p
			}
			if s.History == nil {
				return nil, absent("history")
			}
			points, err := s.History.Track(ctx, city.Scope(), q.ID, from, to)
			if err != nil {
				return nil, s.failed(ctx, "read the history", err)
			}
			return &trackAnswer{trackOf(q.ID, points)}, nil
		})
}

func (s *Server) series(ctx context.Context, read func() ([]SeriesPoint, error)) (*seriesAnswer, error) {
	if s.History == nil {
		return nil, absent("history")
	}
	points, err := read()
	if err != nil {
		return nil, s.failed(ctx, "read the history", err)
	}
	if points == nil {
		points = []SeriesPoint{}
	}
	a := &seriesAnswer{}
	a.Body.Points = points
	return a, nil
}

// stepOf is the step asked for, or one that gives at most 300 points.
func stepOf(seconds int, over time.Duration) (time.Duration, *problem.Problem) {
	step := time.Duration(seconds) * time.Second
	if step == 0 {
		step = max(time.Minute, (over / 300).Round(time.Minute))
	}
	if over/step > maxPoints {
		return 0, problem.New(http.StatusUnprocessableEntity, "点数过多 / too many points", ingest.Problem{
			Field: "query/step", Value: step.String(), Code: ingest.CodeTooMany,
			Message: "点数过多 / too many points", Expected: "at most 2000 steps between from and to"})
	}
	return step, nil
}

// trackFeature is a GeoJSON Feature; coordTimes is parallel to the coordinates.
type trackFeature struct {
	Type       string     `json:"type" enum:"Feature"`
	Geometry   *trackLine `json:"geometry" doc:"无位置时为 null null where the unit said nothing"`
	Properties struct {
		Unit  string      `json:"unit"`
		Times []time.Time `json:"coordTimes" doc:"与坐标一一对应 One for each coordinate"`
	} `json:"properties"`
}

type trackLine struct {
	Type        string      `json:"type" enum:"LineString"`
	Coordinates []orb.Point `json:"coordinates"`
}

func trackOf(unit string, points []TrackPoint) trackFeature {
	f := trackFeature{Type: "Feature"}
	f.Properties.Unit, f.Properties.Times = unit, []time.Time{}
	if len(points) == 1 { // a line has two positions at least (RFC 7946, 3.1.4)
		points = append(points, points[0])
	}
	for _, p := range points {
		if f.Geometry == nil {
			f.Geometry = &trackLine{Type: "LineString"}
		}
		f.Geometry.Coordinates = append(f.Geometry.Coordinates, orb.Point{p.Lon, p.Lat})
		f.Properties.Times = append(f.Properties.Times, p.Time)
	}
	return f
}
