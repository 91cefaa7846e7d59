package audit_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"onecity/internal/audit"
)

// exported is a log as a file, with entries in all states.
func exported(t testing.TB, hash audit.Hash) ([]byte, audit.Evidence) {
	t.Helper()
	pool, ev := sealedLog(t, audit.Options{Hash: hash}, 12)
	l := openLog(t, pool, audit.Options{})
	e := entry(99)
	e.Detail = []byte(`{"html":"<a href=\"x\">&</a>", "line":"\u2028", "big":12345678901234567890, "nul":"\u0000"}`)
	add(t, l, pool, e) // not sealed
	var b bytes.Buffer
	n, err := audit.Export(t.Context(), audit.Database(pool), &b)
	if err != nil || n != 13 {
		t.Fatalf("%d claims, %v", n, err)
	}
	return b.Bytes(), ev
}

func TestAnExportVerifiesWithoutTheDatabase(t *testing.T) {
	for _, hash := range []audit.Hash{audit.SHA256, audit.SM3} {
		file, ev := exported(t, hash)
		r := verify(t, audit.ExportFile(bytes.NewReader(file)), ev)
		if !r.OK() || r.Leaves != 12 || r.Unsealed != 1 || r.Covered != 12 {
			t.Fatalf("%+v", r)
		}
		// An export of an export is the same file.
		var again bytes.Buffer
		if _, err := audit.Export(t.Context(), audit.ExportFile(bytes.NewReader(file)), &again); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(again.Bytes(), file) {
			t.Fatal("it is another")
		}
	}
}

