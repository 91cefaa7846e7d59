package credentials

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"
)

// Vault keeps hashes for good (streams.Broker is one).
type Vault interface {
	// AddSecret keeps hash under id unless there is one already.
	AddSecret(ctx context.Context, id string, hash []byte) (added bool, err error)
	// PutSecret keeps hash under id, in place of the one before.
	PutSecret(ctx context.Context, id string, hash []byte) error
	// RemoveSecret forgets the hash under id; one that is not there is no error.
	RemoveSecret(ctx context.Context, id string) error
	// WatchSecrets calls fn with every secret there is, then with an empty id
	// once, then with every change, until ctx ends. A nil hash is one removed.
	WatchSecrets(ctx context.Context, fn func(id string, hash []byte)) error
}

// Credential is what a device signs in with over MQTT.
type Credential struct {
	ID       string `json:"id" doc:"用户名 User name"`
	Password string `json:"password" doc:"口令 Password"`
}

// Store answers sign-ins from memory and keeps what it knows in a Vault. The
// zero value knows nobody; Run makes it live.
type Store struct {
	mu     sync.RWMutex
	vault  Vault
	hashes map[string][sha256.Size]byte
	voided []func(id string)
}

// ErrNotOpen: the store has no vault yet.
var ErrNotOpen = errors.New("the credentials are not open yet")

// New is a Store that knows nobody until Run has read a Vault. It may be asked
// before: the broker that keeps the Vault asks it who may sign in.
func New() *Store { return &Store{hashes: map[string][sha256.Size]byte{}} }

// Run follows the vault until ctx ends; ready is closed when all that was in
// it is known.
func (s *Store) Run(ctx context.Context, v Vault, ready chan<- struct{}) error {
	s.mu.Lock()
	s.vault = v
	s.mu.Unlock()
	caught := false
	err := v.WatchSecrets(ctx, func(id string, hash []byte) {
		if id == "" {
			if !caught {
				caught = true
				close(ready)
			}
			return
		}
		s.learn(id, hash)
	})
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("follow the credentials: %w", err)
	}
	return ctx.Err()
}

// OnVoid has fn called whenever a password is good no longer, here or by another
// node, with whose it was: to end what was begun with it. fn is called after
// Check refuses it, may be called twice for one change, and must not block long.
// Call OnVoid before Run.
func (s *Store) OnVoid(fn func(id string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.voided = append(s.voided, fn)
}

func (s *Store) learn(id string, hash []byte) {
	s.mu.Lock()
	old, known := s.hashes[id]
	if len(hash) == sha256.Size {
		s.hashes[id] = [sha256.Size]byte(hash)
	} else {
		delete(s.hashes, id)
	}
	now, still := s.hashes[id]
	tell := s.voided
	s.mu.Unlock()
	if known && (!still || now != old) {
		for _, fn := range tell {
			fn(id)
		}
	}
}

// Check reports whether id may sign in with that password. It takes the same
// time for an unknown id as for a wrong password.
func (s *Store) Check(id, password string) bool {
	s.mu.RLock()
	want, known := s.hashes[id]
	s.mu.RUnlock()
	got := sha256.Sum256([]byte(password))
	return subtle.ConstantTimeCompare(got[:], want[:]) == 1 && known
}

// Known reports whether id has a password.
func (s *Store) Known(id string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, ok := s.hashes[id]
	return ok
}

// Len is how many have a password.
func (s *Store) Len() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.hashes)
}

// Issue makes passwords for those of ids that have none, and returns them in
// the order of ids. They may sign in when it returns.
func (s *Store) Issue(ctx context.Context, ids []string) ([]Credential, error) {
	v, err := s.open()
	if err != nil {
		return nil, err
	}
	made := make([]Credential, len(ids))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(32)
	for i, id := range ids {
		if s.Known(id) {
			continue
		}
		group.Go(func() error {
			c, hash := create(id)
			added, err := v.AddSecret(ctx, id, hash)
			if err != nil {
				return fmt.Errorf("keep the credential of %s: %w", id, err)
			}
			if added {
				s.learn(id, hash)
				made[i] = c
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	out := []Credential{}
	for _, c := range made {
		if c.ID != "" {
			out = append(out, c)
		}
	}
	return out, nil
}

// Renew gives id a new password in place of the one it had.
func (s *Store) Renew(ctx context.Context, id string) (Credential, error) {
	v, err := s.open()
	if err != nil {
		return Credential{}, err
	}
	c, hash := create(id)
	if err := v.PutSecret(ctx, id, hash); err != nil {
		return Credential{}, fmt.Errorf("keep the credential of %s: %w", id, err)
	}
	s.learn(id, hash)
	return c, nil
}

// Revoke takes id's password away. It is refused when Revoke returns, and what
// was begun with it has been told to end (OnVoid). One who has none is no error.
func (s *Store) Revoke(ctx context.Context, id string) error {
	v, err := s.open()
	if err != nil {
		return err
	}
	if err := v.RemoveSecret(ctx, id); err != nil {
		return fmt.Errorf("forget the credential of %s: %w", id, err)
	}
	s.learn(id, nil)
	return nil
}

func (s *Store) open() (Vault, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.vault == nil {
		return nil, ErrNotOpen
	}
	return s.vault, nil
}

func create(id string) (Credential, []byte) {
	c := Credential{ID: id, Password: rand.Text()}
	sum := sha256.Sum256([]byte(c.Password))
	return c, sum[:]
}
