package identity

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"onecity/internal/audit"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Import takes organisations and people from a workbook as Template and Export
// write it. A row whose code (or parent and name), or whose login, is in the
// directory changes what is there; an empty cell changes nothing; others are
// added. Nothing is moved or removed. Each row is checked as it would be alone,
// by's rights included, and logged as a change of its own.
//
// All rows go in, in one transaction, or none: a tree that is half there is
// worse than none. With dry nothing goes in, and the report is what it would
// have been. The error is a FieldError of the field "file" when the workbook
// cannot be read at all.
func (d *Directory) Import(ctx context.Context, by By, r io.Reader, dry bool) (ImportReport, error) {
	orgs, people, err := readWorkbook(r)
	if err != nil {
		return ImportReport{}, err
	}
	tree, err := d.tree(ctx, by)
	if err != nil {
		return ImportReport{}, fmt.Errorf("import: %w", err)
	}
	all, err := d.everybody(ctx, by)
	if err != nil {
		return ImportReport{}, fmt.Errorf("import: %w", err)
	}
	im := &importing{d: d, by: by, orgs: orgs, people: people, placing: newPlacing(tree, orgs), known: map[string]*Person{}, seen: map[string]bool{}}
	for i := range all {
		im.known[all[i].Login] = &all[i]
	}
	im.report.Problems, im.report.Sheets = []SheetProblem{}, []SheetReport{}
	err = pgx.BeginFunc(ctx, d.pool, func(tx pgx.Tx) error {
		if err := im.run(ctx, tx); err != nil {
			return err
		}
		if dry || len(im.report.Problems) > 0 {
			return errUndo
		}
		return nil
	})
	if err != nil && !errors.Is(err, errUndo) {
		return ImportReport{}, fmt.Errorf("import: %w", err)
	}
	im.report.Done = err == nil
	if im.refused && !dry {
		if err := d.refuse(ctx, by, change{action: "identity.import", object: "directory:", after: im.report.Sheets}); !errors.Is(err, ErrRefused) {
			return ImportReport{}, err
		}
	}
	return im.report, nil
}

// errUndo takes an import back that was only tried.
var errUndo = errors.New("the import is taken back")

// importing is one import.
type importing struct {
	d       *Directory
	by      By
	orgs    *sheetTable
	people  *sheetTable
	placing *placing
	written []written          // by the row of organisations
	known   map[string]*Person // by login, those that are there and seen
	seen    map[string]bool    // logins of the file
	report  ImportReport
	refused bool
}

type written struct {
	done bool
	org  Org // as it is now; the zero Org when the row is bad
}

func (im *importing) run(ctx context.Context, tx pgx.Tx) error {
	if t := im.orgs; t != nil && im.open(t) {
		im.written = make([]written, len(t.rows))
		for i := range t.rows {
			if err := im.org(ctx, tx, i, 0); err != nil {
				return err
			}
		}
	}
	if t := im.people; t != nil && im.open(t) {
		for _, r := range t.rows {
			if err := im.row(ctx, tx, t, r, func(tx pgx.Tx) (string, change, error) { return im.person(ctx, tx, r) }); err != nil {
				return err
			}
		}
	}
	return nil
}

// open begins the report of a sheet; false when its headings are not there.
func (im *importing) open(t *sheetTable) bool {
	im.report.Sheets = append(im.report.Sheets, SheetReport{Name: t.name, Rows: len(t.rows)})
	missing := false
	for _, c := range t.columns {
		if c.need && t.at[c.field] == 0 {
			missing = true
			im.problem(t, t.heading, wrong(c.field, "", "missing-column", "缺少列 / a column is missing: "+c.zh, c.heading()))
		}
	}
	return !missing
}

func (im *importing) problem(t *sheetTable, row int, e *FieldError) {
	if len(im.report.Problems) >= maxSheetProblems {
		im.report.More++
		return
	}
	value := []rune(e.Value)
	im.report.Problems = append(im.report.Problems, SheetProblem{
		Sheet: t.name, Cell: t.cell(e.Field, row), Field: e.Field, Value: string(value[:min(len(value), 100)]), Code: e.Code, Message: e.Message, Want: e.Want,
	})
}

// How a row went.
const (
	added   = "added"
	changed = "changed"
	kept    = "same"
)

// row runs one row in a savepoint and counts it. What is wrong with the row is
// a problem of its cell; an error ends the import.
func (im *importing) row(ctx context.Context, tx pgx.Tx, t *sheetTable, r sheetRow, fn func(pgx.Tx) (string, change, error)) error {
	sheet := &im.report.Sheets[len(im.report.Sheets)-1]
	how := ""
	err := pgx.BeginFunc(ctx, tx, func(sp pgx.Tx) error {
		did, c, err := fn(sp)
		how = did
		if err != nil || did == kept {
			return err
		}
		return im.d.record(ctx, sp, im.by, c, audit.Done)
	})
	if err == nil {
		sheet.Good++
		switch how {
		case added:
			sheet.Added++
		case changed:
			sheet.Changed++
		default:
			sheet.Same++
		}
		return nil
	}
	field, err := im.blame(err)
	if err != nil {
		return err
	}
	sheet.Bad++
	im.problem(t, r.number, field)
	return nil
}

// blame is what is wrong with the row; err when it is not the row's fault.
func (im *importing) blame(err error) (*FieldError, error) {
	var field *FieldError
	var pg *pgconn.PgError
	switch {
	case errors.As(err, &field):
		return field, nil
	case errors.Is(err, ErrRefused):
		im.refused = true
		return wrong("name", "", "refused", "权限不及 / your rights do not reach this", ""), nil
	case errors.Is(err, ErrConflict), errors.Is(err, ErrNotFound):
		return wrong("name", "", "conflict", "刚被他人修改，请重试 / somebody else changed it just now: try again", ""), nil
	}
	if field := explain(err); field != nil {
		return field, nil
	}
	if errors.As(err, &pg) && (strings.HasPrefix(pg.Code, "22") || strings.HasPrefix(pg.Code, "23")) {
		return wrong("name", "", "refused-by-database", "数据库不接受此行 / the database does not take this row: "+pg.ConstraintName, ""), nil
	}
	return nil, err
}

