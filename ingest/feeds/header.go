package feeds

import (
	"errors"
	"fmt"
	"strings"
)

// maxHeaderRow is how far down a header may begin.
const maxHeaderRow = 20

// finder tells whether heads are the header of a delivery.
type finder func(heads []head) bool

var (
	errNoHeader  = errors.New("no header found")
	errAmbiguous = errors.New("the header is ambiguous")
	errNoColumn  = errors.New("a required column is missing")
)

// binding is where each column of the contract stands in the table: an index
// into the header, -1 when it does not.
type binding struct {
	at []int // parallel to Contract.Columns
	// unknown are the headers that the contract has no column for.
	unknown []string
}

// recognises makes the finder of a contract: at least half of the required
// columns, and not fewer than one, stand in it.
func (c *Contract) recognises(heads []head) bool {
	required, found := 0, 0
	for i := range c.Columns {
		if !c.Columns[i].Required {
			continue
		}
		required++
		if len(c.Columns[i].in(heads)) > 0 {
			found++
		}
	}
	return found > 0 && found*2 >= required
}

// in finds the heads that a column may stand under: by the full path of merged
// headers when one of its names is a path, by the own text otherwise.
func (col *Column) in(heads []head) (at []int) {
	for _, name := range append([]string{col.Name}, col.Aliases...) {
		n := normal(name)
		for i, h := range heads {
			if len(h.path) > 1 && normal(strings.Join(h.path, "/")) == n {
				at = append(at, i)
			}
		}
	}
	if len(at) > 0 {
		return at
	}
	for _, name := range append([]string{col.Name}, col.Aliases...) {
		n := normal(name)
		for i, h := range heads {
			if normal(h.own()) == n {
				at = append(at, i)
			}
		}
	}
	return at
}

// bind finds every column. A column that could be two headers, or a required
// one that is none, fails the delivery: guessing would put numbers in the
// wrong place for every row.
func (c *Contract) bind(heads []head) (binding, error) {
	b := binding{at: make([]int, len(c.Columns))}
	used := make([]bool, len(heads))
	var errs []error
	for i := range c.Columns {
		col := &c.Columns[i]
		at := col.in(heads)
		b.at[i] = -1
		switch {
		case len(at) > 1:
			errs = append(errs, fmt.Errorf("%w: column %q could be %s; name it by the merged header above, such as %q",
				errAmbiguous, col.Name, places(heads, at), strings.Join(heads[at[0]].path, "/")))
		case len(at) == 1:
			b.at[i] = at[0]
			used[at[0]] = true
		case col.Required:
			errs = append(errs, fmt.Errorf("%w: %q (also known as %s)", errNoColumn, col.Name, strings.Join(col.Aliases, ", ")))
		}
	}
	for i, h := range heads {
		if !used[i] && h.own() != "" {
			b.unknown = append(b.unknown, h.own())
		}
	}
	return b, errors.Join(errs...)
}

func places(heads []head, at []int) string {
	names := make([]string, len(at))
	for i, j := range at {
		names[i] = fmt.Sprintf("%s %q", heads[j].ref, strings.Join(heads[j].path, "/"))
	}
	return strings.Join(names, " or ")
}

// noHeader says what was looked for and what the first rows had instead.
func noHeader(c *Contract, rows []row) error {
	var names []string
	for _, col := range c.Columns {
		if col.Required {
			names = append(names, col.Name)
		}
	}
	first := ""
	if len(rows) > 0 {
		first = strings.Join(rows[0].cells, ", ")
		if len(first) > 200 {
			first = strings.ToValidUTF8(first[:200], "") + "…"
		}
	}
	return fmt.Errorf("%w in the first %d rows: expected %s; the first row is %q",
		errNoHeader, maxHeaderRow, strings.Join(names, ", "), first)
}
