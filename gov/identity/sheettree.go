package identity

import (
	"context"
	"slices"
	"strings"
)

// orgTree is the organisations that somebody may view, as a sheet names them.
type orgTree struct {
	orgs     []Org // parents before children
	byID     map[string]*Org
	byCode   map[string]*Org
	byName   map[string][]*Org
	children map[string][]*Org // by the parent's ID; "" are those whose parent is not seen
}

func (d *Directory) tree(ctx context.Context, by By) (*orgTree, error) {
	t := &orgTree{byID: map[string]*Org{}, byCode: map[string]*Org{}, byName: map[string][]*Org{}, children: map[string][]*Org{}}
	for {
		after := ""
		if n := len(t.orgs); n > 0 {
			after = t.orgs[n-1].Path
		}
		page, err := d.Orgs(ctx, by, OrgFilter{After: after, Limit: maxPage})
		if err != nil {
			return nil, err
		}
		t.orgs = append(t.orgs, page...)
		if len(page) < maxPage {
			break
		}
	}
	for i := range t.orgs {
		o := &t.orgs[i]
		t.byID[o.ID] = o
		if o.USCC != "" {
			t.byCode[o.USCC] = o
		}
		t.byName[o.Name] = append(t.byName[o.Name], o)
		parent := o.Parent
		if t.byID[parent] == nil {
			parent = ""
		}
		t.children[parent] = append(t.children[parent], o)
	}
	return t, nil
}

// child is the organisation of that name under a parent; nil when there is none.
func (t *orgTree) child(parent, name string) *Org {
	for _, o := range t.children[parent] {
		if o.Name == name {
			return o
		}
	}
	return nil
}

// name is how a sheet names an organisation so that it is found again: by its
// code, its name where nobody else has it, or the names from the top; "" when
// it is not seen.
func (t *orgTree) name(id string) string {
	o := t.byID[id]
	switch {
	case o == nil:
		return ""
	case o.USCC != "":
		return o.USCC
	case len(t.byName[o.Name]) == 1:
		return o.Name
	}
	var names []string
	for ; o != nil; o = t.byID[o.Parent] {
		names = append(names, o.Name)
	}
	slices.Reverse(names)
	return strings.Join(names, "/")
}

// everybody are the people that by may view, by login.
func (d *Directory) everybody(ctx context.Context, by By) ([]Person, error) {
	var all []Person
	for {
		after := ""
		if n := len(all); n > 0 {
			after = all[n-1].Login
		}
		page, err := d.People(ctx, by, PersonFilter{After: after, Limit: maxPage})
		if err != nil {
			return nil, err
		}
		if all = append(all, page...); len(page) < maxPage {
			return all, nil
		}
	}
}
