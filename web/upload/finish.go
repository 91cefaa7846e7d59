package upload

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"onecity/streams"

	"github.com/tus/tusd/v2/pkg/handler"
)

// crockford is how photos are named, as package open311 does: the same photo
// is one, whichever way it comes in.
var crockford = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// finished is called after the last byte, before the sender is answered.
func (s *Store) finished(e handler.HookEvent) (handler.HTTPResponse, error) {
	if _, err := s.Done(e.Context, ownerIn(e.Context), e.Upload.ID); err != nil {
		return handler.HTTPResponse{}, inWords(err)
	}
	return handler.HTTPResponse{}, nil
}

// Done is what became of an upload. When all bytes are there and they have not
// been put away yet (the store of photos was full, or the program was killed),
// it puts them away now. ErrUnknown, ErrUnfinished, ErrNotImage once (nothing of
// it is kept), and streams.ErrFull when the photos have no room.
func (s *Store) Done(ctx context.Context, owner, id string) (Done, error) {
	s.finish.Lock()
	defer s.finish.Unlock()
	d, err := s.done(ctx, owner, id)
	if errors.Is(err, ErrNotImage) {
		return d, errors.Join(err, s.drop(id))
	}
	return d, err
}

func (s *Store) done(ctx context.Context, owner, id string) (Done, error) {
	d, err := s.told(owner, id)
	if err == nil || !errors.Is(err, ErrUnknown) {
		return d, err
	}
	info, err := s.info(ctx, owner, id)
	if err != nil {
		return Done{}, err
	}
	if info.SizeIsDeferred || info.Offset < info.Size {
		return Done{}, ErrUnfinished
	}
	body, err := os.ReadFile(filepath.Join(s.Dir, id))
	if err != nil {
		return Done{}, fmt.Errorf("read upload %s: %w", id, err)
	}
	p, err := look(body)
	if err != nil {
		return Done{}, err
	}
	sum := sha256.Sum256(body)
	d = Done{ID: id, SHA256: hex.EncodeToString(sum[:]), Bytes: int64(len(body)), Received: s.Now().UTC().Truncate(1e6), Owner: owner}
	if want := info.MetaData["sha256"]; want != "" && !strings.EqualFold(want, d.SHA256) {
		return Done{}, fmt.Errorf("%w: 内容与所报 sha256 不符 the bytes are not those of the sha256 that was told", ErrNotImage)
	}
	if len(body) > streams.MaxMediaBytes {
		if body, err = smaller(body); err != nil {
			return Done{}, err
		}
		d.Smaller, p = true, picture{"image/jpeg", ".jpg"}
	}
	name := strings.ToLower(crockford.EncodeToString(sum[:16])) + p.extension
	if err := s.Media.PutMedia(ctx, name, p.contentType, body); err != nil {
		return Done{}, fmt.Errorf("put upload %s away: %w", id, err)
	}
	d.Media = "/media/" + name
	return d, s.putAway(d)
}

// putAway writes down what became of an upload, then drops its bytes. Killed in
// between, both are there and the word counts.
func (s *Store) putAway(d Done) error {
	b, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("write down upload %s: %w", d.ID, err)
	}
	at := s.doneFile(d.ID)
	if err := os.WriteFile(at+".new", b, 0o600); err != nil {
		return fmt.Errorf("write down upload %s: %w", d.ID, err)
	}
	if err := os.Rename(at+".new", at); err != nil {
		return fmt.Errorf("write down upload %s: %w", d.ID, err)
	}
	return s.drop(d.ID)
}

// drop removes the bytes of an upload.
func (s *Store) drop(id string) error {
	at := filepath.Join(s.Dir, id)
	var failed error
	for _, name := range []string{at, at + ".info"} {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			failed = errors.Join(failed, err)
		}
	}
	return failed
}

func (s *Store) doneFile(id string) string { return filepath.Join(s.Dir, "done", id) }

// told is what was written down of a finished upload.
func (s *Store) told(owner, id string) (Done, error) {
	if !wellFormed.MatchString(id) {
		return Done{}, ErrUnknown
	}
	b, err := os.ReadFile(s.doneFile(id))
	if errors.Is(err, fs.ErrNotExist) {
		return Done{}, ErrUnknown
	}
	if err != nil {
		return Done{}, fmt.Errorf("read of upload %s: %w", id, err)
	}
	var d Done
	if err := json.NewDecoder(bytes.NewReader(b)).Decode(&d); err != nil {
		return Done{}, fmt.Errorf("read of upload %s: %w", id, err)
	}
	if d.Owner != owner {
		return Done{}, ErrUnknown
	}
	return d, nil
}