// maxDepth bounds the levels of the tree that an import makes.
const maxDepth = 20

// org puts in the organisation of row i, its parent first.
func (im *importing) org(ctx context.Context, tx pgx.Tx, i, depth int) error {
	w := &im.written[i]
	if w.done {
		return nil
	}
	w.done = true
	at := im.placing.place(i)
	if p := at.parent; at.err == nil && p != nil && p.org == nil && depth < maxDepth {
		if err := im.org(ctx, tx, p.row, depth+1); err != nil {
			return err
		}
	}
	r := im.orgs.rows[i]
	return im.row(ctx, tx, im.orgs, r, func(tx pgx.Tx) (string, change, error) {
		if at.err != nil {
			return "", change{}, at.err
		}
		o, was, err := im.wanted(r, at)
		if err != nil {
			return "", change{}, err
		}
		if was != nil && o.USCC == was.USCC && o.Name == was.Name && o.Kind == was.Kind && o.Region == was.Region {
			w.org = *was
			return kept, change{}, nil
		}
		if err := checkOrg(o); err != nil {
			return "", change{}, err
		}
		if was != nil {
			now, c, err := im.d.editOrg(ctx, tx, im.by, o)
			if err == nil {
				w.org = now
			}
			return changed, c, err
		}
		now, c, err := im.d.addOrg(ctx, tx, im.by, o, false)
		if err == nil {
			w.org = now
		}
		return added, c, err
	})
}

// wanted is the organisation as its row says, and as it is; nil when it is new.
func (im *importing) wanted(r sheetRow, at *placed) (o Org, was *Org, err error) {
	if was = at.at.org; was != nil {
		o = *was
	}
	set(&o.USCC, r.cells["uscc"])
	set(&o.Name, r.cells["name"])
	set(&o.Region, r.cells["region"])
	if word := r.cells["kind"]; word != "" {
		kind, ok := code(kindZH, word)
		if !ok {
			return o, was, wrong("kind", word, "unknown", "机构类别不存在 / there is no such kind", strings.Join(kindNames(), "、"))
		}
		o.Kind = kind
	}
	if was == nil && o.Kind == "" {
		return o, was, wrong("kind", "", "missing", "请填写机构类别 / a kind is needed", strings.Join(kindNames(), "、"))
	}
	if was == nil && at.parent != nil {
		if o.Parent, err = im.id(*at.parent, "parent", r.cells["parent"]); err != nil {
			return o, was, err
		}
		if path := im.path(*at.parent); len(path) >= 4*maxDepth {
			return o, was, wrong("parent", r.cells["parent"], "too-deep", "层级过深 / the tree is too deep", fmt.Sprintf("at most %d levels", maxDepth))
		}
	}
	return o, was, nil
}

func set(to *string, cell string) {
	if cell != "" {
		*to = cell
	}
}

// id is the ID of an organisation that is in the directory by now.
func (im *importing) id(s spot, field, ref string) (string, error) {
	switch {
	case s.org != nil:
		return s.org.ID, nil
	case im.written[s.row].org.ID == "":
		return "", wrong(field, ref, "depends", "该机构所在行有误 / the row of this organisation is not good", "")
	}
	return im.written[s.row].org.ID, nil
}

func (im *importing) path(s spot) string {
	if s.org != nil {
		return s.org.Path
	}
	return im.written[s.row].org.Path
}

// person puts in the person of a row.
func (im *importing) person(ctx context.Context, tx pgx.Tx, r sheetRow) (string, change, error) {
	login := strings.ToLower(r.cells["login"])
	if im.seen[login] {
		return "", change{}, wrong("login", login, "twice", "表内重复 / it is in the file twice", "")
	}
	im.seen[login] = true
	p := Person{Login: login}
	was := im.known[login]
	if was != nil {
		p = *was
	}
	set(&p.Name, r.cells["name"])
	set(&p.Post, r.cells["post"])
	set(&p.Phone, r.cells["phone"])
	set(&p.Email, r.cells["email"])
	if word := r.cells["state"]; word != "" {
		state, ok := code(stateZH, word)
		if !ok || was == nil && state != "active" {
			want := []string{stateZH["active"], stateZH["locked"], stateZH["left"]}
			if was == nil {
				want = want[:1]
			}
			return "", change{}, wrong("state", word, "unknown", "状态不对 / this is no state for this person", strings.Join(want, "、"))
		}
		p.State = state
	}
	if ref := r.cells["org"]; ref != "" {
		s, err := im.placing.resolve("org", ref, -1)
		if err != nil {
			return "", change{}, err
		}
		if p.Org, err = im.id(s, "org", ref); err != nil {
			return "", change{}, err
		}
	} else if was == nil {
		return "", change{}, wrong("org", "", "missing", "请填写所属机构 / an organisation is needed", "")
	}
	if err := checkPerson(p); err != nil {
		return "", change{}, err
	}
	if was == nil {
		_, c, err := im.d.addPerson(ctx, tx, im.by, p, false)
		return added, c, err
	}
	if slices.Equal(told(p), told(*was)) {
		return kept, change{}, nil
	}
	_, c, err := im.d.editPerson(ctx, tx, im.by, p)
	return changed, c, err
}

// told is what a sheet can change of a person.
func told(p Person) []string { return []string{p.Name, p.Post, p.Phone, p.Email, p.State, p.Org} }
