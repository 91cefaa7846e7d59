package identity

import (
	"context"
	"fmt"
	"time"

	"onecity/gov/identity/access"
	"onecity/internal/codes"
)

// Place is a region as the seed needs it.
type Place struct {
	Code, Name string
	Inner      []Place
}

// Seeded is a person of the seed, with what they are for.
type Seeded struct {
	Person
	Role access.Role
	On   string // name of the region or organisation
}

// Empty reports whether the directory has no organisation yet.
func (d *Directory) Empty(ctx context.Context) (bool, error) {
	var there bool
	if err := d.pool.QueryRow(ctx, `select exists (select from identity.org)`).Scan(&there); err != nil {
		return false, fmt.Errorf("look into the directory: %w", err)
	}
	return !there, nil
}

// seedOrgs are offices of a city, all made up for trying the program out.
var seedOrgs = []struct{ key, name, kind string }{
	{"data", "大数据管理局", "gov"},
	{"centre", "城市运行管理中心", "institution"},
	{"enforce", "综合行政执法局", "gov"},
	{"environment", "生态环境局", "gov"},
	{"water", "水务局", "gov"},
	{"emergency", "应急管理局", "gov"},
	{"police", "公安局", "gov"},
}

// seedPeople are one person of each role, on the levels where it is found. at
// is the level of the region: 0 city, 1 district or town, 2 village, 3 grid.
var seedPeople = []struct {
	login, name, post, role, org string
	at                           int
	onOrg                        bool // also on the organisations below
}{
	{"city.operator", "顾明轩", "值班长", "operator", "centre", 0, false},
	{"city.leader", "沈一鸣", "分管领导", "leader", "data", 0, false},
	{"city.enforcer", "陆文博", "机动中队长", "enforcer", "enforce", 0, false},
	{"city.officer", "朱雅婷", "专职信息员", "officer", "data", 0, true},
	{"city.admin", "钱立新", "系统管理员", "admin", "data", 0, true},
	{"city.security", "徐子涵", "安全管理员", "security", "data", 0, true},
	{"city.auditor", "周晓岚", "审计管理员", "auditor", "data", 0, true},
	{"town.operator", "陈思远", "值班员", "operator", "", 1, false},
	{"town.leader", "马若水", "分管领导", "leader", "", 1, false},
	{"town.enforcer", "蒋海峰", "执法队员", "enforcer", "", 1, false},
	{"town.admin", "吴清扬", "系统管理员", "admin", "", 1, true},
	{"village.worker", "唐小满", "社区工作者", "grid", "", 2, false},
	{"village.viewer", "许静安", "社区工作者", "viewer", "", 2, false},
	{"grid.worker", "丁一帆", "网格员", "grid", "", 3, false},
}

// SeedAdministrators fills an empty directory with what a real city begins
// with: one organisation, and one person of each of the three kinds of
// administrators, who put everything else in.
func (d *Directory) SeedAdministrators(ctx context.Context, city Place) ([]Seeded, error) {
	by := System("初始数据 the first content")
	root, err := d.AddOrg(ctx, by, Org{Name: city.Name, Kind: "gov", Region: city.Code}, false)
	if err != nil {
		return nil, err
	}
	var out []Seeded
	for _, code := range []string{"admin", "security", "auditor"} {
		role, _ := roleOf(code)
		p, err := d.AddPerson(ctx, by, Person{Login: code, Name: role.ZH, Org: root.ID, Post: role.ZH}, false)
		if err != nil {
			return nil, err
		}
		for _, node := range []access.Node{{Axis: access.ByRegion}, {Axis: access.ByOrg}} {
			if _, err := d.Grant(ctx, by, access.Binding{Subject: p.Subject(), Role: code, On: node, From: time.Now()}); err != nil {
				return nil, err
			}
		}
		out = append(out, Seeded{Person: p, Role: role, On: root.Name})
	}
	return out, d.refresh(ctx)
}

// Seed fills an empty directory with a city's organisations, one for each
// district and a few offices, and one person of each role. All are marked as
// made. The three ones of two organisations are filled, the others show as
// gaps.
func (d *Directory) Seed(ctx context.Context, city Place) ([]Seeded, error) {
	by := System("初始数据 the first content")
	n := 0
	add := func(name, kind, region, parent string) (Org, error) {
		n++
		return d.AddOrg(ctx, by, Org{Name: name, Kind: kind, Region: region, Parent: parent, USCC: codes.MakeCredit(n)}, true)
	}
	root, err := add(city.Name+"人民政府", "gov", city.Code, "")
	if err != nil {
		return nil, err
	}
	offices := map[string]Org{}
	for _, s := range seedOrgs {
		if offices[s.key], err = add(city.Name+s.name, s.kind, city.Code, root.ID); err != nil {
			return nil, err
		}
	}
	places, levels := []Place{city}, []Org{root}
	for i, p := range city.Inner {
		town, err := add(p.Name+"管理委员会", "town", p.Code, root.ID)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			places, levels = append(places, p), append(levels, town)
		}
	}
	for _, kind := range []string{"village", "grid"} {
		inner := places[len(places)-1].Inner
		if len(places) == 1 || len(inner) == 0 {
			break
		}
		o, err := add(inner[0].Name, kind, inner[0].Code, levels[len(levels)-1].ID)
		if err != nil {
			return nil, err
		}
		places, levels = append(places, inner[0]), append(levels, o)
	}

	var out []Seeded
	people := map[string]Person{}
	for _, s := range seedPeople {
		if s.at >= len(places) {
			continue
		}
		home := levels[s.at]
		if s.org != "" {
			home = offices[s.org]
		}
		p, err := d.AddPerson(ctx, by, Person{Login: s.login, Name: s.name, Org: home.ID, Post: s.post}, true)
		if err != nil {
			return nil, err
		}
		people[s.login] = p
		on := []access.Node{{Axis: access.ByRegion, Code: places[s.at].Code}}
		if s.onOrg {
			on = append(on, access.Node{Axis: access.ByOrg, Code: levels[s.at].Path})
		}
		for _, node := range on {
			if _, err := d.Grant(ctx, by, access.Binding{Subject: p.Subject(), Role: s.role, On: node, From: time.Now()}); err != nil {
				return nil, err
			}
		}
		role, _ := roleOf(s.role)
		out = append(out, Seeded{Person: p, Role: role, On: places[s.at].Name})
	}
	for _, r := range []Responsibility{
		{Org: root.ID, Kind: Leader, Person: people["city.leader"].ID},
		{Org: root.ID, Kind: Department, Unit: offices["data"].ID},
		{Org: root.ID, Kind: Officer, Person: people["city.officer"].ID},
		{Org: offices["data"].ID, Kind: Leader, Person: people["city.leader"].ID},
		{Org: offices["data"].ID, Kind: Officer, Person: people["city.officer"].ID},
	} {
		if _, err := d.Appoint(ctx, by, r); err != nil {
			return nil, err
		}
	}
	return out, d.refresh(ctx)
}

func roleOf(code string) (access.Role, bool) {
	for _, r := range access.Standard() {
		if r.Code == code {
			return r, true
		}
	}
	return access.Role{}, false
}
