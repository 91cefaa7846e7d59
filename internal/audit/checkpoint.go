package audit

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/mod/sumdb/note"
)

// Checkpoint is what the sealer signs: how many leaves the log had, and the
// root of their tree (C2SP tlog-checkpoint). Its text:
//
//	onecity/audit/<uuid>
//	<size>
//	<root, base64>
//	hash sha-256
//	time 2026-11-24T03:20:00Z
type Checkpoint struct {
	Origin string
	Size   int64
	Root   []byte
	Hash   Hash
	Time   time.Time
	// Note is the signed text, with an empty line and a line per signature
	// behind the text above.
	Note string
}

// ErrCheckpoint: what was read is no checkpoint.
var ErrCheckpoint = errors.New("this is no checkpoint")

func (c *Checkpoint) text() string {
	return fmt.Sprintf("%s\n%d\n%s\nhash %s\ntime %s\n", c.Origin, c.Size,
		base64.StdEncoding.EncodeToString(c.Root), c.Hash, c.Time.UTC().Format(time.RFC3339))
}

// seal signs the checkpoint with every key.
func (c *Checkpoint) seal(keys []*key) error {
	signers := make([]note.Signer, len(keys))
	for i, k := range keys {
		signers[i] = k
	}
	b, err := note.Sign(&note.Note{Text: c.text()}, signers...)
	if err != nil {
		return fmt.Errorf("sign a checkpoint: %w", err)
	}
	c.Note = string(b)
	return nil
}

// OpenCheckpoint reads a signed checkpoint. With keys, one of them must have
// signed it, and no signature of any of them may be wrong; without, only the
// text is read.
func OpenCheckpoint(signed string, keys ...note.Verifier) (Checkpoint, error) {
	var text string
	if len(keys) > 0 {
		n, err := note.Open([]byte(signed), note.VerifierList(keys...))
		if err != nil {
			return Checkpoint{}, fmt.Errorf("%w: its signature: %w", ErrCheckpoint, err)
		}
		text = n.Text
	} else if i := strings.Index(signed, "\n\n"); i >= 0 {
		text = signed[:i+1]
	} else {
		return Checkpoint{}, fmt.Errorf("%w: it is not signed", ErrCheckpoint)
	}
	c, err := parseCheckpoint(text)
	c.Note = signed
	return c, err
}

func parseCheckpoint(text string) (c Checkpoint, err error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 6 || lines[5] != "" || lines[0] == "" {
		return c, fmt.Errorf("%w: it has not five lines", ErrCheckpoint)
	}
	c.Origin = lines[0]
	if c.Size, err = strconv.ParseInt(lines[1], 10, 64); err != nil || c.Size < 0 || strconv.FormatInt(c.Size, 10) != lines[1] {
		return c, fmt.Errorf("%w: %.40q is no number of leaves", ErrCheckpoint, lines[1])
	}
	if c.Root, err = base64.StdEncoding.Strict().DecodeString(lines[2]); err != nil || len(c.Root) != DigestSize {
		return c, fmt.Errorf("%w: %.60q is no root", ErrCheckpoint, lines[2])
	}
	hash, ok := strings.CutPrefix(lines[3], "hash ")
	if c.Hash = Hash(hash); !ok || c.Hash.valid() != nil {
		return c, fmt.Errorf("%w: %.40q names no hash", ErrCheckpoint, lines[3])
	}
	at, ok := strings.CutPrefix(lines[4], "time ")
	if c.Time, err = time.Parse(time.RFC3339, at); !ok || err != nil {
		return c, fmt.Errorf("%w: %.40q is no time", ErrCheckpoint, lines[4])
	}
	if c.text() != text {
		return c, fmt.Errorf("%w: it is not in the form it was signed in", ErrCheckpoint)
	}
	return c, nil
}

// ReadCheckpoints reads signed checkpoints that stand one behind the other, an
// empty line after each, as in Dir/checkpoints. They are not looked into.
func ReadCheckpoints(r io.Reader) ([]string, error) {
	var list []string
	var b bytes.Buffer
	text := true // in the text of a note; else in its signatures
	end := func() {
		if b.Len() > 0 {
			list = append(list, b.String())
		}
		b.Reset()
		text = true
	}
	scan := bufio.NewScanner(r)
	scan.Buffer(make([]byte, 0, 4<<10), 64<<10)
	for scan.Scan() {
		line := scan.Text()
		switch {
		case line != "":
			b.WriteString(line + "\n")
		case text && b.Len() > 0:
			b.WriteString("\n")
			text = false
		default:
			end()
		}
	}
	if err := scan.Err(); err != nil {
		return nil, fmt.Errorf("read checkpoints: %w", err)
	}
	end()
	return list, nil
}

// Newest is the newest signed checkpoint of a database's log; "" before the
// first. ErrNoLog when there is no log.
func Newest(ctx context.Context, pool *pgxpool.Pool) (signed string, err error) {
	err = pool.QueryRow(ctx, `select checkpoint from audit.log`).Scan(&signed)
	if err = noLog(err); err != nil {
		return "", fmt.Errorf("read the newest checkpoint: %w", err)
	}
	return signed, nil
}

// noLog makes ErrNoLog of what PostgreSQL says where there is no log.
func noLog(err error) error {
	var refused *pgconn.PgError
	if errors.Is(err, pgx.ErrNoRows) || errors.As(err, &refused) && (refused.Code == "42P01" || refused.Code == "3F000") {
		return ErrNoLog // no row, no table or no schema
	}
	return err
}

// Checkpoint is the newest checkpoint. Without a Note, none was made yet.
func (l *Log) Checkpoint(ctx context.Context) (Checkpoint, error) {
	signed, err := Newest(ctx, l.pool)
	if err != nil {
		return Checkpoint{}, err
	}
	if signed == "" {
		return Checkpoint{Origin: l.origin, Hash: l.hash, Root: l.hash.EmptyRoot()}, nil
	}
	c, err := OpenCheckpoint(signed)
	if err != nil {
		return c, fmt.Errorf("read the newest checkpoint: %w", err)
	}
	return c, nil
}

// History gives kept checkpoints, the newest first, at most limit: those of
// fewer leaves than before, or of any number when that is 0.
func (l *Log) History(ctx context.Context, before int64, limit int) ([]Checkpoint, error) {
	const ask = `select note from audit.checkpoint where $1 = 0 or size < $1 order by size desc limit $2`
	rows, err := l.pool.Query(ctx, ask, before, limit)
	if err != nil {
		return nil, fmt.Errorf("read checkpoints: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Checkpoint, error) {
		var signed string
		if err := row.Scan(&signed); err != nil {
			return Checkpoint{}, err
		}
		return OpenCheckpoint(signed)
	})
	if err != nil {
		return nil, fmt.Errorf("read checkpoints: %w", err)
	}
	return list, nil
}
