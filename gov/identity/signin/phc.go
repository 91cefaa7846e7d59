package signin

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
)

const (
	saltSize = 16
	hashSize = 32
)

// phc is a hashed password: the parameters it was made with are in its text,
// so that they may change without making those before void.
type phc struct {
	Hash
	salt, sum []byte
}

var errPHC = errors.New("this is no argon2id hash in PHC form")

// sane keeps a text from the database from asking for all memory.
func (h Hash) sane() bool {
	return h.Memory >= 8*uint32(h.Threads) && h.Memory <= 1<<20 && h.Time >= 1 && h.Time <= 16 && h.Threads >= 1 && h.Threads <= 8
}

// parsePHC reads "$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>": the PHC string
// format with the parameters in the order of RFC 9106's reference program.
func parsePHC(text string) (phc, error) {
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != "v="+strconv.Itoa(argon2.Version) {
		return phc{}, errPHC
	}
	params := strings.Split(parts[3], ",")
	if len(params) != 3 {
		return phc{}, errPHC
	}
	var n [3]uint64
	for i, name := range []string{"m=", "t=", "p="} {
		digits, ok := strings.CutPrefix(params[i], name)
		if !ok {
			return phc{}, errPHC
		}
		var err error
		if n[i], err = strconv.ParseUint(digits, 10, []int{32, 32, 8}[i]); err != nil || strconv.FormatUint(n[i], 10) != digits {
			return phc{}, errPHC
		}
	}
	p := phc{Hash: Hash{Memory: uint32(n[0]), Time: uint32(n[1]), Threads: uint8(n[2])}} //nolint:gosec // ParseUint has bounded them
	if !p.sane() {
		return phc{}, fmt.Errorf("%w: its parameters are out of bounds", errPHC)
	}
	var err1, err2 error
	p.salt, err1 = base64.RawStdEncoding.Strict().DecodeString(parts[4])
	p.sum, err2 = base64.RawStdEncoding.Strict().DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(p.salt) < 8 || len(p.salt) > 64 || len(p.sum) < 16 || len(p.sum) > 64 {
		return phc{}, errPHC
	}
	// The decoder skips line ends.
	if p.String() != text {
		return phc{}, errPHC
	}
	return p, nil
}

func (p phc) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.Memory, p.Time, p.Threads,
		base64.RawStdEncoding.EncodeToString(p.salt), base64.RawStdEncoding.EncodeToString(p.sum))
}

// hash makes the hash of a password with a new salt.
func (h Hash) hash(password string) phc {
	p := phc{Hash: h, salt: make([]byte, saltSize)}
	_, _ = rand.Read(p.salt) // never fails, by its contract
	p.sum = p.work(password, hashSize)
	return p
}

func (p phc) work(password string, size uint32) []byte {
	return argon2.IDKey([]byte(password), p.salt, p.Time, p.Memory, p.Threads, size)
}

func (p phc) matches(password string) bool {
	return subtle.ConstantTimeCompare(p.work(password, uint32(len(p.sum))), p.sum) == 1 //nolint:gosec // at most 64
}
