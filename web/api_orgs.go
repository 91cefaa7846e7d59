package web

import (
	"context"
	"net/http"
	"time"

	"onecity/gov/identity"
	"onecity/gov/identity/access"

	"github.com/danielgtaylor/huma/v2"
)

// do declares an operation that is not a plain read.
func do[I, O any](s *Server, need access.Action, method, path, id, tag, summary string, fn func(context.Context, *I) (*O, error)) {
	huma.Register(s.api, huma.Operation{
		Method: method, Path: path, OperationID: id, Tags: []string{tag}, Summary: summary,
		Middlewares: huma.Middlewares{s.there(tag), s.allowed(need), withRequest},
	}, fn)
}

// by is the caller as the directory knows who changes it.
func by(ctx context.Context, why string) identity.By {
	c := callerIn(ctx)
	return identity.By{Rights: c.Rights, Subject: c.ID, From: c.From, Session: c.Session, Why: why}
}

// answer is a body of JSON.
type answered[T any] struct{ Body T }

// list is a page of things.
type listed[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty" doc:"下一页的 after The after of the next page"`
}

// paged makes a page; key is what the next one begins after.
func paged[T any](items []T, limit int, key func(T) string) *answered[listed[T]] {
	a := &answered[listed[T]]{}
	a.Body.Items = items
	if a.Body.Items == nil {
		a.Body.Items = []T{}
	}
	if limit > 0 && len(items) == limit {
		a.Body.Next = key(items[len(items)-1])
	}
	return a
}

type orgBody struct {
	USCC   string `json:"uscc,omitempty" maxLength:"18" doc:"统一社会信用代码 GB 32100-2015"`
	Name   string `json:"name" maxLength:"200"`
	Kind   string `json:"kind" doc:"party, gov, town, village, grid, institution, soe"`
	Parent string `json:"parent,omitempty" doc:"上级机构 ID of the parent; only when it is added"`
	Region string `json:"region,omitempty" maxLength:"15" doc:"所辖区域代码 Code of the region of its work"`
	// Version is the one that was read.
	Version int64  `json:"version,omitempty" doc:"修改时填所见版本 The version that was read, to change it"`
	Why     string `json:"why,omitempty" maxLength:"500" doc:"理由 The reason"`
}

type responsibilityBody struct {
	Kind   string     `json:"kind" enum:"leader,department,officer" doc:"分管领导、扎口部门、专职人员"`
	Person string     `json:"person,omitempty"`
	Unit   string     `json:"department,omitempty" doc:"扎口部门的机构编号 ID of the lead office"`
	Doc    string     `json:"doc,omitempty" maxLength:"100" doc:"任命文号 Number of the paper"`
	From   time.Time  `json:"from,omitempty"`
	Until  *time.Time `json:"until,omitempty"`
	Why    string     `json:"why,omitempty" maxLength:"500"`
}

