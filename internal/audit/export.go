package audit

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"
)

// An export is NDJSON: the head, then one line per claim. With it a log can be
// verified where there is no PostgreSQL.
//
//	{"format":"onecity audit export 1","origin":"…","hash":"sha-256","size":2,"checkpoint":"…"}
//	{"number":0,"leaf":{"id":"…","digest":"<hex>"},"entry":{…}}
const exportFormat = "onecity audit export 1"

type exportHead struct {
	Format string `json:"format"`
	Head
}

type exportLine struct {
	Number *int64       `json:"number,omitempty"`
	Leaf   *exportLeaf  `json:"leaf,omitempty"`
	Entry  *exportEntry `json:"entry,omitempty"`
}

type exportLeaf struct {
	ID     uuid.UUID `json:"id"`
	Digest string    `json:"digest"`
}

// exportEntry is a Record. Its detail is a string: as JSON it would be written
// anew, and its digest would be another.
type exportEntry struct {
	ID      string     `json:"id"`
	At      time.Time  `json:"at"`
	Actor   string     `json:"actor"`
	Action  string     `json:"action"`
	Object  string     `json:"object,omitempty"`
	Region  string     `json:"region,omitempty"`
	Org     string     `json:"org,omitempty"`
	Outcome string     `json:"outcome"`
	From    string     `json:"from,omitempty"`
	Session string     `json:"session,omitempty"`
	Why     string     `json:"why,omitempty"`
	Before  string     `json:"before,omitempty"`
	After   string     `json:"after,omitempty"`
	Detail  string     `json:"detail,omitempty"`
	Salt    []byte     `json:"salt,omitempty"`
	Rest    []byte     `json:"rest"`
	Erased  *time.Time `json:"erased,omitempty"`
}

// Export writes what a source holds; it says how many claims there were.
func Export(ctx context.Context, from Source, w io.Writer) (n int, err error) {
	b := bufio.NewWriterSize(w, 1<<16)
	out := json.NewEncoder(b)
	out.SetEscapeHTML(false)
	err = from.Read(ctx,
		func(h Head) error { return out.Encode(exportHead{exportFormat, h}) },
		func(c Claim) error { n++; return out.Encode(lineOf(c)) })
	if err == nil {
		err = b.Flush()
	}
	if err != nil {
		return n, fmt.Errorf("export the audit log: %w", err)
	}
	return n, nil
}

func lineOf(c Claim) (line exportLine) {
	if c.Stored != nil {
		line.Number = &c.Number
		line.Leaf = &exportLeaf{c.Stored.ID, hex.EncodeToString(c.Stored.Digest[:])}
	}
	if r := c.Record; r != nil {
		line.Entry = &exportEntry{
			ID: r.ID, At: r.At, Actor: r.Actor, Action: r.Action, Object: r.Object, Region: r.Region, Org: r.Org, Outcome: r.Outcome,
			From: r.From, Session: r.Session, Why: r.Why, Before: r.Before, After: r.After, Detail: string(r.Detail), Salt: r.Salt, Rest: r.Rest,
		}
		if !r.Erased.IsZero() {
			line.Entry.Erased = &r.Erased
		}
	}
	return line
}

func (l *exportLine) claim() (Claim, error) {
	c := Claim{Number: -1}
	if (l.Number == nil) != (l.Leaf == nil) || l.Leaf == nil && l.Entry == nil {
		return c, errors.New("a leaf has a number, and a line has a leaf, an entry or both")
	}
	if l.Leaf != nil {
		digest, err := hex.DecodeString(l.Leaf.Digest)
		if err != nil || len(digest) != DigestSize {
			return c, fmt.Errorf("digest %.80q is not %d bytes in hex", l.Leaf.Digest, DigestSize)
		}
		c.Number, c.Stored = *l.Number, &Leaf{l.Leaf.ID, Digest(digest)}
	}
	if e := l.Entry; e != nil {
		r := &Record{
			Entry: Entry{ID: e.ID, At: e.At, Actor: e.Actor, Action: e.Action, Object: e.Object, Region: e.Region, Org: e.Org, Outcome: e.Outcome,
				From: e.From, Session: e.Session, Why: e.Why, Before: e.Before, After: e.After},
			Salt: e.Salt, Rest: e.Rest,
		}
		if e.Detail != "" {
			r.Detail = json.RawMessage(e.Detail)
		}
		if e.Erased != nil {
			r.Erased = *e.Erased
		}
		if _, err := uuid.Parse(r.ID); err != nil {
			return c, fmt.Errorf("entry %.80q: %w", r.ID, err)
		}
		c.Record = r
	}
	return c, nil
}
