package city

import (
	"context"
	"testing"

	"onecity/cim"
	"onecity/ingest/city/made"
)

func BenchmarkMakeKunshan(b *testing.B) {
	p, err := kunshanPlan()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := made.Make(p); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoadKunshan(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if err := Load(context.Background(), "kunshan", Options{}, func(cim.Fact) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}
