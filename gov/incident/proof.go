package incident

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"onecity/internal/database"
	"onecity/internal/flow"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geo"
)

// MaxSkew is how far a sender's clock may differ from ours for its times to be
// relied on.
const MaxSkew = 5 * time.Minute

// Phases of a Proof.
var phases = []string{"report", "before", "after", "scene", "form"}

// AddProof keeps a proof with a case; the same ID again is the same proof.
// Case, Phase, Media, SHA256, Bytes, TakenAt, Lon, Lat, Accuracy and Text of p
// are taken, the rest is found; sentAt is the sender's clock when it was sent
// (zero: not known). It needs incident.handle or incident.report there.
func (s *Service) AddProof(ctx context.Context, by flow.Actor, p Proof, sentAt time.Time) (Proof, error) {
	if bad := p.check(); bad != nil {
		return Proof{}, bad
	}
	var out Proof
	err := s.engine.Tx(ctx, func(tx pgx.Tx) (err error) {
		out, err = s.addProof(ctx, tx, by, p, sentAt)
		return err
	})
	if err != nil {
		return Proof{}, err
	}
	return out, nil
}

func (p *Proof) check() error {
	bad := func(field, zh, en string) error { return &Invalid{Field: field, Why: words(zh, en)} }
	p.Text = clean(p.Text)
	switch {
	case p.ID == "" || len(p.ID) > maxID || clean(p.ID) != p.ID:
		return bad("id", "编号无效", "is no id")
	case !slices.Contains(phases, p.Phase):
		return bad("phase", "应为 report、before、after、scene 或 form", "is report, before, after, scene or form")
	case !strings.HasPrefix(p.Media, "/media/") || len(p.Media) > 200:
		return bad("upload", "没有这个文件", "is no stored file")
	case (p.Lon == nil) != (p.Lat == nil):
		return bad("lon", "经纬度须成对", "goes with lat")
	case p.Lon != nil && !(math.Abs(*p.Lon) <= 180 && math.Abs(*p.Lat) <= 90):
		return bad("lon", "坐标无效", "is not on the globe")
	case !p.TakenAt.IsZero() && (p.TakenAt.Year() < 1970 || p.TakenAt.Year() > 9999):
		return bad("takenAt", "时间无效", "is no time")
	case cut(p.Text, maxText) != p.Text:
		return bad("text", "过长", "is too long")
	}
	return nil
}

func (s *Service) addProof(ctx context.Context, tx pgx.Tx, by flow.Actor, p Proof, sentAt time.Time) (Proof, error) {
	item, err := s.lock(ctx, tx, p.Case)
	if err != nil {
		return Proof{}, err
	}
	c, _, err := load(ctx, tx, p.Case)
	if err != nil {
		return Proof{}, err
	}
	if by.Subject != c.Reporter && !anyOf(by, item, []string{actHandle, actReport}) {
		return Proof{}, fmt.Errorf("add a proof to case %s: %w", p.Case, ErrNotAllowed)
	}
	had, err := proofOf(ctx, tx, p.Case, p.ID)
	switch {
	case err == nil && had.SHA256 == p.SHA256 && had.Phase == p.Phase:
		return had, nil
	case err == nil:
		return Proof{}, fmt.Errorf("proof %s: %w", p.ID, ErrReused)
	case !errors.Is(err, pgx.ErrNoRows):
		return Proof{}, err
	}
	p.Received, p.By = micro(s.opt.Now()), by.Subject
	p.stamp(sentAt)
	if p.Lon != nil {
		away := math.Round(geo.Distance(orb.Point{*p.Lon, *p.Lat}, orb.Point{c.Lon, c.Lat})*10) / 10
		p.Away = &away
	}
	if _, err := tx.Exec(ctx, `insert into incident.proof (`+proofColumns+`) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
		p.Case, p.ID, p.Phase, p.Media, p.SHA256, p.Bytes, p.TakenAt, p.Received, p.Skew, p.Doubtful, p.Lon, p.Lat, p.Accuracy, p.Away, p.By, p.Text); err != nil {
		return Proof{}, fmt.Errorf("keep proof %s of case %s: %w", p.ID, p.Case, err)
	}
	if s.opt.Kept != nil {
		if err := s.opt.Kept(ctx, tx, c, p); err != nil {
			return Proof{}, fmt.Errorf("keep proof %s of case %s: %w", p.ID, p.Case, err)
		}
	}
	c.Proofs++
	return p, s.save(ctx, tx, &c, Entry{At: p.Received, Kind: kindProof, State: c.State, By: by.Subject, ByName: s.opt.Name(ctx, by.Subject),
		Text: strings.TrimSpace(p.Phase + " " + p.Text), Ref: p.ID, Unit: c.Unit, DoneAt: differs(p.TakenAt, p.Received)})
}

// stamp compares the sender's clock with ours.
func (p *Proof) stamp(sentAt time.Time) {
	if !sentAt.IsZero() {
		p.Skew = math.Round(sentAt.Sub(p.Received).Seconds()*1000) / 1000
		p.Doubtful = sentAt.Sub(p.Received).Abs() > MaxSkew
	}
	if p.TakenAt.IsZero() {
		p.TakenAt = p.Received
	}
	p.TakenAt = micro(p.TakenAt)
	// nothing is taken after it was received
	if p.TakenAt.Sub(p.Received) > MaxSkew {
		p.Doubtful = true
	}
}

const proofColumns = `case_id, id, phase, media, sha256, bytes, taken, received, skew, doubtful, lon, lat, accuracy, away, by, text`

func scanProof(row pgx.CollectableRow) (p Proof, err error) {
	err = row.Scan(&p.Case, &p.ID, &p.Phase, &p.Media, &p.SHA256, &p.Bytes, &p.TakenAt, &p.Received, &p.Skew, &p.Doubtful,
		&p.Lon, &p.Lat, &p.Accuracy, &p.Away, &p.By, &p.Text)
	return p, err
}

func proofOf(ctx context.Context, tx pgx.Tx, of, id string) (Proof, error) {
	rows, err := tx.Query(ctx, `select `+proofColumns+` from incident.proof where case_id = $1 and id = $2`, of, id)
	if err != nil {
		return Proof{}, fmt.Errorf("look for proof %s: %w", id, err)
	}
	return pgx.CollectExactlyOneRow(rows, scanProof)
}

// Proofs are a case's, in the order in which they came.
func (s *Service) Proofs(ctx context.Context, scope database.Scope, id string) ([]Proof, error) {
	list, err := database.Collect(ctx, s.wall, scope, `select `+proofColumns+` from incident.proof where case_id = $1 order by received, id`, []any{id}, scanProof)
	if err != nil {
		return nil, fmt.Errorf("read the proofs of case %s: %w", id, err)
	}
	return list, nil
}

// Shows reports whether a photo or form is a proof of a case in the scope.
func (s *Service) Shows(ctx context.Context, scope database.Scope, media string) (bool, error) {
	list, err := database.Collect(ctx, s.wall, scope, `select case_id from incident.proof where media = $1 limit 1`, []any{media}, pgx.RowTo[string])
	if err != nil {
		return false, fmt.Errorf("look for a case that %s is a proof of: %w", media, err)
	}
	return len(list) > 0, nil
}
