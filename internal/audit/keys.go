package audit

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/smx509"
	"golang.org/x/mod/sumdb/note"
)

// Kinds of signature of the C2SP note format: 1 is Ed25519, 0xff is followed
// by the name of a kind that the format has no number for.
const (
	kindEd25519 = "\x01"
	kindSM2     = "\xffsm2-sm3" // SM2 数字签名 GB/T 32918.2 over SM3, default user id
)

// key signs notes (note.Signer).
type key struct {
	name string
	hash uint32
	vkey string
	sign func(msg []byte) ([]byte, error)
}

func (k *key) Name() string                    { return k.name }
func (k *key) KeyHash() uint32                 { return k.hash }
func (k *key) Sign(msg []byte) ([]byte, error) { return k.sign(msg) }

// sm2Verifier checks the second signatures (note.Verifier).
type sm2Verifier struct {
	name   string
	hash   uint32
	public *ecdsa.PublicKey
}

func (v *sm2Verifier) Name() string    { return v.name }
func (v *sm2Verifier) KeyHash() uint32 { return v.hash }
func (v *sm2Verifier) Verify(msg, sig []byte) bool {
	return sm2.VerifyASN1WithSM2(v.public, nil, msg, sig)
}

// keyID is the id of a key in signatures (C2SP signed-note).
func keyID(name, kindAndPublic string) uint32 {
	h := sha256.Sum256([]byte(name + "\n" + kindAndPublic))
	return binary.BigEndian.Uint32(h[:])
}

func newKey(name, kind string, public []byte, sign func([]byte) ([]byte, error)) *key {
	data := kind + string(public)
	id := keyID(name, data)
	return &key{
		name: name, hash: id, sign: sign,
		vkey: fmt.Sprintf("%s+%08x+%s", name, id, base64.StdEncoding.EncodeToString([]byte(data))),
	}
}

// ParseVerifier reads a public key as it is in Dir/verifiers:
// name+id+base64 (C2SP signed-note), for Ed25519 and SM2.
func ParseVerifier(vkey string) (note.Verifier, error) {
	name, rest, _ := strings.Cut(vkey, "+")
	hexID, b64, _ := strings.Cut(rest, "+")
	data, err := base64.StdEncoding.DecodeString(b64)
	if err != nil || !strings.HasPrefix(string(data), kindSM2) {
		v, err := note.NewVerifier(vkey)
		if err != nil {
			return nil, fmt.Errorf("read the public key %.80q: %w", vkey, err)
		}
		return v, nil
	}
	id, err := strconv.ParseUint(hexID, 16, 32)
	if err != nil || len(hexID) != 8 || uint32(id) != keyID(name, string(data)) {
		return nil, fmt.Errorf("read the public key %.80q: its id does not belong to it", vkey)
	}
	public, err := sm2.NewPublicKey(data[len(kindSM2):])
	if err != nil {
		return nil, fmt.Errorf("read the public key %.80q: %w", vkey, err)
	}
	return &sm2Verifier{name: name, hash: uint32(id), public: public}, nil
}

// ParseVerifiers reads public keys, one a line; lines that begin with # and
// empty ones are passed over.
func ParseVerifiers(text string) ([]note.Verifier, error) {
	var list []note.Verifier
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		v, err := ParseVerifier(line)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

// loadEd25519 reads the key at path, and makes it when it is not there.
func loadEd25519(name, path string, mayMake bool) (*key, error) {
	private, err := loadKey(path, mayMake, func() (any, error) {
		_, k, err := ed25519.GenerateKey(rand.Reader)
		return k, err
	})
	if err != nil {
		return nil, err
	}
	k, ok := private.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("read the signing key %s: it is a %T, not an Ed25519 key", path, private)
	}
	public := k.Public().(ed25519.PublicKey)
	return newKey(name, kindEd25519, public, func(msg []byte) ([]byte, error) { return ed25519.Sign(k, msg), nil }), nil
}

// loadSM2 reads the key at path, and makes it when it is not there.
func loadSM2(name, path string) (*key, error) {
	private, err := loadKey(path, true, func() (any, error) { return sm2.GenerateKey(rand.Reader) })
	if err != nil {
		return nil, err
	}
	k, ok := private.(*sm2.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("read the signing key %s: it is a %T, not an SM2 key", path, private)
	}
	public, err := sm2.PublicKeyToECDH(&k.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("read the signing key %s: %w", path, err)
	}
	return newKey(name, kindSM2, public.Bytes(), func(msg []byte) ([]byte, error) {
		return k.SignWithSM2(rand.Reader, nil, msg)
	}), nil
}

// loadKey reads a private key (PKCS #8, PEM); one that others may read is
// refused, for it may have been copied.
func loadKey(path string, mayMake bool, generate func() (any, error)) (any, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) && mayMake {
		return makeKey(path, generate)
	}
	if err != nil {
		return nil, fmt.Errorf("read the signing key: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("read the signing key %s: others may read it (%#o): chmod 600, and make a new one if it may have been copied", path, info.Mode().Perm())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the signing key: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("read the signing key %s: it is not in PEM", path)
	}
	k, err := smx509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("read the signing key %s: %w", path, err)
	}
	return k, nil
}

func makeKey(path string, generate func() (any, error)) (any, error) {
	k, err := generate()
	if err != nil {
		return nil, fmt.Errorf("make a signing key: %w", err)
	}
	der, err := smx509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		return nil, fmt.Errorf("make a signing key: %w", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("make a signing key: %w", err)
	}
	err = pem.Encode(f, &pem.Block{Type: "PRIVATE KEY", Bytes: der})
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, fmt.Errorf("make a signing key: %w", err)
	}
	return k, nil
}
