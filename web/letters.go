package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"onecity/cim"
	"onecity/geo"
	"onecity/gov/identity/access"
	"onecity/ingest"
	"onecity/internal/audit"
	"onecity/streams"
)

// within is the ingest.May of who brings facts by the right a: in the regions
// that it reaches there. What is in no region is for who reaches all of the
// city.
func (s *Server) within(c Caller, a access.Action) ingest.May {
	return func(_, _ string, region geo.Code) bool {
		return c.Rights.Can(a, access.Object{Region: string(region), NoOrg: true}) || region == "" && s.wholeCity(c, a)
	}
}

// wholeCity reports whether the caller may do a in each region there is.
func (s *Server) wholeCity(c Caller, a access.Action) bool {
	roots := s.city.Snapshot().In(cim.Whole()).Regions().Roots()
	for _, r := range roots {
		if !c.Rights.Can(a, access.Object{Region: string(r.Code), NoOrg: true}) {
			return false
		}
	}
	return len(roots) > 0 || c.Rights.Can(a, access.Object{NoOrg: true})
}

// reachesLetter reports whether the caller may do a to a dead letter: all of
// them across the whole city, else those of devices and units of its regions.
// A row of a department's file says in no way that can be trusted where it
// belongs.
func (s *Server) reachesLetter(c Caller, a access.Action, l streams.DeadLetter) bool {
	region, known := s.letterRegion(l)
	return known && c.Rights.Can(a, access.Object{Region: string(region), NoOrg: true}) || s.wholeCity(c, a)
}

// letterRegion is where the device or unit that a letter came from is.
func (s *Server) letterRegion(l streams.DeadLetter) (geo.Code, bool) {
	if l.Way != "mqtt" {
		return "", false
	}
	id, _, _ := strings.Cut(l.Source, "/")
	city := s.city.Snapshot().In(cim.Whole())
	if d, ok := city.Device(id); ok {
		return d.Region, true
	}
	if u, ok := city.Unit(id); ok {
		return u.Home, true
	}
	return "", false
}

// letter is the dead letter of that number, if the caller may mend it;
// streams.ErrGone.
func (s *Server) letter(r *http.Request, seq uint64) (streams.DeadLetter, error) {
	l, err := s.Broker.DeadLetter(r.Context(), seq)
	if err == nil && !s.reachesLetter(CallerOf(r), access.DeadMend, l) {
		err = fmt.Errorf("dead letter %d: %w", seq, streams.ErrGone)
	}
	return l, err
}

// lettersOf are the dead letters that the caller may see, the newest first,
// with how many there are.
func (s *Server) lettersOf(ctx context.Context, skip, limit int) ([]streams.DeadLetter, int, error) {
	c := callerIn(ctx)
	if s.wholeCity(c, access.DeadView) {
		return s.Broker.DeadLetters(ctx, skip, limit)
	}
	const page = 500
	var seen []streams.DeadLetter
	total := 0
	for at := 0; ; at += page {
		ls, _, err := s.Broker.DeadLetters(ctx, at, page)
		if err != nil {
			return nil, 0, err
		}
		for _, l := range ls {
			if !s.reachesLetter(c, access.DeadView, l) {
				continue
			}
			if total++; total > skip && len(seen) < limit {
				seen = append(seen, l)
			}
		}
		if len(ls) < page {
			return seen, total, nil
		}
	}
}

// noteLetter writes into the log what somebody does to a dead letter, before
// it is done.
func (s *Server) noteLetter(r *http.Request, action string, l streams.DeadLetter) error {
	c := CallerOf(r)
	region, _ := s.letterRegion(l)
	return s.note(r.Context(), audit.Entry{Actor: c.ID, From: c.From, Session: c.Session, Action: action,
		Object: fmt.Sprintf("deadletter:%d", l.Seq), Region: string(region), Outcome: audit.Done})
}
