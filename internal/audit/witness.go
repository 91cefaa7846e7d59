package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// witness is a place outside the database that is told the kept checkpoints. A
// checkpoint that is only in the database proves nothing: who alters the one
// can alter the other.
type witness interface {
	fmt.Stringer
	// last is the newest checkpoint it has, if it can say.
	last() (c Checkpoint, ok bool, err error)
	put(ctx context.Context, conn *pgx.Conn, c Checkpoint) error
}

func openWitnesses(dir string, more []string) ([]witness, error) {
	var list []witness
	for _, place := range append([]string{dir}, more...) {
		if strings.HasPrefix(place, "http://") || strings.HasPrefix(place, "https://") {
			list = append(list, address(place))
			continue
		}
		w, err := openFolder(place)
		if err != nil {
			return nil, err
		}
		list = append(list, w)
	}
	return list, nil
}

// folder is a witness in files: "checkpoints" are the signed notes, an empty
// line after each; "leaves" are the leaves, 48 bytes each (the entry's id and
// its digest), so that an entry that was removed can be named. Both only grow.
type folder struct{ dir string }

func (f folder) String() string { return f.dir }

const (
	checkpointsFile = "checkpoints"
	leavesFile      = "leaves"
	verifiersFile   = "verifiers"
)

func openFolder(dir string) (folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return folder{}, fmt.Errorf("open the witness: %w", err)
	}
	return folder{dir}, nil
}

// tail is as much of the end of the file as holds the last two checkpoints.
const tail = 16 << 10

func (f folder) last() (Checkpoint, bool, error) {
	b, _, err := f.readTail()
	if err != nil || len(b) == 0 {
		return Checkpoint{}, false, err
	}
	c, err := OpenCheckpoint(lastNote(b))
	if err != nil {
		return Checkpoint{}, false, fmt.Errorf("%w: the last of %s: %w", ErrContradicts, filepath.Join(f.dir, checkpointsFile), err)
	}
	return c, true, nil
}

// readTail reads the end of the checkpoints up to the last whole one, and says
// where in the file that ends: what follows was being written when the
// program, or the machine, stopped.
func (f folder) readTail() (b []byte, end int64, err error) {
	file, err := os.Open(filepath.Join(f.dir, checkpointsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, fmt.Errorf("read the witness: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, 0, fmt.Errorf("read the witness: %w", err)
	}
	from := max(0, info.Size()-tail)
	b, err = io.ReadAll(io.NewSectionReader(file, from, tail))
	if err != nil {
		return nil, 0, fmt.Errorf("read the witness: %w", err)
	}
	whole := wholeNotes(b)
	return b[:whole], from + int64(whole), nil
}

// signatureLine is how lines of signatures begin.
const signatureLine = "\u2014 "

// wholeNotes is the length of b up to the end of the last whole note, with the
// empty line behind it.
func wholeNotes(b []byte) int {
	for end := len(b); ; {
		end = bytes.LastIndex(b[:end], []byte("\n\n"))
		if end < 0 {
			return 0
		}
		begin := bytes.LastIndex(b[:end], []byte("\n\n")) + 2
		if begin > 1 && bytes.HasPrefix(b[begin:], []byte(signatureLine)) {
			return end + 2
		}
	}
}

// lastNote is the last of whole notes; there is one.
func lastNote(b []byte) string {
	b = b[:len(b)-1] // without the empty line behind it
	signatures := max(0, bytes.LastIndex(b, []byte("\n\n")))
	if before := bytes.LastIndex(b[:signatures], []byte("\n\n")); before >= 0 {
		b = b[before+2:]
	}
	return string(b)
}

// put appends the leaves that the folder lacks, then the checkpoint.
func (f folder) put(ctx context.Context, conn *pgx.Conn, c Checkpoint) error {
	if err := f.putLeaves(ctx, conn, c.Size); err != nil {
		return fmt.Errorf("write leaves: %w", err)
	}
	b, end, err := f.readTail()
	if err != nil {
		return err
	}
	if len(b) > 0 && lastNote(b) == c.Note {
		return nil
	}
	return f.append(checkpointsFile, end, []byte(c.Note+"\n"))
}

func (f folder) putLeaves(ctx context.Context, conn *pgx.Conn, size int64) error {
	var have int64
	info, err := os.Stat(filepath.Join(f.dir, leavesFile))
	if err == nil {
		have = info.Size() / leafSize
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	const chunk = 20_000
	for ; have < size; have += chunk {
		leaves, err := readLeaves(ctx, conn, have, min(have+chunk, size))
		if err != nil {
			return err
		}
		var b []byte
		for _, l := range leaves {
			data := l.data()
			b = append(b, data[:]...)
		}
		if err := f.append(leavesFile, have*leafSize, b); err != nil {
			return err
		}
	}
	return nil
}

// append writes b at end, and cuts off what was behind.
func (f folder) append(name string, end int64, b []byte) error {
	file, err := os.OpenFile(filepath.Join(f.dir, name), os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	err = file.Truncate(end)
	if err == nil {
		_, err = file.WriteAt(b, end)
	}
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

func readLeaves(ctx context.Context, conn *pgx.Conn, from, to int64) ([]Leaf, error) {
	rows, err := conn.Query(ctx, `select id::text, digest from audit.leaf where number >= $1 and number < $2 order by number`, from, to)
	if err != nil {
		return nil, err
	}
	leaves, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Leaf, error) {
		var id string
		var digest []byte
		if err := row.Scan(&id, &digest); err != nil {
			return Leaf{}, err
		}
		return leafOf(id, digest)
	})
	if err == nil && int64(len(leaves)) != to-from {
		err = fmt.Errorf("%w: of the leaves %d to %d, %d are there", ErrContradicts, from, to, len(leaves))
	}
	return leaves, err
}

// address is a witness that each kept checkpoint is POSTed to, as text/plain.
type address string

func (a address) String() string { return string(a) }

func (a address) last() (Checkpoint, bool, error) { return Checkpoint{}, false, nil }

func (a address) put(ctx context.Context, _ *pgx.Conn, c Checkpoint) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, string(a), strings.NewReader(c.Note))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "text/plain; charset=utf-8")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10)); err != nil {
		return err
	}
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("it answered %s", res.Status)
	}
	return nil
}

// ReadLeaves reads the file "leaves" of a witness. A leaf that was being
// written when the program stopped is left out.
func ReadLeaves(r io.Reader) ([]Leaf, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read leaves: %w", err)
	}
	leaves := make([]Leaf, len(b)/leafSize)
	for i := range leaves {
		copy(leaves[i].ID[:], b[i*leafSize:])
		copy(leaves[i].Digest[:], b[i*leafSize+16:])
	}
	return leaves, nil
}

// publish adds the public keys that the file at path lacks.
func publish(path string, keys []*key) error {
	have, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("publish the keys of the audit log: %w", err)
	}
	text := string(have)
	for _, k := range keys {
		if !strings.Contains(text, k.vkey+"\n") {
			text += k.vkey + "\n"
		}
	}
	if text == string(have) {
		return nil
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		return fmt.Errorf("publish the keys of the audit log: %w", err)
	}
	return nil
}
