package signin

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"onecity/gov/identity"
	"onecity/internal/keyfile"
)

// keepFor is how long the token in a file stays before Keep makes another.
const keepFor = 30 * 24 * time.Hour

// Keep sees to it that file (mode 0600) has a good token of subject, for the
// tools of this machine. One that is missing, void, of another subject, old
// (30 days) or was readable by others is replaced and revoked.
func (s *Service) Keep(ctx context.Context, subject, file string) error {
	by := identity.System("the tools of this machine")
	was, good, err := s.kept(ctx, subject, file)
	if err != nil || good {
		return err
	}
	host, err := os.Hostname()
	if err != nil {
		host = "?"
	}
	path, err := filepath.Abs(file)
	if err != nil {
		return fmt.Errorf("keep a token in %s: %w", file, err)
	}
	t, secret, err := s.Issue(ctx, by, Token{Subject: subject, Name: host + ":" + path})
	if err != nil {
		return err
	}
	if err := keyfile.Replace(file, []byte(secret+"\n")); err != nil {
		return fmt.Errorf("keep a token in %s: %w", file, errors.Join(err, s.Revoke(ctx, by, t.ID)))
	}
	all, err := s.Tokens(ctx, by, subject)
	if err != nil {
		return err
	}
	for _, old := range all {
		// What the file had, and what it had before it was lost.
		if old.ID != t.ID && old.Revoked == nil && (old.ID == was || old.Name == t.Name) {
			if err := s.Revoke(ctx, by, old.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// kept looks at the token in file: its id, if it is of subject, and whether it
// is good for a while yet.
func (s *Service) kept(ctx context.Context, subject, file string) (id string, good bool, err error) {
	content, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("read the kept token: %w", err)
	}
	token := strings.TrimSpace(string(content))
	id, _, ok := parseToken(token)
	if !ok {
		return "", false, nil
	}
	has, err := s.Check(ctx, token)
	if errors.Is(err, ErrEnded) || err == nil && has != subject {
		return "", false, nil
	}
	if err != nil {
		return "", false, err
	}
	p, err := s.loadToken(ctx, id)
	if err != nil {
		return "", false, err
	}
	return id, keyfile.Private(file) == nil && s.now().Sub(p.Made) < keepFor, nil
}
