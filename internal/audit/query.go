package audit

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"onecity/internal/database"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"
)

// ErrPage: Page.After is not one that Search gave.
var ErrPage = errors.New("this is no page of the audit log")

const (
	defaultLimit = 50
	maxLimit     = 1000
)

// entryColumns are those of audit.entry e, as recordScan takes them. A time
// that no program writes (infinity, the year 10000) is read as the year 1, so
// that it is found to be altered and does not end the reading.
const entryColumns = `e.id::text,
	case when e.at between '0001-01-01' and '9999-12-31' then e.at else '0001-01-01' end, e.actor, e.action, e.object, e.region, e.org, e.outcome,
	e.source, e.session, e.why, e.before, e.after, e.detail::text, e.salt, e.rest,
	case when e.erased between '0001-01-01' and '9999-12-31' then e.erased end`

// recordScan is where a row of entryColumns goes; all are empty when an outer
// join found no entry.
type recordScan struct {
	id, actor, action, object, region, org, outcome zeronull.Text
	source, session, why, before, after, detail     zeronull.Text
	at, erased                                      zeronull.Timestamptz
	salt, rest                                      []byte
}

func (s *recordScan) targets() []any {
	return []any{&s.id, &s.at, &s.actor, &s.action, &s.object, &s.region, &s.org, &s.outcome,
		&s.source, &s.session, &s.why, &s.before, &s.after, &s.detail, &s.salt, &s.rest, &s.erased}
}

func (s *recordScan) record() *Record {
	if s.id == "" {
		return nil
	}
	r := &Record{
		Entry: Entry{ID: string(s.id), At: time.Time(s.at).UTC(), Actor: string(s.actor), Action: string(s.action), Object: string(s.object),
			Region: string(s.region), Org: string(s.org), Outcome: string(s.outcome), From: string(s.source), Session: string(s.session),
			Why: string(s.why), Before: string(s.before), After: string(s.after)},
		Salt: s.salt, Rest: s.rest,
	}
	if s.detail != "" {
		r.Detail = []byte(s.detail)
	}
	if at := time.Time(s.erased); !at.IsZero() {
		r.Erased = at.UTC()
	}
	return r
}

// Search finds entries that a reader may see, newest first. What within does
// not cover is not found.
func (l *Log) Search(ctx context.Context, within Within, f Filter, p Page) (Result, error) {
	q := &query{}
	q.within(within)
	q.filter(f)
	if err := q.after(p.After); err != nil {
		return Result{}, fmt.Errorf("search the audit log: %w", err)
	}
	limit := p.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	limit = min(limit, maxLimit)
	sql := `select coalesce(l.number, -1), ` + entryColumns + ` from audit.entry e left join audit.leaf l on l.id = e.id where ` +
		strings.Join(q.where, " and ") + ` order by e.at desc, e.id desc limit ` + q.arg(limit+1)
	found, err := database.Collect(ctx, l.wall, within.scope(), sql, q.args, scanFound)
	if err != nil {
		return Result{}, fmt.Errorf("search the audit log: %w", err)
	}
	r := Result{Entries: found}
	if len(found) > limit {
		r.Entries = found[:limit]
		r.Next = mark(found[limit-1].Entry)
	}
	return r, nil
}

// Get is one entry as it is kept, for a reader who may see it; ErrNotFound
// also when they may not.
func (l *Log) Get(ctx context.Context, within Within, id string) (Record, error) {
	name, err := uuid.Parse(id)
	if err != nil {
		return Record{}, fmt.Errorf("read audit entry %.40q: %w", id, ErrNotFound)
	}
	q := &query{}
	q.within(within)
	sql := `select ` + entryColumns + ` from audit.entry e where ` + strings.Join(q.where, " and ") + ` and e.id = ` + q.arg(name)
	records, err := database.Collect(ctx, l.wall, within.scope(), sql, q.args, func(row pgx.CollectableRow) (Record, error) {
		var s recordScan
		if err := row.Scan(s.targets()...); err != nil {
			return Record{}, err
		}
		return *s.record(), nil
	})
	if err == nil && len(records) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Record{}, fmt.Errorf("read audit entry %s: %w", id, err)
	}
	return records[0], nil
}

func scanFound(row pgx.CollectableRow) (f Found, err error) {
	var s recordScan
	if err := row.Scan(append([]any{&f.Number}, s.targets()...)...); err != nil {
		return f, err
	}
	r := s.record()
	f.Entry, f.Erased = r.Entry, len(r.Salt) == 0
	return f, nil
}

// query gathers conditions and their arguments.
type query struct {
	where []string
	args  []any
}

func (q *query) arg(v any) string {
	q.args = append(q.args, v)
	return fmt.Sprintf("$%d", len(q.args))
}

func (q *query) and(condition string) { q.where = append(q.where, condition) }

func (q *query) within(w Within) {
	if w.All {
		q.and("true")
		return
	}
	q.and(`(exists (select from unnest(` + q.arg(orEmpty(w.Regions)) + `::text[]) p where starts_with(e.region, p))
		or exists (select from unnest(` + q.arg(orEmpty(w.Orgs)) + `::text[]) p where starts_with(e.org, p)))`)
}

// scope is within as the second wall knows it.
func (w Within) scope() database.Scope {
	if w.All {
		return database.Scope{Regions: []string{""}}
	}
	return database.Scope{Regions: w.Regions, Orgs: w.Orgs}
}

func orEmpty(s []string) []string { return append([]string{}, s...) }

func (q *query) filter(f Filter) {
	if !f.Since.IsZero() {
		q.and("e.at >= " + q.arg(f.Since))
	}
	if !f.Until.IsZero() {
		q.and("e.at < " + q.arg(f.Until))
	}
	// In one order, so that the same filter is the same statement.
	for _, equal := range [][2]string{{"actor", f.Actor}, {"object", f.Object}, {"outcome", f.Outcome}} {
		if equal[1] != "" {
			q.and("e." + equal[0] + " = " + q.arg(clean(equal[1])))
		}
	}
	for _, begin := range [][2]string{{"action", f.Action}, {"region", f.Region}, {"org", f.Org}} {
		if begin[1] != "" {
			q.and("starts_with(e." + begin[0] + ", " + q.arg(clean(begin[1])) + ")")
		}
	}
	if f.Text != "" {
		text := q.arg("%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(clean(f.Text)) + "%")
		q.and(`(e.action ilike ` + text + ` or e.object ilike ` + text + ` or e.why ilike ` + text +
			` or e.source ilike ` + text + ` or e.detail::text ilike ` + text + `)`)
	}
}

// clean makes a text one that PostgreSQL takes.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// mark is where a page ends: the time and the id of its last entry.
func mark(e Entry) string {
	id := uuid.MustParse(e.ID) // it is from the database
	return base64.RawURLEncoding.EncodeToString(append(binary.BigEndian.AppendUint64(nil, uint64(e.At.UnixMicro())), id[:]...))
}

func (q *query) after(mark string) error {
	if mark == "" {
		return nil
	}
	b, err := base64.RawURLEncoding.DecodeString(mark)
	if err != nil || len(b) != 8+16 {
		return ErrPage
	}
	at := time.UnixMicro(int64(binary.BigEndian.Uint64(b))).UTC()
	if at.Year() < 1 || at.Year() > 9999 {
		return ErrPage
	}
	q.and("(e.at, e.id) < (" + q.arg(at) + ", " + q.arg(uuid.UUID(b[8:])) + ")")
	return nil
}
