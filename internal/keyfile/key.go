package keyfile

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// ErrSealed: a secret was sealed under another key than this one, for another
// owner, or it was altered.
var ErrSealed = errors.New("the secret was sealed under another key")

// Key seals for one purpose. It is safe for concurrent use.
type Key struct {
	seal cipher.AEAD
	mac  []byte
	id   [4]byte // which key, told in front of what it has sealed
}

const size = 32

// Open reads the key in file, 32 bytes in hex, or makes one. Others must not be
// able to read it. Keys of two purposes from one file have nothing in common.
func Open(file, purpose string) (*Key, error) {
	if file == "" {
		return nil, fmt.Errorf("the key of %s needs a file", purpose)
	}
	raw, err := read(file)
	if errors.Is(err, fs.ErrNotExist) {
		raw = make([]byte, size)
		_, _ = rand.Read(raw) // never fails, by its contract
		err = Create(file, []byte(hex.EncodeToString(raw)+"\n"))
		if errors.Is(err, fs.ErrExist) { // another node was faster
			raw, err = read(file)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("open the key of %s: %w", purpose, err)
	}
	k, err := derive(raw, purpose)
	if err != nil {
		return nil, fmt.Errorf("open the key of %s: %w", purpose, err)
	}
	return k, nil
}

func read(file string) ([]byte, error) {
	if err := Private(file); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if len(text) != 2*size+1 {
		return nil, fmt.Errorf("%s has no key of %d bytes in hex", file, size)
	}
	raw, err := hex.DecodeString(string(text[:2*size]))
	if err != nil {
		return nil, fmt.Errorf("%s has no key in hex", file) // without a piece of it
	}
	return raw, nil
}

func derive(raw []byte, purpose string) (*Key, error) {
	sub := func(what string) ([]byte, error) {
		return hkdf.Key(sha256.New, raw, nil, "onecity "+purpose+" "+what, size)
	}
	sealing, err1 := sub("seal")
	mac, err2 := sub("mac")
	name, err3 := sub("id")
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(sealing)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	return &Key{seal: aead, mac: mac, id: [4]byte(name)}, nil
}

// Seal binds a secret to its owner: it opens for no other.
func (k *Key) Seal(secret []byte, owner string) []byte {
	return k.seal.Seal(k.id[:], nil, secret, []byte(owner))
}

// Open is the inverse of Seal; ErrSealed.
func (k *Key) Open(sealed []byte, owner string) ([]byte, error) {
	if len(sealed) < len(k.id) || [4]byte(sealed) != k.id {
		return nil, ErrSealed
	}
	secret, err := k.seal.Open(nil, nil, sealed[len(k.id):], []byte(owner))
	if err != nil {
		return nil, fmt.Errorf("the secret of %s was altered: %w", owner, ErrSealed)
	}
	return secret, nil
}

// Digest of something short enough to be guessed: HMAC-SHA-256.
func (k *Key) Digest(kind, owner, text string) []byte {
	h := hmac.New(sha256.New, k.mac)
	fmt.Fprintf(h, "%s\x00%s\x00%s", kind, owner, text)
	return h.Sum(nil)
}
