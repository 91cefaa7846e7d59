package web

import (
	"context"

	"onecity/cim"
	"onecity/gov/identity/access"
	"onecity/web/problem"
)

// whyRoutes answer who may do what, and why.
func (s *Server) whyRoutes() {
	type whyQuery struct {
		Subject string `query:"subject" required:"true" maxLength:"128" example:"person:…"`
		Action  string `query:"action" required:"true" maxLength:"64" example:"city.view"`
		Object  string `query:"object" required:"true" maxLength:"160" example:"region:320583100"`
	}
	type why struct {
		Allowed bool         `json:"allowed"`
		By      *bindingBody `json:"by,omitempty" doc:"据此授权 The binding that allows it"`
		// Else says what is missing.
		Else string `json:"else,omitempty"`
	}
	get(s, access.BindingView, "/api/v1/access/why", "why", "identity", "能否、为何 May this subject do this to that, and why",
		func(ctx context.Context, q *whyQuery) (*answered[why], error) {
			o, sees, p := s.explained(ctx, q.Object)
			if p != nil {
				return nil, p
			}
			a := &answered[why]{}
			subject, action := s.directory().Table().Subject(q.Subject), access.Action(q.Action)
			b, ok := subject.Why(action, o)
			if ok && action == access.CityView && !sees(scopeOf(subject)) {
				a.Body.Else = "其角色看不到这个图层 / its roles do not see this layer"
				return a, nil
			}
			if ok {
				body := s.bindingOf(ctx, b)
				a.Body = why{Allowed: true, By: &body}
				return a, nil
			}
			switch ungraded := (access.Object{Region: o.Region, Org: o.Org, NoOrg: o.NoOrg, NoRegion: o.NoRegion}); {
			case len(subject.Holds()) == 0:
				a.Body.Else = "此人当前没有任何授权 / the subject holds nothing now"
			case !subject.CanSomewhere(action):
				a.Body.Else = "其角色都不含此操作 / none of its roles has this action"
			case subject.Can(action, ungraded):
				a.Body.Else = "数据分级高于其角色可见级别 / the data grade is above what its roles may see"
			default:
				a.Body.Else = "其角色不覆盖此区域或机构 / its roles do not reach this region or organisation"
			}
			return a, nil
		})
	type whoQuery struct {
		Action string `query:"action" required:"true" maxLength:"64"`
		Object string `query:"object" required:"true" maxLength:"160"`
	}
	get(s, access.BindingView, "/api/v1/access/who", "who", "identity", "谁可以 Who may do this to that, and by which binding",
		func(ctx context.Context, q *whoQuery) (*answered[listed[bindingBody]], error) {
			o, sees, p := s.explained(ctx, q.Object)
			if p != nil {
				return nil, p
			}
			table := s.directory().Table()
			var out []bindingBody
			for _, id := range table.Subjects() {
				if b, ok := table.Subject(id).Why(access.Action(q.Action), o); ok {
					if access.Action(q.Action) == access.CityView && !sees(scopeOf(table.Subject(id))) {
						continue
					}
					body := s.bindingOf(ctx, b)
					body.Name = s.directory().SubjectName(ctx, id)
					out = append(out, body)
				}
			}
			return paged(out, 0, nil), nil
		})
}

// explained is objectNamed for who may view the bindings there: of what lies
// elsewhere nobody is told who may do what.
func (s *Server) explained(ctx context.Context, name string) (access.Object, func(cim.Scope) bool, *problem.Problem) {
	o, sees, p := s.objectNamed(ctx, name)
	plain := access.Object{Region: o.Region, Org: o.Org, NoOrg: o.NoOrg, NoRegion: o.NoRegion}
	if p == nil && !callerIn(ctx).Rights.Can(access.BindingView, plain) {
		p = noSuchObject(name)
	}
	return o, sees, p
}
