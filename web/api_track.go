package web

import (
	"context"
	"errors"
	"math"
	"net/http"
	"time"

	"onecity/cim"
	"onecity/geo"
	"onecity/gov/identity/access"
	"onecity/gov/incident/duty"
	"onecity/ingest"
	"onecity/web/problem"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
)

type toldPosition struct {
	Time     time.Time `json:"time" doc:"手机时钟 By the phone's clock"`
	Lon      float64   `json:"lon" minimum:"-180" maximum:"180"`
	Lat      float64   `json:"lat" minimum:"-90" maximum:"90"`
	Speed    float64   `json:"speed,omitempty" minimum:"0" maximum:"120" doc:"m/s"`
	Heading  float64   `json:"heading,omitempty" minimum:"0" maximum:"360"`
	Accuracy float64   `json:"accuracy,omitempty" minimum:"0" maximum:"100000" doc:"精度（米）Metres"`
}

type toldPositions struct {
	Body struct {
		Positions []toldPosition `json:"positions" minItems:"1" maxItems:"2000"`
		SentAt    *time.Time     `json:"sentAt,omitempty" doc:"发送时的手机时钟 The phone's clock when sending"`
	}
}

type takenBody struct {
	Accepted int       `json:"accepted" doc:"属于本人班次的 Those within a shift"`
	New      int       `json:"new" doc:"此前没有的 Those that were not here before"`
	Dropped  int       `json:"dropped" doc:"班次之外，未保存 Outside of any shift, not kept"`
	Skew     float64   `json:"skew" doc:"手机时钟快了多少秒 The phone's clock minus ours, s"`
	Doubtful bool      `json:"doubtful,omitempty" doc:"时间已按服务器校正 The times were put right"`
	Now      time.Time `json:"now"`
}

type coverBody struct {
	Cells      []geo.Cell `json:"cells" doc:"H3 11"`
	Total      int        `json:"total" doc:"网格内单元数；过大或无边界时为 0 Cells of the area; 0 when it is too large"`
	Share      float64    `json:"share" doc:"覆盖率 0 … 1"`
	Kilometres float64    `json:"kilometres"`
	Seconds    float64    `json:"seconds" doc:"在岗时长 On duty"`
}

type period struct {
	From time.Time `query:"from" doc:"起，缺省为今日零时 Today's midnight by default"`
	To   time.Time `query:"to" doc:"止，缺省为现在 Now by default"`
}

func (s *Server) trackRoutes() {
	do(s, access.UnitMove, http.MethodPost, "/api/v1/me/positions", "sendMyPositions", "incidents", "上报我的位置，可迟到、可重发 Tell where the caller was; late and again is fine",
		func(ctx context.Context, in *toldPositions) (*answered[takenBody], error) {
			if s.Duty == nil {
				return nil, absent("the duty")
			}
			return s.takePositions(ctx, in)
		})
	get(s, signedIn, "/api/v1/me/track", "myTrack", "incidents", "我的巡查轨迹 Where the caller was (GeoJSON)",
		func(ctx context.Context, q *period) (*answered[*geojson.FeatureCollection], error) {
			if s.Duty == nil {
				return nil, absent("the duty")
			}
			from, to := s.today(*q)
			track, err := s.Duty.Track(ctx, callerIn(ctx).ID, from, to)
			if err != nil {
				return nil, s.failed(ctx, "read a track", err)
			}
			return &answered[*geojson.FeatureCollection]{asLines(track)}, nil
		})
	get(s, signedIn, "/api/v1/me/coverage", "myCoverage", "incidents", "我的网格今日覆盖 How much of the caller's grids was visited today",
		func(ctx context.Context, q *period) (*answered[coverBody], error) {
			if s.Duty == nil {
				return nil, absent("the duty")
			}
			c := callerIn(ctx)
			from, to := s.today(*q)
			track, err := s.Duty.Track(ctx, c.ID, from, to)
			if err != nil {
				return nil, s.failed(ctx, "read a track", err)
			}
			took, err := s.Duty.Seconds(ctx, c.ID, from, to)
			if err != nil {
				return nil, s.failed(ctx, "read the shifts", err)
			}
			x := duty.CoverOf(track, s.areaOf(grids(c)))
			return &answered[coverBody]{coverBody{x.Cells, x.Total, x.Share, math.Round(x.Kilometres*100) / 100, math.Round(took.Seconds())}}, nil
		})
}

