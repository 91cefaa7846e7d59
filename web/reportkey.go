package web

import (
	"context"
	"crypto/hmac"
	"encoding/base32"
	"errors"
	"net/http"
	"strings"

	"onecity/cim"
	"onecity/gov/identity/access"
	"onecity/gov/incident"
	"onecity/ingest/open311"
	"onecity/internal/flow"
)

// owner is what a report by Open311 has for whoever made it. The key of a report
// is made of its id, so that nothing is kept and a receipt that is asked for
// again tells the same one.
type owner struct{ *Server }

// letters of keys can be read out over a telephone.
var letters = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// Key has 120 bits.
func (o owner) Key(id string) string {
	if o.ReportKeys == nil {
		return ""
	}
	return letters.EncodeToString(o.ReportKeys.Digest("report", "", id)[:15])
}

// Holds takes small letters for large ones.
func (o owner) Holds(id, key string) bool {
	want := o.Key(id)
	return want != "" && hmac.Equal([]byte(want), []byte(strings.ToUpper(strings.TrimSpace(key))))
}

// Past is a case that ended longer ago than the model remembers.
func (o owner) Past(ctx context.Context, id string) (cim.Incident, bool, error) {
	if o.Cases == nil {
		return cim.Incident{}, false, nil
	}
	c, err := o.Cases.Get(ctx, incident.Whole(), id)
	if errors.Is(err, incident.ErrUnknown) {
		return cim.Incident{}, false, nil
	}
	if err != nil {
		return cim.Incident{}, false, err
	}
	in := cim.Incident{ID: c.ID, Version: uint32(c.Version), Class: c.Class, Title: c.Title, Description: c.Description, Status: cim.StatusHandling,
		Severity: uint8(c.Severity), Lon: c.Lon, Lat: c.Lat, Address: c.Address, Reported: c.Reported, Updated: c.Updated, Photos: c.Photos,
		Simulated: c.Simulated}
	switch c.State {
	case incident.Closed:
		in.Status = cim.StatusClosed
	case incident.Rejected, incident.Merged:
		in.Status = cim.StatusRejected
	}
	return in, true, nil
}

// Rate is under the name of the program that brought the report: who held the
// key is nobody that is known here.
func (o owner) Rate(ctx context.Context, id string, stars int, text string) error {
	if o.Cases == nil {
		return open311.ErrUnknown
	}
	c, err := o.Cases.Get(ctx, incident.Whole(), id)
	if err == nil {
		_, err = o.Cases.Rate(ctx, flow.Actor{Subject: c.Reporter}, id, c.Reporter, stars, text)
	}
	var invalid *incident.Invalid
	switch {
	case errors.Is(err, incident.ErrUnknown), errors.Is(err, incident.ErrNotAllowed):
		return open311.ErrUnknown
	case errors.Is(err, flow.ErrNoSuchEvent):
		return open311.ErrEarly
	case errors.As(err, &invalid):
		return open311.ErrRated
	}
	return err
}

// ownRequest lets through who may see the city, or shows the key of a report.
func (s *Server) ownRequest(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Has("report_key") {
		s.open311.ServeHTTP(w, r) // which looks at the key
		return
	}
	s.needs(access.CityView, s.open311.ServeHTTP)(w, r)
}
