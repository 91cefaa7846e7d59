package identity

import (
	"strings"
)

// spot is an organisation that a sheet speaks of: one that is there, one of
// the file's rows, or both.
type spot struct {
	org *Org
	row int // index of the row; -1: none
}

// placing finds out which organisation each row is, and which its parent.
// Rows name parents by code, name or path, in any order.
type placing struct {
	tree   *orgTree
	rows   []sheetRow
	byCode map[string][]int
	byName map[string][]int
	placed []placed
}

type placed struct {
	state  int // 0: not looked at; 1: being looked at; 2: found
	at     spot
	parent *spot // nil: at the top
	err    error
}

func newPlacing(tree *orgTree, t *sheetTable) *placing {
	p := &placing{tree: tree, byCode: map[string][]int{}, byName: map[string][]int{}}
	if t == nil {
		return p
	}
	p.rows, p.placed = t.rows, make([]placed, len(t.rows))
	for i, r := range p.rows {
		if code := r.cells["uscc"]; code != "" {
			p.byCode[code] = append(p.byCode[code], i)
		}
		p.byName[r.cells["name"]] = append(p.byName[r.cells["name"]], i)
	}
	return p
}

// place is where row i belongs.
func (p *placing) place(i int) *placed {
	at := &p.placed[i]
	if at.state != 0 {
		return at
	}
	at.state = 1
	at.at = spot{row: i}
	at.err = p.find(i, at)
	at.state = 2
	return at
}

func (p *placing) find(i int, at *placed) error {
	r := p.rows[i]
	code, name, ref := r.cells["uscc"], r.cells["name"], r.cells["parent"]
	if len(p.byCode[code]) > 1 {
		return wrong("uscc", code, "twice", "表内重复 / it is in the file twice", "")
	}
	at.at.org = p.tree.byCode[code]
	if ref != "" {
		parent, err := p.resolve("parent", ref, i)
		if err != nil {
			return err
		}
		at.parent = &parent
	}
	switch {
	case at.at.org != nil:
		if was := at.at.org.Parent; at.parent != nil && (at.parent.org == nil || at.parent.org.ID != was) {
			return wrong("parent", ref, "move", "导入不移动机构 / an import does not move organisations", p.tree.name(was))
		}
	case at.parent == nil:
		at.at.org = p.tree.child("", name)
	case at.parent.org != nil:
		at.at.org = p.tree.child(at.parent.org.ID, name)
	}
	return nil
}

// resolve finds what a cell names; self is the row that asks, or -1.
func (p *placing) resolve(field, ref string, self int) (spot, error) {
	found := p.named(ref, self)
	if len(found) == 0 {
		if i := strings.LastIndex(ref, "/"); i > 0 {
			return p.child(field, ref, ref[:i], ref[i+1:], self)
		}
	}
	if len(found) == 1 && found[0].row >= 0 && p.placed[found[0].row].state == 1 {
		return spot{}, wrong(field, ref, "cycle", "上级关系成环 / the parents go in a circle", "")
	}
	return only(field, ref, found)
}

func only(field, ref string, found []spot) (spot, error) {
	switch len(found) {
	case 0:
		return spot{}, wrong(field, ref, "unknown", "找不到该机构 / there is no such organisation, here or in the file", "统一社会信用代码、名称或全路径")
	case 1:
		return found[0], nil
	}
	return spot{}, wrong(field, ref, "ambiguous", "有多个同名机构 / there are several of this name", "统一社会信用代码或全路径 / the code or the full path")
}

// named are those of that code or name, two at most.
func (p *placing) named(ref string, self int) []spot {
	if o := p.tree.byCode[ref]; o != nil {
		return []spot{{o, -1}}
	}
	var found []spot
	if rows := p.byCode[ref]; len(rows) > 0 {
		return p.gather(found, rows, self, nil)
	}
	for _, o := range p.tree.byName[ref] {
		if found = append(found, spot{o, -1}); len(found) > 1 {
			return found
		}
	}
	return p.gather(found, p.byName[ref], self, nil)
}

// child is the one of that name under what the beginning of a path names.
func (p *placing) child(field, ref, above, name string, self int) (spot, error) {
	parent, err := p.resolve(field, above, self)
	if err != nil {
		return spot{}, wrong(field, ref, "unknown", "找不到路径上的机构 / there is no such path: "+above, "")
	}
	var found []spot
	if parent.org != nil {
		if o := p.tree.child(parent.org.ID, name); o != nil {
			found = append(found, spot{o, -1})
		}
	}
	found = p.gather(found, p.byName[name], self, func(at *placed) bool { return at.parent != nil && same(*at.parent, parent) })
	return only(field, ref, found)
}

// gather adds rows that are none of those found, until there are two.
func (p *placing) gather(found []spot, rows []int, self int, take func(*placed) bool) []spot {
	for _, i := range rows {
		if i == self {
			continue
		}
		at := p.place(i)
		if take != nil && !take(at) {
			continue
		}
		known := false
		for k := range found {
			if same(found[k], at.at) {
				found[k].row, known = i, true
			}
		}
		if !known {
			found = append(found, at.at)
		}
		if len(found) > 1 {
			break
		}
	}
	return found
}

func same(a, b spot) bool {
	if a.org != nil || b.org != nil {
		return a.org == b.org
	}
	return a.row == b.row
}
