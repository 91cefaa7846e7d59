package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"math"
	"net/http"
	"strings"
	"time"

	"onecity/cim"
	"onecity/geo"
	"onecity/gov/identity/access"
	"onecity/ingest"
	"onecity/web/problem"
)

// reportIn is a report of somebody who works for the city.
type reportIn struct {
	Body struct {
		ID          string     `json:"id" minLength:"1" maxLength:"128" doc:"上报方编号，重发不重办 The sender's id: the same again is the same report"`
		Class       string     `json:"class" maxLength:"16" doc:"案件类别 A class of GET /api/v1/case-classes"`
		Title       string     `json:"title,omitempty" maxLength:"200"`
		Description string     `json:"description,omitempty" maxLength:"4000"`
		Severity    uint8      `json:"severity,omitempty" maximum:"4" doc:"1 特别重大 … 4 一般；缺省按类别 0: the class's"`
		Lon         float64    `json:"lon"`
		Lat         float64    `json:"lat"`
		Address     string     `json:"address,omitempty" maxLength:"200"`
		Reported    *time.Time `json:"reported,omitempty" doc:"上报时间（手机时钟） By the reporter's clock; now when it is missing or in the future"`
		Object      string     `json:"object,omitempty" maxLength:"128" doc:"部件 The component that it is about"`
		Photos      []string   `json:"photos,omitempty" maxItems:"8" doc:"上传编号或 /media/ 路径 Ids of uploads, or paths below /media/"`
		Channel     string     `json:"channel,omitempty" enum:"grid,operator" default:"grid"`
		Grade       uint8      `json:"grade,omitempty" maximum:"3" doc:"数据分级"`
		Simulated   bool       `json:"simulated,omitempty"`
	}
}

// reportOut says that a report is safe.
type reportOut struct {
	Status int
	Body   struct {
		ID       string `json:"id"`
		Accepted bool   `json:"accepted"`
	}
}

func (s *Server) caseReportRoutes() {
	do(s, access.IncidentReport, http.MethodPost, "/api/v1/cases", "reportCase", "ingest", "上报案件 Report a case; accepted when it is on the disk",
		func(ctx context.Context, in *reportIn) (*reportOut, error) {
			out, err := s.report(ctx, in)
			if err != nil {
				if p := refuse(err); p != nil {
					return nil, p
				}
				return nil, s.failed(ctx, "store a report", err)
			}
			return out, nil
		})
}

func (s *Server) report(ctx context.Context, in *reportIn) (*reportOut, error) {
	c, now := callerIn(ctx), s.Gate.Now()
	out := &reportOut{Status: http.StatusOK}
	out.Body.ID, out.Body.Accepted = in.Body.ID, true
	if had, ok := s.Gate.FindIncident(in.Body.ID); ok {
		// sent anew after a broken line
		if had.Class == in.Body.Class && math.Abs(had.Lon-in.Body.Lon) < 1e-6 && math.Abs(had.Lat-in.Body.Lat) < 1e-6 {
			return out, nil
		}
		return nil, problem.New(http.StatusConflict, "此编号已用于另一次上报 / this id was another report's",
			ingest.Problem{Field: "/id", Value: ingest.Shorten(in.Body.ID), Code: ingest.CodeConflict, Message: "编号重复 / the id was used before"})
	}
	it := cim.Incident{
		ID: in.Body.ID, Version: 1, Class: in.Body.Class, Title: strings.TrimSpace(in.Body.Title), Description: strings.TrimSpace(in.Body.Description),
		Status: cim.StatusReported, Step: string(cim.StatusReported), Severity: in.Body.Severity, Lon: in.Body.Lon, Lat: in.Body.Lat,
		Address: strings.TrimSpace(in.Body.Address), Reported: orZero(in.Body.Reported), Channel: in.Body.Channel, Grade: cim.Grade(in.Body.Grade),
		Simulated: in.Body.Simulated,
	}
	if it.Reported.IsZero() || it.Reported.After(now) {
		it.Reported = now // a clock that is fast does not put a report into the future
	}
	// what nobody sees nobody handles: it is not the reporter's to hide
	if it.Grade > 0 && !c.Scope.Sees(cim.LayerIncidents, geo.Code(s.Gate.RegionAt(it.Lon, it.Lat)), it.Grade) {
		return nil, problem.New(http.StatusUnprocessableEntity, "数据分级超出您本人可见范围 / the data grade is beyond what you see yourself",
			ingest.Problem{Field: "/grade", Code: ingest.CodeOutOfRange, Message: "分级过高 / the grade is too high", Expected: "a grade that you see there"})
	}
	if class, ok := cim.ClassOf(it.Class); ok {
		if it.Severity == 0 {
			it.Severity = class.Severity
		}
		if it.Title == "" {
			it.Title = class.Name
		}
		it.Due = it.Reported.Add(class.Limit)
	}
	for _, name := range in.Body.Photos {
		d, err := s.photo(ctx, c, "/photos", name)
		if err != nil {
			return nil, err
		}
		it.Photos = append(it.Photos, d.Media)
	}
	gate := s.Gate.For(c.brings).By(c.ID)
	if err := gate.Report(ctx, "/cases", it, in.Body.Object); err != nil {
		return nil, err
	}
	s.told(ctx, "incident.report", "incident:"+it.ID, it.Region, "", map[string]any{"class": it.Class, "lon": it.Lon, "lat": it.Lat, "channel": it.Channel})
	return out, nil
}

func sha256Hex(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// isSubject tells the directory's subjects from citizens' keys.
func isSubject(s string) bool {
	return strings.HasPrefix(s, "person:") || strings.HasPrefix(s, "app:") || strings.HasPrefix(s, "device:") || strings.HasPrefix(s, "partner:")
}
