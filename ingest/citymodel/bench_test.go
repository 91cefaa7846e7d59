package citymodel_test

import (
	"context"
	"testing"

	"onecity/cim"
	"onecity/ingest/citymodel"
)

// BenchmarkImport reads whole extracts: a US state as PBF, a country as XML in
// bzip2, which takes most of that one's time.
func BenchmarkImport(b *testing.B) {
	for _, name := range []string{"delaware-latest.osm.pbf", "andorra-latest.osm.bz2"} {
		path := extract(b, name)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r, err := citymodel.Import(context.Background(), path, citymodel.Options{}, func(cim.Fact) error { return nil }, nil)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(r.Total()), "objects")
			}
		})
	}
}
