package citymodel

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"strconv"
)

// sequence says whether a file is a GeoJSONSeq, one text after another, and
// what stands between them: the record separator of RFC 8142, or a line's end
// as in newline-delimited GeoJSON.
func sequence(head []byte) (sep byte, ok bool) {
	head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	if len(head) > 0 && head[0] == 0x1e {
		return 0x1e, true
	}
	line, rest, found := bytes.Cut(head, []byte{'\n'})
	if !found || len(bytes.TrimSpace(rest)) == 0 {
		return 0, false
	}
	var f jsonFeature
	return '\n', json.Unmarshal(line, &f) == nil && f.Type == "Feature"
}

// sequence reads text by text, so that a broken one spoils only itself.
func (r *geojsonReader) sequence(ctx context.Context, in *bufio.Reader, sep byte, to features) error {
	for last := false; !last; {
		if err := ctx.Err(); err != nil {
			return err
		}
		text, err := in.ReadBytes(sep)
		if last = err == io.EOF; err != nil && !last {
			return err
		}
		r.limit.renew()
		text = bytes.TrimSpace(bytes.TrimPrefix(bytes.TrimSuffix(text, []byte{sep}), []byte("\xef\xbb\xbf")))
		if len(text) == 0 {
			continue
		}
		var f jsonFeature
		if err := json.Unmarshal(text, &f); err != nil {
			r.n++
			why := because("malformed", "it is no JSON: %v", err)
			if last {
				why = because("malformed", "the file ends in the middle of it")
			}
			if err := to.reject("", "line "+strconv.Itoa(r.n), why); err != nil {
				return err
			}
			continue
		}
		if err := r.feature(&f, to); err != nil {
			return err
		}
	}
	return nil
}
