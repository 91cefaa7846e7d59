package tiles

import "testing"

func FuzzAPathIsATileOrAProblem(f *testing.F) {
	for _, s := range []string{"roads/14/13697/6686.mvt", "roads,water/0/0/0.mvt", "roads/1/2/3.mvt", "roads/99/0/0.mvt", "/0/0/0.mvt", "roads/+1/0/0.mvt", "a/b/c/d.mvt", ".mvt", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, path string) {
		layers, tile, bad := parsePath(path)
		switch {
		case bad != nil:
			if bad.Status < 400 || bad.Status > 499 || bad.Detail == "" {
				t.Fatalf("%q: %+v", path, bad)
			}
		case layers == 0 || tile.Check() != nil:
			t.Fatalf("%q is taken as layers %b of tile %v", path, layers, tile)
		}
	})
}

func TestAcceptEncodingIsReadByTheLetter(t *testing.T) {
	for header, want := range map[string]bool{
		"": false, "gzip": true, "br, gzip;q=0.8": true, "gzip;q=0": false, "gzip; q=0.0": false, "identity": false,
		"*": true, "*;q=0": false, "*, gzip;q=0": false, "GZIP": true, "gzip;q=x": false,
	} {
		if got := acceptsGzip(header); got != want {
			t.Errorf("Accept-Encoding %q: %v, want %v", header, got, want)
		}
	}
}

func TestIfNoneMatchIsComparedWeakly(t *testing.T) {
	for header, want := range map[string]bool{
		"": false, `"a"`: true, `W/"a"`: true, `"b", "a"`: true, `"b"`: false, "*": true, `"ab"`: false,
	} {
		if got := matches(header, `"a"`); got != want {
			t.Errorf("If-None-Match %s: %v, want %v", header, got, want)
		}
	}
}
