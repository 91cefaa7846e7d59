package keyfile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Private fails when others than the owner may read file.
func Private(file string) error {
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return fmt.Errorf("%s can be read by others (mode %04o): make it 0600, and what it has protected anew", file, mode)
	}
	return nil
}

// Create writes a new file of mode 0600 as a whole or not at all; fs.ErrExist
// when there is one.
func Create(file string, content []byte) error {
	temp, err := write(file, content)
	if err != nil {
		return err
	}
	defer os.Remove(temp) //nolint:errcheck // the link keeps the content
	return os.Link(temp, file)
}

// Replace is Create over what is there.
func Replace(file string, content []byte) error {
	temp, err := write(file, content)
	if err != nil {
		return err
	}
	if err := os.Rename(temp, file); err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	return nil
}

func write(file string, content []byte) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(file), ".key-*") // of mode 0600
	if err != nil {
		return "", err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}
