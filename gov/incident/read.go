package incident

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"onecity/geo"
	"onecity/internal/database"
	"onecity/internal/flow"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
)

// Get is a case that a reader sees; ErrUnknown when there is none, or it is
// not for them.
func (s *Service) Get(ctx context.Context, scope database.Scope, id string) (Case, error) {
	var a args
	list, err := s.cases(ctx, scope, "id = "+a.put(id)+" and "+seen(&a, scope, ""), a)
	if err != nil {
		return Case{}, fmt.Errorf("read case %s: %w", id, err)
	}
	if len(list) == 0 {
		return Case{}, fmt.Errorf("case %s: %w", id, ErrUnknown)
	}
	return list[0], nil
}

// cases asks for cases behind the second wall.
func (s *Service) cases(ctx context.Context, scope database.Scope, where string, a args) ([]Case, error) {
	list, err := database.Collect(ctx, s.wall, scope, `select `+recordColumns+` from incident.record where `+where, a, scanCase)
	if list == nil {
		list = []Case{}
	}
	return list, err
}

// Related are the cases that were merged into one, the newest first.
func (s *Service) Related(ctx context.Context, scope database.Scope, id string) ([]Case, error) {
	var a args
	list, err := s.cases(ctx, scope, "into_ = "+a.put(id)+" and into_ <> '' and "+seen(&a, scope, "")+" order by reported desc limit 200", a)
	if err != nil {
		return nil, fmt.Errorf("read what was merged into case %s: %w", id, err)
	}
	return list, nil
}

// Nearby is the history of a case's place and object: other cases there, the
// newest first, at most 100 of the last months.
func (s *Service) Nearby(ctx context.Context, scope database.Scope, id string, months int) ([]Case, error) {
	c, err := s.Get(ctx, scope, id)
	if err != nil {
		return nil, err
	}
	var cells []int64
	for _, near := range geo.CellAt(orb.Point{c.Lon, c.Lat}, geo.BaseResolution).Near(1) {
		cells = append(cells, int64(near))
	}
	var a args
	// within 150 m: a degree of latitude is 111.2 km
	reach := a.put(150.0/111200) + "::float8"
	lon, lat := a.put(c.Lon)+"::float8", a.put(c.Lat)+"::float8"
	same := "cell = any(" + a.put(cells) + ") and abs(lat - " + lat + ") <= " + reach + " and abs(lon - " + lon + ") * cosd(" + lat + ") <= " + reach
	if c.Object != "" {
		same = "(" + same + " or object = " + a.put(c.Object) + " and object <> '')"
	}
	list, err := s.cases(ctx, scope, same+" and id <> "+a.put(c.ID)+" and reported >= "+a.put(s.opt.Now().AddDate(0, -max(1, months), 0))+
		" and "+seen(&a, scope, "")+" order by reported desc limit 100", a)
	if err != nil {
		return nil, fmt.Errorf("read the history of the place of case %s: %w", id, err)
	}
	return list, nil
}

// Mine are the open cases that wait for a person, with the units that they are
// on duty with: those that they handle, that were sent or offered to the units,
// and those that wait for their verification. The most urgent come first, at
// most 500.
func (s *Service) Mine(ctx context.Context, scope database.Scope, who flow.Seer, units []string) ([]Case, error) {
	var a args
	subject, mine := a.put(who.Subject), a.put(some(units))
	ways := []string{
		"handler = " + subject + " and handler <> '' and state in ('assigned', 'accepted', 'handling', 'delaying')",
		"handler = '' and unit <> '' and unit = any(" + mine + ") and state in ('assigned', 'accepted', 'handling', 'delaying')",
		"state = 'offered' and offered <> '{}' and offered && " + mine,
	}
	if who.Reach != nil {
		for _, t := range who.Reach(actCheck) {
			column := "region"
			if t.Axis == flow.ByOrg {
				column = "org"
			}
			ways = append(ways, "state = 'handled' and handler <> "+subject+" and "+within(&a, column, t.Prefix))
		}
	}
	var parts []string
	visible := seen(&a, scope, "")
	for _, w := range ways {
		parts = append(parts, "(select id from incident.record where open and "+w+" and "+visible+" order by rank, runs, id limit 500)")
	}
	list, err := s.cases(ctx, scope, "id in ("+strings.Join(parts, " union ")+") order by rank, runs, id limit 500", a)
	if err != nil {
		return nil, fmt.Errorf("read what waits for %s: %w", who.Subject, err)
	}
	return s.notHandled(ctx, who.Subject, list)
}

// notHandled leaves out what a person may not verify, because they had a hand
// in it.
func (s *Service) notHandled(ctx context.Context, subject string, list []Case) ([]Case, error) {
	var ids []string
	for _, c := range list {
		if c.State == Handled {
			ids = append(ids, c.ID)
		}
	}
	if ids == nil {
		return list, nil
	}
	rows, err := s.pool.Query(ctx, `select distinct case_id from incident.entry
		where case_id = any($1) and by = $2 and kind = 'event' and event in ('accept', 'arrive', 'finish', 'come-back')`, ids, subject)
	if err != nil {
		return nil, fmt.Errorf("ask what %s had a hand in: %w", subject, err)
	}
	own, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("ask what %s had a hand in: %w", subject, err)
	}
	out := []Case{}
	for _, c := range list {
		if c.State != Handled || !slices.Contains(own, c.ID) {
			out = append(out, c)
		}
	}
	return out, nil
}

// Offers are what an actor can do with a case now, each with what is in the
// way.
func (s *Service) Offers(ctx context.Context, by flow.Actor, id string) ([]flow.Offer, error) {
	_, offers, err := s.engine.Events(ctx, by, MachineName, id)
	if err != nil {
		return nil, unknown(id, err)
	}
	return offers, nil
}
