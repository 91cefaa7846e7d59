package citymodel

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
)

// shpMagic begins a .shp file, big-endian. The format: ESRI Shapefile Technical
// Description, July 1998.
const shpMagic = 9994

// shapefileReader reads a .shp with the .dbf, .prj and .cpg beside it.
type shapefileReader struct {
	shp   *os.File
	size  int64
	max   int64 // bytes of a record
	table *dbf  // nil when there is none
	name  string
}

func (r *shapefileReader) crs() string { return r.name }

// openShapefile opens the parts that belong to the .shp at path.
func openShapefile(path, encoding string, maxRecord int64) (reader, error) {
	shp, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	r := &shapefileReader{shp: shp, max: maxRecord}
	if err := r.open(path, encoding); err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

func (r *shapefileReader) open(path, encoding string) error {
	info, err := r.shp.Stat()
	if err != nil {
		return err
	}
	r.size = info.Size()
	prj, err := readSibling(path, ".prj")
	if err != nil {
		return err
	}
	if len(strings.TrimSpace(string(prj))) > 0 {
		if r.name, err = crsOfWKT(string(prj)); err != nil {
			return err
		}
	}
	if encoding == "" {
		cpg, err := readSibling(path, ".cpg")
		if err != nil {
			return err
		}
		encoding = strings.TrimSpace(string(cpg))
	}
	if name := sibling(path, ".dbf"); name != "" {
		if r.table, err = openDBF(name, encoding); err != nil {
			return fmt.Errorf("its table %s: %w", filepath.Base(name), err)
		}
	}
	return nil
}

func (r *shapefileReader) close() {
	r.shp.Close()
	if r.table != nil {
		r.table.close()
	}
}

// sibling finds the file that has ext in place of .shp, in any case of letters;
// "" when there is none.
func sibling(path, ext string) string {
	stem := strings.TrimSuffix(path, filepath.Ext(path))
	for _, name := range []string{stem + ext, stem + strings.ToUpper(ext), path + ext} {
		if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
			return name
		}
	}
	return ""
}

func readSibling(path, ext string) ([]byte, error) {
	name := sibling(path, ext)
	if name == "" {
		return nil, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, 64<<10))
}

func (r *shapefileReader) read(ctx context.Context, to features) error {
	defer r.close()
	in := bufio.NewReaderSize(r.shp, 1<<20)
	head := make([]byte, 100)
	if _, err := io.ReadFull(in, head); err != nil {
		return errors.New("its header is cut short")
	}
	if v := binary.LittleEndian.Uint32(head[28:]); v != 1000 {
		return fmt.Errorf("version %d of the format cannot be read, 1000 can", v)
	}
	if said := int64(binary.BigEndian.Uint32(head[24:])) * 2; said > r.size {
		return fmt.Errorf("it is cut short: its header says %d bytes, it has %d", said, r.size)
	}
	var body []byte
	at := int64(100)
	for n := 1; at < r.size; n++ {
		if n%256 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			to.at(at)
		}
		var rec [8]byte
		if _, err := io.ReadFull(in, rec[:]); err != nil {
			return fmt.Errorf("record %d is cut short", n)
		}
		length := int64(binary.BigEndian.Uint32(rec[4:])) * 2
		if at += 8 + length; at > r.size {
			return fmt.Errorf("record %d is cut short: it says %d bytes", n, length)
		}
		var err error
		if length > r.max {
			_, err = io.CopyN(io.Discard, in, length)
			body = nil // which record refuses
		} else {
			body, err = readSome(in, body[:0], int(length))
		}
		if err != nil {
			return fmt.Errorf("record %d: %w", n, err)
		}
		if err := r.record(n, length, body, to); err != nil {
			return err
		}
	}
	return nil
}

// record takes one record in; the body of one that is longer than allowed was
// not read.
func (r *shapefileReader) record(n int, length int64, body []byte, to features) error {
	f := Feature{Place: "record " + strconv.Itoa(n)}
	if r.table != nil {
		tags, deleted, err := r.table.row()
		if err != nil {
			return fmt.Errorf("row %d of its table: %w", n, err)
		}
		if deleted {
			to.skip("deleted row")
			return nil
		}
		f.Tags = tags
	}
	if length > r.max {
		return to.reject("", f.Place, because("too-large", "it takes %d bytes, more than a feature may have (%d)", length, r.max))
	}
	var err error
	if f.Geometry, err = shpGeometry(body); err != nil {
		return to.reject("", f.Place, because("malformed", "%v", err))
	}
	return to.feature(f)
}

// shpGeometry reads a record's content; nil and no error is a null shape.
func shpGeometry(b []byte) (orb.Geometry, error) {
	if len(b) < 4 {
		return nil, errShort
	}
	kind := binary.LittleEndian.Uint32(b)
	b = b[4:]
	switch kind {
	case 0:
		return nil, nil
	case 1, 11, 21:
		if len(b) < 16 {
			return nil, errShort
		}
		return shpPoint(b), nil
	case 8, 18, 28:
		if len(b) < 36 {
			return nil, errShort
		}
		ps, err := shpPoints(b[36:], binary.LittleEndian.Uint32(b[32:]))
		return orb.MultiPoint(ps), err
	case 3, 13, 23:
		parts, err := shpParts(b)
		if err != nil {
			return nil, err
		}
		lines := make(orb.MultiLineString, len(parts))
		for i, p := range parts {
			lines[i] = p
		}
		return lines, nil
	case 5, 15, 25:
		parts, err := shpParts(b)
		if err != nil {
			return nil, err
		}
		rings := make([]orb.Ring, len(parts))
		for i, p := range parts {
			if len(p) < 4 {
				return nil, fmt.Errorf("a ring of %d points", len(p))
			}
			rings[i] = p
		}
		return nest(rings)
	}
	return nil, fmt.Errorf("shape type %d cannot be read", kind)
}

// shpParts reads the parts of a polyline or polygon: box, counts, starts, points.
func shpParts(b []byte) ([][]orb.Point, error) {
	if len(b) < 40 {
		return nil, errShort
	}
	parts := int64(binary.LittleEndian.Uint32(b[32:]))
	total := binary.LittleEndian.Uint32(b[36:])
	b = b[40:]
	if parts*4 > int64(len(b)) {
		return nil, fmt.Errorf("%d parts, %w", parts, errShort)
	}
	points, err := shpPoints(b[parts*4:], total)
	if err != nil {
		return nil, err
	}
	out := make([][]orb.Point, parts)
	for i := range out {
		from, to := binary.LittleEndian.Uint32(b[4*i:]), total
		if i+1 < len(out) {
			to = binary.LittleEndian.Uint32(b[4*i+4:])
		}
		if from > to || to > total {
			return nil, fmt.Errorf("part %d goes from point %d to %d of %d", i+1, from, to, total)
		}
		out[i] = points[from:to]
	}
	return out, nil
}

func shpPoints(b []byte, n uint32) ([]orb.Point, error) {
	if int64(n)*16 > int64(len(b)) {
		return nil, fmt.Errorf("%d points, %w", n, errShort)
	}
	ps := make([]orb.Point, n)
	for i := range ps {
		ps[i] = shpPoint(b[16*i:])
	}
	return ps, nil
}

func shpPoint(b []byte) orb.Point {
	return orb.Point{
		math.Float64frombits(binary.LittleEndian.Uint64(b)),
		math.Float64frombits(binary.LittleEndian.Uint64(b[8:])),
	}
}
