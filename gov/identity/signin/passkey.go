package signin

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Kinds of ceremonies (W3C Web Authentication Level 3, 7.1 and 7.2).
const (
	registering = "register"
	second      = "second"
	signing     = "signin"
)

// ceremonyLasts is how long a person has to touch the authenticator.
const ceremonyLasts = 5 * time.Minute

// holder is an account as package webauthn sees it. The handle that the
// authenticator keeps is the person's UUID: it says nothing about the person.
type holder struct {
	account
	keys []webauthn.Credential
}

func (h *holder) WebAuthnID() []byte                         { id := uuid.MustParse(h.id); return id[:] }
func (h *holder) WebAuthnName() string                       { return h.login }
func (h *holder) WebAuthnDisplayName() string                { return h.name }
func (h *holder) WebAuthnCredentials() []webauthn.Credential { return h.keys }

func (s *Service) holder(ctx context.Context, a account) (*holder, error) {
	rows, err := s.pool.Query(ctx, `select body from signin.passkey where person = $1::uuid order by added, id`, a.id)
	if err != nil {
		return nil, fmt.Errorf("read the passkeys: %w", err)
	}
	keys, err := pgx.CollectRows(rows, pgx.RowTo[webauthn.Credential])
	if err != nil {
		return nil, fmt.Errorf("read the passkeys: %w", err)
	}
	return &holder{account: a, keys: keys}, nil
}

// BeginPasskey gives the options of navigator.credentials.create, as
// {"publicKey": …}, to register a passkey 通行密钥. ErrNoPasskeys, ErrPending,
// ErrStrong.
func (s *Service) BeginPasskey(ctx context.Context, at Session) (json.RawMessage, error) {
	if s.webauthn == nil {
		return nil, ErrNoPasskeys
	}
	a, err := s.enrols(ctx, at)
	if err != nil {
		return nil, err
	}
	h, err := s.holder(ctx, a)
	if err != nil {
		return nil, err
	}
	options, asked, err := s.webauthn.BeginRegistration(h,
		webauthn.WithExclusions(webauthn.Credentials(h.keys).CredentialDescriptors()),
		webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementPreferred, UserVerification: protocol.VerificationPreferred,
		}))
	if err != nil {
		return nil, fmt.Errorf("begin to register a passkey: %w", err)
	}
	return s.ask(ctx, registering, at.ID, asked, options)
}

// FinishPasskey takes what navigator.credentials.create has answered (its
// JSON) and keeps the passkey under a name. The session is then strong, and
// the person's other sessions end. ErrRefused.
func (s *Service) FinishPasskey(ctx context.Context, at Session, name string, answer []byte) (Enrolled, error) {
	if s.webauthn == nil {
		return Enrolled{}, ErrNoPasskeys
	}
	a, err := s.enrols(ctx, at)
	if err != nil {
		return Enrolled{}, err
	}
	h, err := s.holder(ctx, a)
	if err != nil {
		return Enrolled{}, err
	}
	made, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return Enrolled{}, refused("read the authenticator's answer", err)
	}
	asked, err := s.asked(ctx, registering, at.ID, made.Response.CollectedClientData.Challenge)
	if err != nil {
		return Enrolled{}, err
	}
	credential, err := s.webauthn.CreateCredential(h, asked, made)
	if err != nil {
		return Enrolled{}, refused("register the passkey", err)
	}
	var out Enrolled
	err = s.inTx(ctx, "register the passkey", func(tx pgx.Tx) error {
		key := Passkey{Name: keyName(name), Added: s.now().Truncate(time.Microsecond)}
		err := tx.QueryRow(ctx, `insert into signin.passkey (person, credential, name, body, added) values ($1::uuid, $2, $3, $4, $5)
			on conflict (credential) do nothing returning id::text`, a.id, credential.ID, key.Name, credential, key.Added).Scan(&key.ID)
		if errors.Is(err, pgx.ErrNoRows) {
			return ErrRefused // it is somebody's already
		}
		if err != nil {
			return err
		}
		a.passkeys++
		if out, err = s.enrolled(ctx, tx, at, a); err != nil {
			return err
		}
		out.Passkey = key
		return s.record(ctx, tx, does(a, "signin.passkey.add", at).with(map[string]any{"id": key.ID, "name": key.Name}))
	})
	s.sessions.drop(at.hash)
	return out, err
}

