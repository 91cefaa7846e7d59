package tiles

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"onecity/cim"
)

// parsePath reads {layers}/{z}/{x}/{y}.mvt.
func parsePath(path string) (cim.Layers, Tile, *problem) {
	parts := strings.Split(path, "/")
	name, ok := strings.CutSuffix(parts[len(parts)-1], ".mvt")
	if !ok || len(parts) != 4 {
		return 0, Tile{}, &problem{
			Status: http.StatusNotFound, Detail: "a tile is at /tiles/{layers}/{z}/{x}/{y}.mvt",
		}
	}
	layers, bad := parseLayers(parts[0])
	if bad != nil {
		return 0, Tile{}, bad
	}
	var n [3]uint32
	for i, s := range []string{parts[1], parts[2], name} {
		v, err := strconv.ParseUint(s, 10, 32)
		if err != nil {
			field := [...]string{"z", "x", "y"}[i]
			return 0, Tile{}, badField(http.StatusBadRequest, field, s, "malformed",
				field+" is not a whole number", "digits")
		}
		n[i] = uint32(v)
	}
	t := Tile{Z: uint8(min(n[0], 255)), X: n[1], Y: n[2]}
	if err := t.Check(); err != nil {
		return 0, Tile{}, badField(http.StatusNotFound, "z/x/y", t.String(), "out-of-range", err.Error(),
			fmt.Sprintf("zoom 0–%d, x and y below 2^zoom", MaxZoom))
	}
	return layers, t, nil
}

// parseLayers reads names with commas between.
func parseLayers(names string) (set cim.Layers, bad *problem) {
	for name := range strings.SplitSeq(names, ",") {
		l, ok := cim.ParseLayer(name)
		if !ok {
			all := make([]string, cim.LayerCount)
			for i := range all {
				all[i] = cim.Layer(i).String()
			}
			err := &cim.UnknownLayerError{Name: name}
			return 0, badField(http.StatusNotFound, "layers", name, "unknown-layer", err.Error(), strings.Join(all, ", "))
		}
		set |= cim.LayersOf(l)
	}
	return set, nil
}

func badField(status int, field, value, code, message, expected string) *problem {
	if len(value) > 64 {
		value = value[:64]
	}
	return &problem{
		Status: status, Detail: message,
		Errors: []problemField{{Field: field, Value: value, Code: code, Message: message, Expected: expected}},
	}
}

// acceptsGzip reads Accept-Encoding (RFC 9110 §12.5.3).
func acceptsGzip(header string) bool {
	star := false
	for item := range strings.SplitSeq(header, ",") {
		coding, parameters, _ := strings.Cut(strings.TrimSpace(item), ";")
		wanted := true
		if q, ok := strings.CutPrefix(strings.ReplaceAll(parameters, " ", ""), "q="); ok {
			v, err := strconv.ParseFloat(q, 64)
			wanted = err == nil && v > 0
		}
		switch strings.ToLower(strings.TrimSpace(coding)) {
		case "gzip", "x-gzip":
			return wanted
		case "*":
			star = wanted
		}
	}
	return star
}

// matches reads If-None-Match: a list of entity tags, or * (RFC 9110 §13.1.2),
// compared weakly.
func matches(header, etag string) bool {
	for item := range strings.SplitSeq(header, ",") {
		item = strings.TrimSpace(item)
		if item == "*" || strings.TrimPrefix(item, "W/") == etag {
			return true
		}
	}
	return false
}

// origin is scheme and host as the client sees them, for addresses that must
// be absolute: MapLibre asks for tiles from a worker, which has no page to
// resolve a relative address against.
func origin(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}
