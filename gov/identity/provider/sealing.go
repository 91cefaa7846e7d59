package provider

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

const keySize = 32

// seal encrypts what must not be read in the database, under the key of a file.
type seal struct {
	aead cipher.AEAD
	id   [4]byte // tells keys apart without telling them
}

// openSeal reads the key in file, or makes one. Others must not be able to read it.
func openSeal(file string) (*seal, error) {
	if file == "" {
		return nil, errors.New("the provider needs the file of its key")
	}
	raw, err := readKey(file)
	if errors.Is(err, fs.ErrNotExist) {
		raw = make([]byte, keySize)
		_, _ = rand.Read(raw) // never fails, by its contract
		err = createKey(file, raw)
		if errors.Is(err, fs.ErrExist) { // another node was faster
			raw, err = readKey(file)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("open the key of the provider: %w", err)
	}
	return newSeal(raw)
}

func newSeal(raw []byte) (*seal, error) {
	key, err1 := hkdf.Key(sha256.New, raw, nil, "onecity provider seal", keySize)
	name, err2 := hkdf.Key(sha256.New, raw, nil, "onecity provider id", 4)
	if err := errors.Join(err1, err2); err != nil {
		return nil, fmt.Errorf("derive the keys of the provider: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("open the key of the provider: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("open the key of the provider: %w", err)
	}
	return &seal{aead: aead, id: [4]byte(name)}, nil
}

// close encrypts a secret; it opens only for the same owner.
func (s *seal) close(secret []byte, owner string) []byte {
	return s.aead.Seal(s.id[:], nil, secret, []byte(owner))
}

func (s *seal) open(sealed []byte, owner string) ([]byte, error) {
	if len(sealed) < len(s.id) || [4]byte(sealed) != s.id {
		return nil, ErrKey
	}
	secret, err := s.aead.Open(nil, nil, sealed[len(s.id):], []byte(owner))
	if err != nil {
		return nil, fmt.Errorf("%s was altered: %w", owner, ErrKey)
	}
	return secret, nil
}

func readKey(file string) ([]byte, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, fmt.Errorf("%s can be read by others (mode %04o): make it 0600, and the signing keys anew", file, mode)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if len(text) < 2*keySize {
		return nil, fmt.Errorf("%s has no key of %d bytes in hex", file, keySize)
	}
	raw, err := hex.DecodeString(string(text[:2*keySize]))
	if err != nil {
		return nil, fmt.Errorf("%s has no key in hex", file) // without a piece of it
	}
	return raw, nil
}

// createKey writes a new file of mode 0600 as a whole or not at all;
// fs.ErrExist when there is one.
func createKey(file string, raw []byte) error {
	f, err := os.CreateTemp(filepath.Dir(file), ".provider-*") // of mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) //nolint:errcheck // the link keeps the content
	_, err = f.WriteString(hex.EncodeToString(raw) + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Link(f.Name(), file)
}

// random is a text that nobody guesses: 256 bits.
func random() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails, by its contract
	return base64.RawURLEncoding.EncodeToString(b)
}

// digest is how a secret of 256 bits is kept: it cannot be guessed, so one
// round will do.
func digest(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
