package alarm

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"onecity/internal/audit"

	"github.com/jackc/pgx/v5"
)

// querier is a pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

const ruleColumns = "id, body, is_on, made, tried, stopped, version, updated, updated_by"

func scanRule(row pgx.CollectableRow) (r Rule, err error) {
	err = row.Scan(&r.ID, &r.Definition, &r.On, &r.Made, &r.Tried, &r.Stopped, &r.Version, &r.Updated, &r.UpdatedBy)
	return r, err
}

// rules are all that there are.
func rules(ctx context.Context, q querier) ([]Rule, error) {
	rows, err := q.Query(ctx, "select "+ruleColumns+" from alarm.rule where removed is null order by id")
	if err != nil {
		return nil, fmt.Errorf("read the alarm rules: %w", err)
	}
	list, err := pgx.CollectRows(rows, scanRule)
	if err != nil {
		return nil, fmt.Errorf("read the alarm rules: %w", err)
	}
	return list, nil
}

// rule is one, locked for a change; ErrNotFound also when it is not for by.
func rule(ctx context.Context, q querier, by By, id string, lock bool) (Rule, error) {
	sql := "select " + ruleColumns + " from alarm.rule where id = $1 and removed is null"
	if lock {
		sql += " for update"
	}
	rows, err := q.Query(ctx, sql, id)
	if err != nil {
		return Rule{}, fmt.Errorf("read alarm rule %s: %w", id, err)
	}
	r, err := pgx.CollectExactlyOneRow(rows, scanRule)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && !by.May(r.Region) {
		return Rule{}, fmt.Errorf("alarm rule %s: %w", id, ErrNotFound)
	}
	if err != nil {
		return Rule{}, fmt.Errorf("read alarm rule %s: %w", id, err)
	}
	return r, nil
}

// put writes a rule's next version, its history and the audit log.
func (s *Service) put(ctx context.Context, tx pgx.Tx, by By, what string, before *Rule, r *Rule) error {
	r.Version, r.Updated, r.UpdatedBy = 1, s.opt.Now().UTC().Truncate(time.Microsecond), by.Subject
	if before != nil {
		r.Version = before.Version + 1
	}
	if _, err := tx.Exec(ctx, `
		insert into alarm.rule (id, region, body, is_on, made, tried, stopped, version, updated, updated_by)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		on conflict (id) do update set region = $2, body = $3, is_on = $4, tried = $6, stopped = $7, version = $8, updated = $9, updated_by = $10`,
		r.ID, r.Region, r.Definition, r.On, r.Made, r.Tried, r.Stopped, r.Version, r.Updated, r.UpdatedBy); err != nil {
		return fmt.Errorf("write alarm rule %s: %w", r.ID, err)
	}
	if _, err := tx.Exec(ctx, "insert into alarm.rule_version (rule, version, body, is_on, what, by, why, at) values ($1, $2, $3, $4, $5, $6, $7, $8)",
		r.ID, r.Version, r.Definition, r.On, what, by.Subject, by.Why, r.Updated); err != nil {
		return fmt.Errorf("write the history of alarm rule %s: %w", r.ID, err)
	}
	return s.record(ctx, tx, by, what, before, r)
}

func (s *Service) record(ctx context.Context, tx pgx.Tx, by By, what string, before, after *Rule) error {
	detail, err := json.Marshal(map[string]any{"before": before, "after": after})
	if err != nil {
		return fmt.Errorf("write the log's detail: %w", err)
	}
	about := after
	if about == nil {
		about = before
	}
	e := audit.Entry{
		Actor: by.Subject, From: by.From, Session: by.Session, Why: by.Why, Action: "incident.rule." + what, Object: "alarm-rule:" + about.ID,
		Region: about.Region, Outcome: audit.Done, Before: digest(before), After: digest(after), Detail: detail,
	}
	if err := s.opt.Audit(ctx, tx, e); err != nil {
		return fmt.Errorf("log %s: %w", e.Action, err)
	}
	return nil
}

// digest of a rule, in hex; empty for none.
func digest(r *Rule) string {
	if r == nil {
		return ""
	}
	b, err := json.Marshal(r)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
