package provider_test

import (
	"testing"
)

func BenchmarkVerify(b *testing.B) {
	w := theTown(b)
	a := w.launch(b, web("bench")).signIn(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.p.Verify(b.Context(), a.Access); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRenew(b *testing.B) {
	w := theTown(b)
	c := w.launch(b, web("bench-renew"))
	a := c.signIn(b)
	for b.Loop() {
		if a = c.renew(b, a.Refresh); a.Refresh == "" {
			b.Fatalf("%+v", a)
		}
	}
}