func (s *Server) takePositions(ctx context.Context, in *toldPositions) (*answered[takenBody], error) {
	now := s.Gate.Now()
	clock := duty.ClockOf(orZero(in.Body.SentAt), now)
	told := make([]duty.Told, len(in.Body.Positions))
	for i, p := range in.Body.Positions {
		told[i] = duty.Told{Time: p.Time, Lon: p.Lon, Lat: p.Lat, Speed: p.Speed, Heading: p.Heading, Accuracy: p.Accuracy}
	}
	taken, err := s.Duty.Put(ctx, callerIn(ctx).ID, told, clock)
	if err != nil {
		return nil, s.failed(ctx, "keep positions", err)
	}
	if live := s.asPositions(taken.Fixes); len(live) > 0 {
		// What the gate refuses (outside of the city, an impossible jump) is kept in
		// the track and not shown.
		if _, err := s.Gate.Positions(ctx, "/office/duty", "", live); err != nil {
			return nil, s.failed(ctx, "show positions", err)
		}
	}
	return &answered[takenBody]{takenBody{len(taken.Fixes), taken.New, taken.Dropped, math.Round(taken.Skew.Seconds()*10) / 10, clock.Doubtful(), now}}, nil
}

// asPositions are fixes as the model takes them. Who comes out of "off" is idle
// until somebody says more.
func (s *Server) asPositions(fixes []duty.Fix) []cim.Position {
	out := make([]cim.Position, 0, len(fixes))
	city := s.city.Snapshot().In(cim.Whole())
	for _, f := range fixes {
		if f.Accuracy > 200 {
			continue // the tower, not the person
		}
		p := cim.Position{Unit: f.Unit, Time: f.Time, Lon: f.Lon, Lat: f.Lat, Speed: float32(f.Speed), Heading: float32(f.Heading)}
		if u, ok := city.Unit(f.Unit); !ok || u.Position.Status == "" || u.Position.Status == "off" {
			p.Status = "idle"
		}
		out = append(out, p)
	}
	return out
}

// today fills a span in, by the city's clock.
func (s *Server) today(q period) (from, to time.Time) {
	from, to = q.From, q.To
	now := s.Gate.Now()
	if to.IsZero() {
		to = now.Add(time.Second)
	}
	if from.IsZero() {
		zone, err := time.LoadLocation(s.city.Snapshot().In(cim.Whole()).Profile().TimeZone)
		if err != nil {
			zone = time.UTC
		}
		y, m, d := now.In(zone).Date()
		from = time.Date(y, m, d, 0, 0, 0, 0, zone)
	}
	return from, to
}

// asLines breaks a track where nothing was heard for more than ten minutes.
func asLines(track []duty.Fix) *geojson.FeatureCollection {
	out := geojson.NewFeatureCollection()
	for i := 0; i < len(track); {
		j := i + 1
		for j < len(track) && track[j].Time.Sub(track[j-1].Time) <= 10*time.Minute && track[j].Unit == track[i].Unit {
			j++
		}
		line, doubtful := make(orb.LineString, 0, j-i), false
		for _, f := range track[i:j] {
			line, doubtful = append(line, orb.Point{f.Lon, f.Lat}), doubtful || f.Doubtful
		}
		if len(line) == 1 {
			line = append(line, line[0])
		}
		f := geojson.NewFeature(line)
		f.Properties = geojson.Properties{"from": track[i].Time, "to": track[j-1].Time, "unit": track[i].Unit, "doubtful": doubtful}
		out.Append(f)
		i = j
	}
	return out
}

// dutyProblem says an error of package duty to a person; nil when it is none.
func dutyProblem(err error) *problem.Problem {
	switch {
	case errors.Is(err, duty.ErrTooLate):
		return problem.New(http.StatusUnprocessableEntity, "时间过早，已过七天 / that was more than seven days ago",
			ingest.Problem{Field: "/at", Code: ingest.CodeTooOld, Message: "时间过早 / too long ago"})
	case errors.Is(err, duty.ErrTaken):
		return problem.New(http.StatusConflict, "此力量已有他人在岗 / somebody else is on duty with this unit")
	}
	return nil
}
