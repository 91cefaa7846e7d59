package audit_test

import (
	"bytes"
	"testing"
	"time"

	"onecity/internal/audit"
)

// BenchmarkLog200k appends, seals, verifies and exports a log of 200,000
// entries; see what it prints, not ns/op.
func BenchmarkLog200k(b *testing.B) {
	const n = 200_000
	for _, hash := range []audit.Hash{audit.SHA256, audit.SM3} {
		b.Run(string(hash), func(b *testing.B) {
			pool := fresh(b)
			dir := b.TempDir()
			l := openLog(b, pool, audit.Options{Dir: dir, Hash: hash, Interval: quick})
			took := map[string]time.Duration{}
			step := func(name string, fn func()) {
				began := time.Now()
				fn()
				took[name] = time.Since(began)
			}
			entries := make([]audit.Entry, 10_000)
			for i := range entries {
				entries[i] = entry(i)
			}
			step("append", func() {
				for range n / len(entries) {
					add(b, l, pool, entries...)
				}
			})
			step("seal", func() {
				stop := seal(b, l)
				untilSealed(b, l, n)
				stop()
			})
			ev := evidence(b, dir)
			step("verify", func() {
				if r := verify(b, audit.Database(pool), ev); !r.OK() || r.Leaves != n {
					b.Fatalf("%+v", r)
				}
			})
			var file bytes.Buffer
			step("export", func() {
				if _, err := audit.Export(b.Context(), audit.Database(pool), &file); err != nil {
					b.Fatal(err)
				}
			})
			step("verify-export", func() {
				if r := verify(b, audit.ExportFile(&file), ev); !r.OK() || r.Leaves != n {
					b.Fatalf("%+v", r)
				}
			})
			step("proof", func() {
				if _, err := l.Proof(b.Context(), ev.Leaves[n/3].ID.String()); err != nil {
					b.Fatal(err)
				}
			})
			for b.Loop() { // all was done once, before
			}
			for name, d := range took {
				b.ReportMetric(d.Seconds(), name+"-s")
			}
		})
	}
}
