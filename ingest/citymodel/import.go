package citymodel

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"onecity/cim"

	"github.com/paulmach/orb"
)

// Options says how a file is to be read. The zero value reads everything but
// regions, in the system the file declares (CGCS2000 when it declares none).
type Options struct {
	// Format is told by the content; a value here must agree with it.
	Format Format
	// CRS declares the coordinate reference system, whatever the file says:
	// any name that geo.ParseCRS takes, such as "EPSG:4549" or "GCJ-02".
	CRS string
	// Layer, when set, is what every feature becomes that no rule takes.
	Layer *cim.Layer
	// Layers limits the import to these layers; 0 is all that can be imported,
	// without regions.
	Layers cim.Layers
	// Mapping is OSMMapping for OSM files and TableMapping for others when nil.
	Mapping *Mapping
	// Table names the table of a GeoPackage; empty reads all of them.
	Table string
	// LOD is the level of detail of CityJSON to read ("1.2"); empty takes the
	// finest that the object has.
	LOD string
	// Encoding of a Shapefile's table ("GBK"), whatever its .cpg says.
	Encoding string
	// Within leaves out what does not touch this area (CGCS2000).
	Within orb.MultiPolygon
	// WithinRegions makes the outermost regions that an OpenStreetMap file
	// itself has the area of Within.
	WithinRegions bool
	// Source is where the data came from, with its licence.
	Source string
	// Made marks the objects as made by a program.
	Made bool
	// IDPrefix goes before ids ("survey2025"); the file's name when empty.
	// Ids of OpenStreetMap are "osm/n1", "osm/w1", "osm/r1" always.
	IDPrefix string
	// MaxBatchBytes and MaxBatchObjects bound one fact; 2 MB and 5,000 when 0.
	MaxBatchBytes, MaxBatchObjects int
	// MaxBytes bounds what a packed file may unpack to; 16 GiB when 0.
	MaxBytes int64
	// MaxFeatureBytes bounds one feature of a text format, one record of a
	// Shapefile and one value of a GeoPackage; 64 MiB when 0.
	MaxFeatureBytes int64
	// MaxRejected ends the import when more features are wrong; 0 never does.
	MaxRejected int
}

func (o Options) withDefaults(path string, f Format) Options {
	osm := f == FormatOSMPBF || f == FormatOSMXML
	if o.Layers == 0 {
		o.Layers = importable &^ cim.LayersOf(cim.LayerRegions)
	}
	o.Layers &= importable
	if o.Mapping == nil {
		switch {
		case osm:
			o.Mapping = OSMMapping()
		case o.Layer != nil:
			o.Mapping = forLayer(*o.Layer)
			o.Layers |= cim.LayersOf(*o.Layer)
		case f == FormatCityJSON:
			o.Mapping = CityJSONMapping()
		default:
			o.Mapping = TableMapping()
		}
	}
	if o.Source == "" && osm {
		o.Source = "© OpenStreetMap contributors, ODbL 1.0"
	}
	if o.IDPrefix == "" {
		name := filepath.Base(path)
		if i := strings.IndexByte(name, '.'); i > 0 {
			name = name[:i]
		}
		o.IDPrefix = name
	}
	for _, d := range []struct {
		at    *int
		value int
	}{{&o.MaxBatchBytes, 2 << 20}, {&o.MaxBatchObjects, 5000}} {
		if *d.at == 0 {
			*d.at = d.value
		}
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = 16 << 30
	}
	if o.MaxFeatureBytes == 0 {
		o.MaxFeatureBytes = 64 << 20
	}
	return o
}

