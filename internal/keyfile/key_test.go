package keyfile_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"onecity/internal/keyfile"
)

func open(t *testing.T, file, purpose string) *keyfile.Key {
	t.Helper()
	k, err := keyfile.Open(file, purpose)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestASecretOpensUnderItsKeyForItsOwnerAlone(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key")
	k := open(t, file, "one")
	sealed := k.Seal([]byte("secret"), "wang")
	if got, err := open(t, file, "one").Open(sealed, "wang"); err != nil || string(got) != "secret" {
		t.Fatalf("%q, %v", got, err)
	}
	altered := bytes.Clone(sealed)
	altered[len(altered)-1] ^= 1
	for what, try := range map[string]func() ([]byte, error){
		"another owner":   func() ([]byte, error) { return k.Open(sealed, "li") },
		"another purpose": func() ([]byte, error) { return open(t, file, "two").Open(sealed, "wang") },
		"another key":     func() ([]byte, error) { return open(t, filepath.Join(t.TempDir(), "key"), "one").Open(sealed, "wang") },
		"altered":         func() ([]byte, error) { return k.Open(altered, "wang") },
		"cut":             func() ([]byte, error) { return k.Open(sealed[:3], "wang") },
	} {
		if _, err := try(); !errors.Is(err, keyfile.ErrSealed) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if bytes.Equal(k.Digest("a", "b", "c"), k.Digest("a", "b", "d")) {
		t.Error("two texts have one digest")
	}
}

func TestAKeyThatOthersCanReadOrThatIsNoneIsRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key")
	open(t, file, "one")
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info.Mode(), err)
	}
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := keyfile.Open(file, "one"); err == nil {
		t.Error("a key that all can read is taken")
	}
	none := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(none, []byte("no key\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := keyfile.Open(none, "one"); err == nil {
		t.Error("a text is taken for a key")
	}
	if _, err := keyfile.Open("", "one"); err == nil {
		t.Error("no file will do")
	}
}