// RenamePasskey gives one's passkey another name. ErrNoFactor.
func (s *Service) RenamePasskey(ctx context.Context, at Session, id, name string) error {
	a, err := s.mine(ctx, at, "")
	if err != nil {
		return err
	}
	return s.inTx(ctx, "rename a passkey", func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `update signin.passkey set name = $3 where person = $1::uuid and id::text = $2`, a.id, id, keyName(name))
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return ErrNoFactor
		}
		return s.record(ctx, tx, does(a, "signin.passkey.rename", at).with(map[string]any{"id": id, "name": keyName(name)}))
	})
}

// RemovePasskey takes one's passkey out of use. ErrStrong, ErrLastFactor,
// ErrNoFactor.
func (s *Service) RemovePasskey(ctx context.Context, at Session, id string) error {
	return s.remove(ctx, at, "signin.passkey.remove", id, func(tx pgx.Tx, a account) (bool, error) {
		tag, err := tx.Exec(ctx, `delete from signin.passkey where person = $1::uuid and id::text = $2`, a.id, id)
		return tag.RowsAffected() > 0, err
	})
}

func keyName(name string) string {
	if name = strings.TrimSpace(text(name, 100)); name != "" {
		return name
	}
	return "通行密钥 / passkey"
}

// ask keeps what the authenticator is asked, under its challenge: the answer
// brings it back.
func (s *Service) ask(ctx context.Context, kind, session string, asked *webauthn.SessionData, options any) (json.RawMessage, error) {
	out, err := json.Marshal(options)
	if err != nil {
		return nil, fmt.Errorf("write the options of a passkey: %w", err)
	}
	hash := sha256.Sum256([]byte(asked.Challenge))
	_, err = s.pool.Exec(ctx, `insert into signin.ceremony (challenge, kind, session, body, expires) values ($1, $2, nullif($3, '')::uuid, $4, $5)`,
		hash[:], kind, session, asked, s.now().Add(ceremonyLasts))
	if err != nil {
		return nil, fmt.Errorf("keep what the authenticator is asked: %w", err)
	}
	return out, nil
}

// asked takes out what was asked with a challenge: once. ErrRefused when it
// was not asked of this session.
func (s *Service) asked(ctx context.Context, kind, session, challenge string) (asked webauthn.SessionData, err error) {
	hash := sha256.Sum256([]byte(challenge))
	err = s.pool.QueryRow(ctx, `delete from signin.ceremony where challenge = $1 and kind = $2
		and session is not distinct from nullif($3, '')::uuid and expires > $4 returning body`, hash[:], kind, session, s.now()).Scan(&asked)
	if errors.Is(err, pgx.ErrNoRows) {
		return asked, fmt.Errorf("this was not asked of the authenticator: %w", ErrRefused)
	}
	if err != nil {
		return asked, fmt.Errorf("read what the authenticator was asked: %w", err)
	}
	return asked, nil
}

// refused keeps what the library says, which is for the log of the program.
func refused(what string, err error) error {
	var details *protocol.Error
	if errors.As(err, &details) {
		return fmt.Errorf("%s: %s %s: %w", what, details.Details, details.DevInfo, ErrRefused)
	}
	return fmt.Errorf("%s: %s: %w", what, err.Error(), ErrRefused)
}

// used writes the counter and the flags of a passkey that has just signed.
func (s *Service) used(ctx context.Context, tx pgx.Tx, c *webauthn.Credential) error {
	tag, err := tx.Exec(ctx, `update signin.passkey set body = $2, used = $3 where credential = $1`, c.ID, c, s.now())
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 { // removed in between
		return ErrRefused
	}
	return nil
}
