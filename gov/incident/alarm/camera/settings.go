package camera

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"onecity/gov/incident/alarm"
	"onecity/internal/audit"

	"github.com/jackc/pgx/v5"
)

// secretsKept is how many of a partner's secrets are good: the new one and,
// while its system is told, the one before.
const secretsKept = 2

func (s *Service) reload(ctx context.Context) error {
	rows, err := s.pool.Query(ctx, "select partner, body, secrets, version from alarm.camera")
	if err != nil {
		return fmt.Errorf("read the camera partners: %w", err)
	}
	list, err := pgx.CollectRows(rows, s.scan)
	if err != nil {
		return fmt.Errorf("read the camera partners: %w", err)
	}
	all := make(map[string]partner, len(list))
	for _, p := range list {
		all[p.Partner] = p
	}
	s.partners.Store(&all)
	return nil
}

func (s *Service) scan(row pgx.CollectableRow) (p partner, err error) {
	var id string
	var sealed []byte
	var version int64
	if err := row.Scan(&id, &p.Settings, &sealed, &version); err != nil {
		return p, err
	}
	p.Partner, p.Version, p.Keyed = id, version, sealed != nil
	if sealed == nil {
		return p, nil
	}
	text, err := s.opt.Key.Open(sealed, "camera:"+id)
	if err != nil {
		return p, fmt.Errorf("open the secrets of %s: %w", id, err)
	}
	p.secrets = strings.Fields(string(text))
	return p, nil
}

// List are the partners in by's regions, by id.
func (s *Service) List(ctx context.Context, by alarm.By) ([]Settings, error) {
	rows, err := s.pool.Query(ctx, "select partner, body, secrets, version from alarm.camera order by partner")
	if err != nil {
		return nil, fmt.Errorf("list the camera partners: %w", err)
	}
	list, err := pgx.CollectRows(rows, s.scan)
	if err != nil {
		return nil, fmt.Errorf("list the camera partners: %w", err)
	}
	out := []Settings{}
	for _, p := range list {
		if by.May(p.Region) {
			out = append(out, p.Settings)
		}
	}
	return out, nil
}

