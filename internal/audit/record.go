package audit

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/google/uuid"
)

// Record is an Entry as it is kept: with what binds it to its leaf.
type Record struct {
	Entry
	// Salt hides the private part (From, Session, Why, Before, After, Detail)
	// behind Rest: without it Rest cannot be found by trying. It is 16 bytes,
	// or none when the private part is forgotten.
	Salt []byte
	// Rest is the salted digest of the private part.
	Rest []byte
	// Erased is when the private part was forgotten; zero: it was not.
	Erased time.Time
}

// Names of what is hashed, first in every digest, so that a digest of one kind
// can never pass for one of the other.
const (
	restDomain  = "onecity audit rest 1"
	entryDomain = "onecity audit entry 1"
)

const saltSize = 16

// rest is the digest of the private part:
//
//	H(domain, salt, from, session, why, before, after, detail)
//
// every field behind its length in 8 bytes (big endian).
func (h Hash) rest(buf *preimage, salt []byte, e *Entry) Digest {
	p := (*buf)[:0].text(restDomain).bytes(salt).text(e.From, e.Session, e.Why, e.Before, e.After).bytes(e.Detail)
	*buf = p // what was allocated is used again
	return h.sum(p)
}

// digest is what a leaf says of an entry:
//
//	H(domain, id, at, actor, action, object, region, org, outcome, rest)
//
// at is microseconds since 1970 as 8 bytes (big endian).
func (h Hash) digest(buf *preimage, e *Entry, id uuid.UUID, rest []byte) Digest {
	p := (*buf)[:0].text(entryDomain).bytes(id[:])
	p = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(p, 8), uint64(e.At.UnixMicro()))
	p = p.text(e.Actor, e.Action, e.Object, e.Region, e.Org, e.Outcome).bytes(rest)
	*buf = p
	return h.sum(p)
}

// Leaf is one leaf of the tree; its data are the 16 bytes of the entry's ID
// and the 32 of its Digest. It holds no personal data.
type Leaf struct {
	ID     uuid.UUID
	Digest Digest
}

const leafSize = 16 + DigestSize

func (l Leaf) data() (b [leafSize]byte) {
	copy(b[:16], l.ID[:])
	copy(b[16:], l.Digest[:])
	return b
}

func (h Hash) leaf(l Leaf) []byte {
	b := l.data()
	return h.HashLeaf(b[:])
}

// Leaf computes the record's leaf from its fields.
func (r *Record) Leaf(h Hash) (Leaf, error) {
	id, err := uuid.Parse(r.ID)
	if err != nil {
		return Leaf{}, err
	}
	var buf preimage
	rest := r.Rest
	if len(r.Salt) > 0 {
		d := h.rest(&buf, r.Salt, &r.Entry)
		rest = d[:]
	}
	return Leaf{ID: id, Digest: h.digest(&buf, &r.Entry, id, rest)}, nil
}

// StateDigest is the digest of an object's state for Entry.Before and After:
// SHA-256 over the state's JSON, in hex; "" of nil. Two states with the same
// JSON have the same digest (encoding/json writes maps in the order of keys).
func StateDigest(state any) (string, error) {
	if state == nil {
		return "", nil
	}
	b, err := json.Marshal(state)
	if err != nil {
		return "", err
	}
	d := SHA256.sum(b)
	return hex.EncodeToString(d[:]), nil
}
