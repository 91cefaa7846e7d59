package camera

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"onecity/internal/audit"
	"onecity/internal/keyfile"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Options of a Service; all are needed but Now.
type Options struct {
	Audit    func(ctx context.Context, tx pgx.Tx, e audit.Entry) error
	Key      *keyfile.Key // seals the secrets
	Verify   Verify
	Gate     Gate
	Pictures Pictures
	City     City
	Now      func() time.Time // nil: time.Now
}

// Service takes events in. It is safe for concurrent use. The partners are kept
// in memory: events are taken while the database is away.
type Service struct {
	pool     *pgxpool.Pool
	opt      Options
	partners atomic.Pointer[map[string]partner]
}

// partner is one with its secrets.
type partner struct {
	Settings
	secrets []string
}

// Open reads the partners; the tables are package alarm's.
func Open(ctx context.Context, pool *pgxpool.Pool, o Options) (*Service, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Service{pool: pool, opt: o}
	if err := s.reload(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// Receive takes a message of a partner. ErrSignature, ErrMalformed, ErrTooLarge,
// ErrNotImage, or what the Gate says.
func (s *Service) Receive(ctx context.Context, from string, h http.Header, body []byte) (Receipt, error) {
	p, known := (*s.partners.Load())[from]
	if !known || !p.On {
		return Receipt{}, ErrSignature
	}
	if _, err := s.opt.Verify(h, p.secrets, s.opt.Now(), body); err != nil {
		return Receipt{}, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	e, picture, err := Read(h.Get("Content-Type"), body)
	if err != nil {
		return Receipt{}, err
	}
	m, mapped := p.means(e.Kind)
	switch {
	case !mapped:
		return Receipt{ID: e.ID, Outcome: Unmapped}, nil
	case e.Confidence < m.Confidence:
		return Receipt{ID: e.ID, Outcome: Below}, nil
	}
	r, err := s.report(p, e, m)
	if err != nil {
		return Receipt{}, err
	}
	if picture != nil {
		path, err := s.opt.Pictures.Keep(ctx, picture)
		if err != nil {
			return Receipt{}, err
		}
		r.Photos = []string{path}
	}
	out := Receipt{ID: e.ID, Incident: r.ID, Outcome: Opened}
	if err := s.opt.Gate.Open(ctx, r); errors.Is(err, ErrTaken) {
		out.Outcome = Duplicate
	} else if err != nil {
		return Receipt{}, fmt.Errorf("open an incident for event %s of %s: %w", e.ID, from, err)
	}
	return out, nil
}

func (p *partner) means(kind string) (Meaning, bool) {
	for _, m := range p.Kinds {
		if m.Kind == kind {
			return m, true
		}
	}
	return Meaning{}, false
}

// report makes the incident of an event.
func (s *Service) report(p partner, e Event, m Meaning) (Report, error) {
	name, lon, lat, known := s.opt.City.Camera(e.Camera)
	if !known {
		name = e.Camera
	}
	switch {
	case e.Lon != nil:
		lon, lat = *e.Lon, *e.Lat
	case !known:
		return Report{}, fmt.Errorf("%w: camera: 没有登记此摄像机，请给出经纬度 / it is not registered: lon and lat are needed", ErrMalformed)
	}
	if !strings.HasPrefix(s.opt.City.At(lon, lat), p.Region) {
		return Report{}, fmt.Errorf("%w: lon: 不在该系统的区域内 / the place is not in the partner's region", ErrMalformed)
	}
	title, _ := s.opt.City.Class(m.Class)
	says := m.Text
	if says == "" {
		says = title
	}
	says = fmt.Sprintf("%s。视频识别：%s，置信度 %.0f%%", strings.TrimSuffix(says, "。"), name, e.Confidence*100)
	if e.Text != "" {
		says += "。" + e.Text
	}
	sum := sha256.Sum256([]byte(p.Partner + "\x00" + e.ID))
	return Report{
		ID: "camera-" + hex.EncodeToString(sum[:10]), Partner: p.Partner, Camera: e.Camera, Class: m.Class, Severity: m.Severity,
		Title: title + "（" + name + "）", Description: says, Lon: lon, Lat: lat, Time: e.Time,
	}, nil
}
