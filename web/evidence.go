package web

import (
	"context"

	"onecity/gov/incident/evidence"
)

// openEvidence notes that the evidence of a graded case is read, and takes who
// reported out of its chain, as out of the case itself.
func (s *Server) openEvidence(ctx context.Context, id string, chain *evidence.Report) error {
	c := callerIn(ctx)
	is, err := s.Cases.Get(ctx, caseScope(c), id)
	if err != nil {
		return s.uncased(ctx, "read the evidence of a case", id, err)
	}
	if err := s.readCases(ctx, "evidence:"+id, is); err != nil || chain == nil {
		return err
	}
	reporter := is.Reporter
	if hideReporter(c, &is); is.Reporter != "" {
		return nil
	}
	for i := range chain.Links {
		if l := &chain.Links[i]; l.Phase == "report" && (l.By == reporter || !isSubject(l.By)) {
			l.By = "reporter"
		}
	}
	return nil
}