func TestAnExportThatWasEditedIsFound(t *testing.T) {
	file, ev := exported(t, audit.SHA256)
	lines := strings.SplitAfter(string(file), "\n") // the head, then leaf 0 …
	edit := func(fn func(l []string) []string) []byte {
		return []byte(strings.Join(fn(slices.Clone(lines)), ""))
	}
	for name, c := range map[string]struct {
		file []byte
		want []string
	}{
		"an entry altered": {edit(func(l []string) []string {
			l[4] = strings.Replace(l[4], "zhang", "li", 1)
			return l
		}), []string{"altered#3"}},
		"a line removed": {edit(func(l []string) []string { return slices.Delete(l, 4, 5) }), []string{"removed#3"}},
		"two lines exchanged": {edit(func(l []string) []string {
			l[4], l[5] = l[5], l[4]
			return l
		}), nil}, // their numbers still say their places
		"a line twice":    {edit(func(l []string) []string { return slices.Insert(l, 5, l[4]) }), []string{"inserted#3"}},
		"the end cut off": {edit(func(l []string) []string { return l[:12] }), []string{"removed#11"}},
	} {
		r := verify(t, audit.ExportFile(bytes.NewReader(c.file)), ev)
		if name == "two lines exchanged" {
			if r.OK() && r.Leaves != 12 {
				t.Errorf("%s: %+v", name, r)
			}
			continue
		}
		if got := found(r); !slices.Equal(got, c.want) {
			t.Errorf("%s: found %v, want %v\n%v", name, got, c.want, r.Findings)
		}
	}
	for name, text := range map[string]string{
		"nothing": "", "no head": lines[1], "another format": `{"format":"x","origin":"a","hash":"sm3","size":0}`,
		"another hash": `{"format":"onecity audit export 1","origin":"a","hash":"md5","size":0}`,
		"half a line":  lines[0] + lines[1][:50], "a leaf behind the unsealed": lines[0] + lines[13] + lines[1],
		"an unknown field": lines[0] + `{"numbre":1}`,
	} {
		if _, err := audit.Verify(t.Context(), audit.ExportFile(strings.NewReader(text)), ev); !errors.Is(err, audit.ErrExport) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzExport: whatever the file is, Verify neither fails in another way than
// it says nor finds it good where the checkpoints say otherwise.
func FuzzExport(f *testing.F) {
	head := `{"format":"onecity audit export 1","origin":"onecity/audit/x","hash":"sm3","size":1}` + "\n"
	leaf := `{"number":0,"leaf":{"id":"0192f5a0-0000-7000-8000-000000000001","digest":"` + strings.Repeat("ab", 32) + `"}`
	whole := `,"entry":{"id":"0192f5a0-0000-7000-8000-000000000001","at":"2026-11-24T00:00:00Z","actor":"a","action":"b","outcome":"done","detail":"{}","salt":"AA==","rest":"AA=="}}` + "\n"
	f.Add(head + leaf + whole)
	f.Add(head + leaf + "}\n" + strings.Replace(leaf, `:0`, `:9223372036854775807`, 1) + "}")
	f.Add(head + leaf + whole + strings.Replace(leaf, `:0`, `:-9223372036854775808`, 1) + whole)
	f.Add("{}\n{}")
	f.Add("")
	root := strings.Repeat("A", 43) + "="
	ev := audit.Evidence{Checkpoints: []string{
		"onecity/audit/x\n1\n" + root + "\nhash sm3\ntime 2026-11-24T00:00:00Z\n\n\u2014 x AAAA\n",
		"onecity/audit/x\n5\n" + root + "\nhash sm3\ntime 2026-11-24T00:00:00Z\n\n\u2014 x AAAA\n",
	}, Leaves: make([]audit.Leaf, 3)}
	f.Fuzz(func(t *testing.T, file string) {
		r, err := audit.Verify(t.Context(), audit.ExportFile(strings.NewReader(file)), ev)
		if err == nil && r.OK() {
			t.Fatalf("a log that leads to no checkpoint is good: %+v", r)
		}
		if err == nil {
			for _, f := range r.Findings {
				_ = f.String()
			}
			if _, err := audit.Export(t.Context(), audit.ExportFile(strings.NewReader(file)), io.Discard); err != nil {
				t.Fatalf("it was read, and cannot be written: %v", err)
			}
		}
	})
}

func FuzzCheckpoint(f *testing.F) {
	good := "onecity/audit/x\n5\n" + strings.Repeat("A", 43) + "=\nhash sm3\ntime 2026-11-24T00:00:00Z\n\n\u2014 x AAAA\n"
	for _, seed := range []string{good, good + "\n" + good, good[:40], "", "\n\n", "\u2014 x\n\n", strings.Replace(good, "\n5\n", "\n-5\n", 1)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := audit.OpenCheckpoint(text)
		if err != nil && !errors.Is(err, audit.ErrCheckpoint) {
			t.Fatalf("%v", err)
		}
		if err == nil && (c.Size < 0 || len(c.Root) != audit.DigestSize || c.Origin == "") {
			t.Fatalf("%+v", c)
		}
		list, err := audit.ReadCheckpoints(strings.NewReader(text + "\n\n" + good))
		if err != nil {
			return // a line that is too long
		}
		joined := strings.Join(list, "\n")
		again, err := audit.ReadCheckpoints(strings.NewReader(joined))
		if err != nil || strings.Join(again, "\n") != joined {
			t.Fatalf("%q read again is %q, %v", list, again, err)
		}
	})
}

func FuzzProof(f *testing.F) {
	checkpoint := `onecity/audit/x\n1\n` + strings.Repeat("A", 43) + `=\nhash sm3\ntime 2026-11-24T00:00:00Z\n\n\u2014 x AAAA\n`
	f.Add(`{"id":"0192f5a0-0000-7000-8000-000000000001","digest":"` + strings.Repeat("ab", 32) + `","leafIndex":0,"hashes":[],"checkpoint":"` + checkpoint + `"}`)
	f.Add(`{"id":"0192f5a0-0000-7000-8000-000000000001","digest":"ab","leafIndex":-1,"hashes":["AA=="],"checkpoint":""}`)
	f.Add(`{}`)
	f.Add(``)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := audit.ReadProof(strings.NewReader(text))
		if err == nil {
			err = p.Verify()
		}
		if !errors.Is(err, audit.ErrProof) {
			t.Fatalf("a made-up proof: %v", err)
		}
	})
}

func FuzzVerifier(f *testing.F) {
	f.Add("onecity/audit/x+00000000+AQ==")
	f.Add("x+7f3a1b2c+/3NtMi1zbTM=")
	f.Add("# a comment\n\n")
	f.Add("++")
	f.Fuzz(func(t *testing.T, text string) {
		keys, err := audit.ParseVerifiers(text)
		if err != nil {
			return
		}
		for _, k := range keys {
			if k.Verify([]byte("x"), []byte("y")) {
				t.Fatalf("%q verifies anything", text)
			}
		}
	})
}