var partnerID = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,39}$`)

func (s *Service) check(x *Settings) error {
	var faults alarm.Faults
	say := func(field, message string) { faults = append(faults, alarm.Fault{Field: field, Message: message}) }
	if !partnerID.MatchString(x.Partner) {
		say("/partner", "2–40 位小写字母、数字、连字符 / 2–40 small letters, digits and hyphens")
	}
	if strings.TrimSpace(x.Name) == "" {
		say("/name", "缺少必填项 / it is missing")
	}
	if s.opt.City.RegionName(x.Region) == "" {
		say("/region", "没有这个区域 / there is no such region")
	}
	for i, m := range x.Kinds {
		at := fmt.Sprintf("/kinds/%d/", i)
		if strings.TrimSpace(m.Kind) == "" {
			say(at+"kind", "缺少必填项 / it is missing")
		}
		if _, ok := s.opt.City.Class(m.Class); !ok {
			say(at+"class", "案件类别不存在 / there is no such class of incidents")
		}
		if m.Severity < 1 || m.Severity > 4 {
			say(at+"severity", "1 特别重大 … 4 一般")
		}
		if !(m.Confidence >= 0 && m.Confidence <= 1) {
			say(at+"confidence", "应在 0 至 1 之间 / it is to be between 0 and 1")
		}
	}
	if len(faults) > 0 {
		return faults
	}
	return nil
}

// Put adds a partner (version 0) or replaces its settings that were read at
// Version. alarm.Faults, ErrConflict, ErrRefused.
func (s *Service) Put(ctx context.Context, by alarm.By, x Settings) (Settings, error) {
	if err := s.check(&x); err != nil {
		return Settings{}, err
	}
	err := s.change(ctx, by, x.Partner, "put", func(old *partner) (partner, error) {
		var version int64
		next := partner{Settings: x}
		if old != nil {
			version, next.secrets, next.Keyed = old.Version, old.secrets, old.Keyed
		}
		if version != x.Version {
			return partner{}, fmt.Errorf("camera partner %s is at version %d: %w", x.Partner, version, ErrConflict)
		}
		if !by.May(x.Region) {
			return partner{}, fmt.Errorf("camera partner %s: %w", x.Partner, ErrRefused)
		}
		x = next.Settings
		x.Version = version + 1
		return next, nil
	})
	return x, err
}

// NewSecret gives a partner a secret, which is shown this once. The one before
// it stays good until the next.
func (s *Service) NewSecret(ctx context.Context, by alarm.By, id string) (string, error) {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails, by its contract
	secret := "whsec_" + base64.StdEncoding.EncodeToString(b)
	err := s.change(ctx, by, id, "secret", func(old *partner) (partner, error) {
		if old == nil {
			return partner{}, ErrNotFound
		}
		next := *old
		next.secrets = append([]string{secret}, old.secrets...)
		next.secrets = next.secrets[:min(len(next.secrets), secretsKept)]
		next.Keyed = true
		return next, nil
	})
	if err != nil {
		return "", err
	}
	return secret, nil
}

// change runs one change of a partner in a transaction, with the log. What is
// outside of by's regions is not there.
func (s *Service) change(ctx context.Context, by alarm.By, id, what string, fn func(old *partner) (partner, error)) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "select partner, body, secrets, version from alarm.camera where partner = $1 for update", id)
		if err != nil {
			return fmt.Errorf("read camera partner %s: %w", id, err)
		}
		var old *partner
		var before any
		switch p, err := pgx.CollectExactlyOneRow(rows, s.scan); {
		case err == nil && !by.May(p.Region):
			return fmt.Errorf("camera partner %s: %w", id, ErrNotFound)
		case err == nil:
			old, before = &p, p.Settings
		case !errors.Is(err, pgx.ErrNoRows):
			return fmt.Errorf("read camera partner %s: %w", id, err)
		}
		next, err := fn(old)
		if err != nil {
			return err
		}
		return s.write(ctx, tx, by, what, before, next)
	})
	if err != nil {
		return err
	}
	return s.reload(ctx)
}

func (s *Service) write(ctx context.Context, tx pgx.Tx, by alarm.By, what string, before any, p partner) error {
	var sealed []byte
	if len(p.secrets) > 0 {
		sealed = s.opt.Key.Seal([]byte(strings.Join(p.secrets, " ")), "camera:"+p.Partner)
	}
	if _, err := tx.Exec(ctx, `insert into alarm.camera (partner, body, secrets, updated_by) values ($1, $2, $3, $4)
		on conflict (partner) do update set body = $2, secrets = $3, updated_by = $4, updated = now(), version = alarm.camera.version + 1`,
		p.Partner, p.Settings, sealed, by.Subject); err != nil {
		return fmt.Errorf("write camera partner %s: %w", p.Partner, err)
	}
	detail, err := json.Marshal(map[string]any{"before": before, "after": p.Settings})
	if err != nil {
		return fmt.Errorf("write the log's detail: %w", err)
	}
	e := audit.Entry{Actor: by.Subject, From: by.From, Session: by.Session, Why: by.Why, Action: "incident.camera." + what,
		Object: "camera-partner:" + p.Partner, Region: p.Region, Outcome: audit.Done, Detail: detail}
	if err := s.opt.Audit(ctx, tx, e); err != nil {
		return fmt.Errorf("log %s: %w", e.Action, err)
	}
	return nil
}

// Run reads the partners anew now and then: another node may have changed them.
func (s *Service) Run(ctx context.Context) error {
	tick := time.NewTicker(30 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			brief, cancel := context.WithTimeout(ctx, 5*time.Second)
			_ = s.reload(brief) // those that are known stay good
			cancel()
		}
	}
}
