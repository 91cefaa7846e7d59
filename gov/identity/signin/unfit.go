package signin

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// takeTurns keeps nodes that hear of the same change from locking the same
// sessions crosswise; the second finds nothing left to do.
func takeTurns(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended('signin.session', 0))`)
	return err
}

// endUnfit ends the sessions of people who may not sign in any more.
func (s *Service) endUnfit(ctx context.Context) error {
	return s.inTx(ctx, "end the sessions of people who are locked or gone", func(tx pgx.Tx) error {
		if err := takeTurns(ctx, tx); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `delete from signin.session s using identity.person p
			where p.id = s.person and p.state <> 'active' returning p.id::text`)
		if err != nil {
			return err
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		told := map[string]bool{}
		for _, id := range ids {
			if told[id] {
				continue
			}
			told[id] = true
			a, err := s.byID(ctx, tx, id)
			if err != nil {
				return err
			}
			e := about(a, "signin.end", "")
			e.actor, e.why = "system", "the person is "+a.state
			if err := s.record(ctx, tx, e); err != nil {
				return err
			}
		}
		return nil
	})
}

// askMore makes the sessions that were opened without a second factor wait for
// one, when a role that needs one was given to the person since: a stolen
// password is not to become an administrator by somebody else's grant.
func (s *Service) askMore(ctx context.Context) error {
	roles, now := s.rolesThatNeed(), s.now()
	if len(roles) == 0 {
		return nil
	}
	return s.inTx(ctx, "ask sessions for a second factor", func(tx pgx.Tx) error {
		if err := takeTurns(ctx, tx); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `update signin.session s set until = least(s.until, $2), pending = case
				when exists (select from signin.totp t where t.person = s.person and t.secret is not null)
				or exists (select from signin.passkey k where k.person = s.person) then 'totp' else 'enrol' end
			where not s.strong and s.pending = '' and exists (select from identity.binding b
				where b.subject = 'person:' || s.person and b.role = any($3)
				and (b."from" is null or b."from" <= $1) and (b.until is null or b.until > $1))
			returning `+sessionColumns, now, now.Add(s.policy.Load().Pending), roles)
		if err != nil {
			return err
		}
		raised, err := pgx.CollectRows(rows, scanSession)
		if err != nil {
			return err
		}
		for _, at := range raised {
			a, err := s.byID(ctx, tx, at.Person)
			if err != nil {
				return err
			}
			e := does(a, "signin.more", at)
			e.actor, e.why = "system", "a role needs a second factor"
			if err := s.record(ctx, tx, e.with(map[string]any{"next": at.Pending})); err != nil {
				return err
			}
		}
		return nil
	})
}
