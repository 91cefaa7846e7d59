package feeds

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

//go:embed contracts/*.json
var embedded embed.FS

// Examples are the contracts that come with the program: what the departments
// of Kunshan would declare.
func Examples() ([]*Contract, error) {
	sub, err := fs.Sub(embedded, "contracts")
	if err != nil {
		return nil, fmt.Errorf("open the embedded contracts: %w", err)
	}
	return Load(sub)
}

// Load reads every *.json of a folder as a Contract. One that is wrong fails
// the whole, with everything that is wrong with all of them.
func Load(dir fs.FS) ([]*Contract, error) {
	names, err := fs.Glob(dir, "*.json")
	if err != nil {
		return nil, fmt.Errorf("list contracts: %w", err)
	}
	var errs []error
	var list []*Contract
	for _, name := range names {
		data, err := fs.ReadFile(dir, name)
		if err != nil {
			errs = append(errs, fmt.Errorf("read contract: %w", err))
			continue
		}
		c, err := ParseContract(data)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
			continue
		}
		if slices.ContainsFunc(list, func(o *Contract) bool { return o.ID == c.ID }) {
			errs = append(errs, fmt.Errorf("%s: a contract %s is there already", name, c.ID))
			continue
		}
		list = append(list, c)
	}
	return list, errors.Join(errs...)
}

// ParseContract reads one contract and validates it. A field that a contract
// does not have is an error: most likely a slip of the pen.
func ParseContract(data []byte) (*Contract, error) {
	d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	d.DisallowUnknownFields()
	var c Contract
	if err := d.Decode(&c); err != nil {
		return nil, fmt.Errorf("read contract: %w", err)
	}
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return &c, nil
}

// normal is a header's text as it is compared: without spaces, case and the
// difference between full and half width.
func normal(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == '\u3000' || r == '\ufeff' || r == '\u00a0':
			continue
		case r >= '！' && r <= '～':
			r -= '！' - '!'
		}
		b.WriteRune(r)
	}
	return strings.ToLower(b.String())
}
