package signin

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
	"path/filepath"
)

// key is what protects the secrets in the database from who has only the
// database: TOTP secrets are encrypted under it, recovery codes and unknown
// logins hashed with it.
type key struct {
	seal cipher.AEAD
	mac  []byte
	id   [4]byte // which key, told in front of what it has sealed
}

const keySize = 32

// openKey reads the key in file, or makes one. Others must not be able to read it.
func openKey(file string) (*key, error) {
	if file == "" {
		return nil, errors.New("sign-in needs the file of its key")
	}
	raw, err := readKey(file)
	if errors.Is(err, fs.ErrNotExist) {
		raw = make([]byte, keySize)
		_, _ = rand.Read(raw) // never fails, by its contract
		err = createFile(file, []byte(hex.EncodeToString(raw)+"\n"))
		if errors.Is(err, fs.ErrExist) { // another node was faster
			raw, err = readKey(file)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("open the key of sign-in: %w", err)
	}
	return newKey(raw)
}

func readKey(file string) ([]byte, error) {
	if err := private(file); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if len(text) != 2*keySize+1 {
		return nil, fmt.Errorf("%s has no key of %d bytes in hex", file, keySize)
	}
	raw, err := hex.DecodeString(string(text[:2*keySize]))
	if err != nil {
		return nil, fmt.Errorf("%s has no key in hex", file) // without a piece of it
	}
	return raw, nil
}

// private fails when others than the owner may read file.
func private(file string) error {
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return fmt.Errorf("%s can be read by others (mode %04o): make it 0600, and what it has protected anew", file, mode)
	}
	return nil
}

// createFile writes a new file of mode 0600 as a whole or not at all;
// fs.ErrExist when there is one.
func createFile(file string, content []byte) error {
	temp, err := writeTemp(file, content)
	if err != nil {
		return err
	}
	defer os.Remove(temp) //nolint:errcheck // the link keeps the content
	return os.Link(temp, file)
}

// replaceFile is createFile over what is there.
func replaceFile(file string, content []byte) error {
	temp, err := writeTemp(file, content)
	if err != nil {
		return err
	}
	if err := os.Rename(temp, file); err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	return nil
}

func writeTemp(file string, content []byte) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(file), ".signin-*") // of mode 0600
	if err != nil {
		return "", err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

func newKey(raw []byte) (*key, error) {
	derive := func(what string) ([]byte, error) {
		return hkdf.Key(sha256.New, raw, nil, "onecity signin "+what, keySize)
	}
	sealing, err1 := derive("seal")
	mac, err2 := derive("mac")
	name, err3 := derive("id")
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, fmt.Errorf("derive the keys of sign-in: %w", err)
	}
	block, err := aes.NewCipher(sealing)
	if err != nil {
		return nil, fmt.Errorf("open the key of sign-in: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("open the key of sign-in: %w", err)
	}
	return &key{seal: aead, mac: mac, id: [4]byte(name)}, nil
}

// encrypt binds the secret to its owner: it cannot be moved to another.
func (k *key) encrypt(secret []byte, owner string) []byte {
	return k.seal.Seal(k.id[:], nil, secret, []byte(owner))
}

func (k *key) decrypt(sealed []byte, owner string) ([]byte, error) {
	if len(sealed) < len(k.id) || [4]byte(sealed) != k.id {
		return nil, ErrKey
	}
	secret, err := k.seal.Open(nil, nil, sealed[len(k.id):], []byte(owner))
	if err != nil {
		return nil, fmt.Errorf("the secret of %s was altered: %w", owner, ErrKey)
	}
	return secret, nil
}

// digest of something short enough to be guessed.
func (k *key) digest(kind, owner, text string) []byte {
	h := hmac.New(sha256.New, k.mac)
	fmt.Fprintf(h, "%s\x00%s\x00%s", kind, owner, text)
	return h.Sum(nil)
}