// Import reads the file at path and calls emit with cim.ObjectsPut facts of at
// most MaxBatchBytes, and with one cim.RegionsPut when regions were asked for
// and found. The Report is filled also when an error ends the import early: what
// was emitted until then stands.
//
// Errors: *WrongFormatError when the file is not what its name says,
// *TooLargeError when it unpacks to more than is allowed, others say where the
// file is broken. What is wrong with single features is in the Report.
func Import(ctx context.Context, path string, o Options, emit func(cim.Fact) error, progress Progress) (Report, error) {
	report := Report{
		Path: path, Format: o.Format,
		Objects: map[cim.Layer]int{}, Skipped: map[string]int{}, Reasons: map[string]int{},
	}
	src, err := openSource(path, o.Format, o.MaxBytes)
	if err != nil {
		return report, fmt.Errorf("import %s: %w", path, err)
	}
	defer src.close()
	report.Format = src.format
	o = o.withDefaults(path, src.format)
	s := &sink{
		ctx: ctx, o: &o, emit: emit, progress: progress, report: &report,
		layers: o.Layers, seen: map[uint64]struct{}{}, batch: batch{size: envelope},
	}
	s.state.Total = src.size
	if o.Within != nil {
		s.within = o.Within.Bound()
	}
	if s.from, err = src.reader(s); err != nil {
		return report, fmt.Errorf("import %s: %w", path, err)
	}
	if err := s.run(); err != nil {
		return report, fmt.Errorf("import %s: %w", path, err)
	}
	if n := report.Skipped[outsideCity]; n > 0 && report.Total() == 0 {
		report.Notes = append(report.Notes, fmt.Sprintf("none of its %d features touches the city; is %s the right coordinate system?", n, report.CRS))
	}
	s.state.Read, s.state.Done = s.state.Total, true
	s.tell()
	return report, nil
}

// run reads, and lets what is still in the batch out also when the file breaks
// off: it was read whole.
func (s *sink) run() error {
	err := s.from.read(s.ctx, s)
	if s.ctx.Err() != nil {
		return s.ctx.Err()
	}
	if err == nil {
		err = s.emitRegions()
	}
	return errors.Join(err, s.flush())
}

// source is an opened file: unpacked, told, and ready for its reader.
type source struct {
	path   string
	format Format
	size   int64
	file   *os.File
	read   *counter
	in     *bufio.Reader
	temp   string // directory to remove
}

func openSource(path string, asked Format, maxBytes int64) (*source, error) {
	if maxBytes == 0 {
		maxBytes = 16 << 30
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	s := &source{path: path, file: f}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is not a regular file")
	}
	if err == nil && info.Size() == 0 {
		err = errors.New("the file is empty")
	}
	if err == nil {
		s.size = info.Size()
		err = s.open(asked, maxBytes)
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *source) open(asked Format, maxBytes int64) error {
	s.read = &counter{in: s.file}
	packed := bufio.NewReaderSize(s.read, 1<<20)
	head, err := peek(packed, 16)
	if err != nil {
		return err
	}
	p := packingOf(head)
	if p == zipped {
		return s.openZip(asked, maxBytes)
	}
	in, err := unpack(packed, p)
	if err != nil {
		return err
	}
	if p != plain {
		in = &limiter{in: in, left: maxBytes, limit: maxBytes}
	}
	s.in = bufio.NewReaderSize(in, 1<<20)
	if head, err = peek(s.in, sniffBytes); err != nil {
		return err
	}
	if s.format, err = settle(s.path, asked, head); err != nil {
		return err
	}
	if p != plain && (s.format == FormatShapefile || s.format == FormatGeoPackage) {
		return fmt.Errorf("a %s inside bzip2 or gzip cannot be read; unpack it first", s.format)
	}
	return nil
}

func (s *source) reader(to *sink) (reader, error) {
	count := func() int64 { return s.read.n.Load() }
	switch s.format {
	case FormatOSMPBF, FormatOSMXML:
		return &osmReader{in: s.in, xml: s.format == FormatOSMXML, wants: to.wants, count: count}, nil
	case FormatGeoJSON:
		return &geojsonReader{in: s.in, max: to.o.MaxFeatureBytes, count: count}, nil
	case FormatCityJSON:
		return &cityjsonReader{in: s.in, lod: to.o.LOD, max: to.o.MaxBytes, count: count}, nil
	case FormatShapefile:
		return openShapefile(s.path, to.o.Encoding, to.o.MaxFeatureBytes)
	case FormatGeoPackage:
		return &gpkgReader{path: s.path, table: to.o.Table, max: to.o.MaxFeatureBytes, total: func(n int64) { to.state.Total = n }}, nil
	}
	return nil, fmt.Errorf("no reader for %q", s.format)
}

func (s *source) close() {
	s.file.Close()
	if s.temp != "" {
		os.RemoveAll(s.temp)
	}
}
