package web

import (
	"context"
	"encoding/json"
	"time"

	"onecity/geo"
	"onecity/internal/audit"
)

// told writes into the log what the caller has changed in the city: the fact
// itself is in the stream already. The city takes facts in while the database is
// away, so then the entry is missing, and the server's own log says so.
func (s *Server) told(ctx context.Context, action, object string, region geo.Code, why string, detail any) {
	if s.Audit == nil {
		return
	}
	c := callerIn(ctx)
	body, err := json.Marshal(detail)
	if err == nil {
		brief, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		err = s.Audit.Tell(brief, audit.Entry{Actor: c.ID, From: c.From, Session: c.Session, Action: action, Object: object,
			Region: string(region), Why: why, Outcome: audit.Done, Detail: body})
	}
	if err != nil {
		s.log.ErrorContext(ctx, "a change is not in the audit log", "action", action, "object", object, "actor", c.ID, "error", err)
	}
}