func (s *Server) orgRoutes() {
	d := s.directory()
	type query struct {
		Under string `query:"under" maxLength:"64" doc:"机构路径，仅此以下 Path of an organisation: it and those below"`
		Query string `query:"q" maxLength:"100" doc:"名称或代码的一部分 Part of the name or code"`
		Gaps  bool   `query:"gaps" doc:"仅三个一有缺的 Only with a gap in the three ones"`
		After string `query:"after" maxLength:"64"`
		Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"200"`
	}
	get(s, access.OrgView, "/api/v1/orgs", "listOrgs", "identity", "机构列表，按层级 Organisations, parents before children",
		func(ctx context.Context, q *query) (*answered[listed[identity.Org]], error) {
			orgs, err := d.Orgs(ctx, by(ctx, ""), identity.OrgFilter{Under: q.Under, Query: q.Query, Gaps: q.Gaps, After: q.After, Limit: q.Limit})
			if err != nil {
				return nil, s.failed(ctx, "list organisations", err)
			}
			return paged(orgs, q.Limit, func(o identity.Org) string { return o.Path }), nil
		})
	type under struct {
		Under string `query:"under" maxLength:"64"`
	}
	get(s, access.OrgView, "/api/v1/orgs/ones", "threeOnes", "identity", "三个一到位情况 How well the three ones are filled",
		func(ctx context.Context, q *under) (*answered[identity.Ones], error) {
			ones, err := d.ThreeOnes(ctx, by(ctx, ""), q.Under)
			if err != nil {
				return nil, s.failed(ctx, "count the three ones", err)
			}
			return &answered[identity.Ones]{ones}, nil
		})
	get(s, access.OrgView, "/api/v1/orgs/{id}", "getOrg", "identity", "机构详情 One organisation",
		func(ctx context.Context, in *idPath) (*answered[identity.Org], error) {
			o, err := d.Org(ctx, by(ctx, ""), in.ID)
			if err != nil {
				return nil, s.failed(ctx, "find an organisation", err)
			}
			return &answered[identity.Org]{o}, nil
		})
	type add struct{ Body orgBody }
	do(s, access.OrgEdit, http.MethodPost, "/api/v1/orgs", "addOrg", "identity", "新增机构 Add an organisation",
		func(ctx context.Context, in *add) (*answered[identity.Org], error) {
			b := in.Body
			o, err := d.AddOrg(ctx, by(ctx, b.Why), identity.Org{USCC: b.USCC, Name: b.Name, Kind: b.Kind, Parent: b.Parent, Region: b.Region}, false)
			if err != nil {
				return nil, s.failed(ctx, "add an organisation", err)
			}
			return &answered[identity.Org]{o}, nil
		})
	type edit struct {
		ID   string `path:"id" maxLength:"128" doc:"编号 The thing's id"`
		Body orgBody
	}
	do(s, access.OrgEdit, http.MethodPut, "/api/v1/orgs/{id}", "editOrg", "identity", "修改机构 Change an organisation",
		func(ctx context.Context, in *edit) (*answered[identity.Org], error) {
			b := in.Body
			o, err := d.EditOrg(ctx, by(ctx, b.Why), identity.Org{ID: in.ID, USCC: b.USCC, Name: b.Name, Kind: b.Kind, Region: b.Region, Version: b.Version})
			if err != nil {
				return nil, s.failed(ctx, "change an organisation", err)
			}
			return &answered[identity.Org]{o}, nil
		})
	get(s, access.OrgView, "/api/v1/orgs/{id}/responsibilities", "listResponsibilities", "identity", "三个一 Who fills the three ones, now and before",
		func(ctx context.Context, in *idPath) (*answered[listed[identity.Responsibility]], error) {
			rs, err := d.Responsibilities(ctx, by(ctx, ""), in.ID)
			if err != nil {
				return nil, s.failed(ctx, "list responsibilities", err)
			}
			return paged(rs, 0, nil), nil
		})
	type appoint struct {
		ID   string `path:"id" maxLength:"128" doc:"编号 The thing's id"`
		Body responsibilityBody
	}
	do(s, access.OrgEdit, http.MethodPost, "/api/v1/orgs/{id}/responsibilities", "appoint", "identity", "任命 Fill one of the three ones",
		func(ctx context.Context, in *appoint) (*answered[identity.Responsibility], error) {
			b := in.Body
			r, err := d.Appoint(ctx, by(ctx, b.Why), identity.Responsibility{Org: in.ID, Kind: b.Kind, Person: b.Person, Unit: b.Unit, Doc: b.Doc, From: b.From, Until: b.Until})
			if err != nil {
				return nil, s.failed(ctx, "appoint", err)
			}
			return &answered[identity.Responsibility]{r}, nil
		})
	type dismiss struct {
		ID  string `path:"id" maxLength:"128" doc:"编号 The thing's id"`
		RID string `path:"rid"`
		Why string `query:"why" maxLength:"500"`
	}
	do(s, access.OrgEdit, http.MethodDelete, "/api/v1/orgs/{id}/responsibilities/{rid}", "dismiss", "identity", "免去 End a responsibility",
		func(ctx context.Context, in *dismiss) (*struct{}, error) {
			if err := d.Dismiss(ctx, by(ctx, in.Why), in.ID, in.RID); err != nil {
				return nil, s.failed(ctx, "end a responsibility", err)
			}
			return nil, nil
		})
}

// directory is nil where there is none: its routes are not reached then.
func (s *Server) directory() *identity.Directory {
	if s.Identity == nil {
		return nil
	}
	return s.Identity.Directory
}
