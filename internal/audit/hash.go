package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/emmansun/gmsm/sm3"
)

// Hash is the hash function of a log, chosen when the log is made.
type Hash string

// The hashes there are; both give 32 bytes.
const (
	SHA256 Hash = "sha-256" // FIPS 180-4
	SM3    Hash = "sm3"     // 密码杂凑算法 GB/T 32905
)

// DigestSize is the length of a digest in bytes, for either Hash.
const DigestSize = 32

// Digest is the result of a Hash.
type Digest = [DigestSize]byte

func (h Hash) valid() error {
	if h != SHA256 && h != SM3 {
		return fmt.Errorf("hash %q is neither %q nor %q", string(h), SHA256, SM3)
	}
	return nil
}

func (h Hash) sum(data []byte) Digest {
	if h == SM3 {
		return sm3.Sum(data)
	}
	return sha256.Sum256(data)
}

// Size is the length of a hash in bytes.
func (h Hash) Size() int { return DigestSize }

// EmptyRoot is the root of a tree without leaves (RFC 6962, 2.1).
func (h Hash) EmptyRoot() []byte { d := h.sum(nil); return d[:] }

// HashLeaf is the hash of a leaf (RFC 6962, 2.1).
func (h Hash) HashLeaf(leaf []byte) []byte {
	var buf [1 + 16 + DigestSize]byte
	d := h.sum(append(buf[:1], leaf...))
	return d[:]
}

// HashChildren is the hash of an inner node (RFC 6962, 2.1).
func (h Hash) HashChildren(left, right []byte) []byte {
	var buf [1 + 2*DigestSize]byte
	buf[0] = 1
	d := h.sum(append(append(buf[:1], left...), right...))
	return d[:]
}

// preimage is what is hashed: fields, each behind its length (8 bytes, big
// endian), so that no two lists of fields are the same bytes.
type preimage []byte

func (p preimage) text(parts ...string) preimage {
	for _, s := range parts {
		p = append(binary.BigEndian.AppendUint64(p, uint64(len(s))), s...)
	}
	return p
}

func (p preimage) bytes(b []byte) preimage {
	return append(binary.BigEndian.AppendUint64(p, uint64(len(b))), b...)
}
