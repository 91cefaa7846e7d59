package citymodel

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"onecity/cim"
)

// CityJSONMapping reads the types of CityJSON 2.0, section 2.
func CityJSONMapping() *Mapping {
	m := TableMapping()
	of := func(l cim.Layer, types ...string) Rule {
		return Rule{Key: typeTag, Values: types, Layer: l, KindFrom: "function"}
	}
	m.Rules = []Rule{
		of(cim.LayerBuildings, "Building", "BuildingPart", "BuildingUnit", "OtherConstruction"),
		of(cim.LayerRoads, "Road", "Railway", "Waterway", "TransportSquare", "Bridge", "BridgePart", "Tunnel", "TunnelPart"),
		of(cim.LayerWater, "WaterBody"),
		of(cim.LayerComponents, "CityFurniture", "SolitaryVegetationObject"),
	}
	return m
}

// typeTag carries a CityJSON type to the rules.
const typeTag = "cityjson:type"

// cityjsonReader reads CityJSON 2.0 (https://www.cityjson.org/specs/2.0.1/) and
// CityJSONSeq: a first object with the transform, then a CityJSONFeature a line.
type cityjsonReader struct {
	in    io.Reader
	lod   string
	max   int64
	count func() int64

	name string
}

func (r *cityjsonReader) crs() string { return r.name }

type cityDocument struct {
	Type      string         `json:"type"`
	ID        string         `json:"id"`
	Version   string         `json:"version"`
	Transform *cityTransform `json:"transform"`
	Metadata  struct {
		ReferenceSystem string `json:"referenceSystem"`
	} `json:"metadata"`
	CityObjects map[string]json.RawMessage `json:"CityObjects"`
	Vertices    [][]float64                `json:"vertices"`
}

type cityTransform struct {
	Scale     [3]float64 `json:"scale"`
	Translate [3]float64 `json:"translate"`
}

func (r *cityjsonReader) read(ctx context.Context, to features) error {
	limit := &limiter{in: r.in, left: r.max, limit: r.max, what: "the city model"}
	d := json.NewDecoder(bufio.NewReaderSize(&clean{in: limit}, 1<<16))
	var head *cityDocument
	for n := 0; ; n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		var doc cityDocument
		err := d.Decode(&doc)
		if err == io.EOF && n > 0 {
			return nil
		}
		if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
			return fmt.Errorf("the file ends in the middle of object %d: it is cut short", n+1)
		}
		if err != nil {
			return fmt.Errorf("broken JSON in object %d, near byte %d: %w", n+1, d.InputOffset(), err)
		}
		to.at(r.count())
		switch {
		case doc.Type == "CityJSON" && head == nil:
			if err := r.head(&doc); err != nil {
				return err
			}
			head = &doc
		case doc.Type == "CityJSONFeature" && head != nil:
			doc.Transform = head.Transform
		default:
			return fmt.Errorf("object %d is of type %s where CityJSON comes first and CityJSONFeature after it", n+1, quoteShort(doc.Type))
		}
		if err := r.objects(&doc, to); err != nil {
			return err
		}
	}
}

func (r *cityjsonReader) head(doc *cityDocument) error {
	major, _, _ := strings.Cut(doc.Version, ".")
	if major != "1" && major != "2" {
		return fmt.Errorf("CityJSON %s cannot be read; 2.0, 1.1 and 1.0 can", quoteShort(doc.Version))
	}
	r.name = cityCRS(doc.Metadata.ReferenceSystem)
	return nil
}

// cityCRS brings "https://www.opengis.net/def/crs/EPSG/0/4549" to "EPSG:4549".
func cityCRS(ref string) string {
	if i := strings.Index(ref, "/def/crs/"); i >= 0 {
		if parts := strings.Split(ref[i+len("/def/crs/"):], "/"); len(parts) == 3 {
			switch parts[0] + ":" + parts[2] {
			case "EPSG:4479", "EPSG:4480": // CGCS2000 in three dimensions
				return "EPSG:4490"
			case "EPSG:4979", "OGC:CRS84h", "OGC:CRS84":
				return "EPSG:4326"
			}
			return parts[0] + ":" + parts[2]
		}
	}
	return ref
}

type cityObject struct {
	Type       string          `json:"type"`
	Attributes json.RawMessage `json:"attributes"`
	Parents    []string        `json:"parents"`
	Geometry   []cityGeometry  `json:"geometry"`
}

// objects emits the objects of a document in order of their names, which a map
// does not keep, so that two imports are equal.
func (r *cityjsonReader) objects(doc *cityDocument, to features) error {
	vertices, err := doc.positions()
	if err != nil {
		return err
	}
	names := make([]string, 0, len(doc.CityObjects))
	for name := range doc.CityObjects {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(a, b) })
	for _, name := range names {
		place := "object " + name
		var o cityObject
		if err := json.Unmarshal(doc.CityObjects[name], &o); err != nil {
			if err := to.reject(name, place, because("malformed", "%v", err)); err != nil {
				return err
			}
			continue
		}
		f := Feature{ID: name, Place: place, Class: o.Type}
		tags, err := tagsOf(o.Attributes)
		if err == nil && len(o.Parents) == 1 {
			err = doc.inherit(&tags, o.Parents[0])
		}
		if err != nil {
			if err := to.reject(name, place, because("malformed", "its attributes: %v", err)); err != nil {
				return err
			}
			continue
		}
		if tags == nil {
			tags = map[string]string{}
		}
		tags[typeTag] = o.Type
		f.Tags = tags
		if len(o.Geometry) == 0 {
			to.skip("city object without geometry of its own (" + o.Type + ")")
			continue
		}
		why := r.flatten(&o, vertices, &f)
		if why != nil {
			err = to.reject(name, place, why)
		} else {
			err = to.feature(f)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// inherit gives a part the attributes of its parent that it lacks itself.
func (doc *cityDocument) inherit(tags *map[string]string, parent string) error {
	raw, ok := doc.CityObjects[parent]
	if !ok {
		return nil
	}
	var p cityObject
	if err := json.Unmarshal(raw, &p); err != nil {
		return nil // reported at the parent itself
	}
	from, err := tagsOf(p.Attributes)
	if err != nil {
		return nil
	}
	if *tags == nil {
		*tags = map[string]string{}
	}
	for k, v := range from {
		if _, has := (*tags)[k]; !has {
			(*tags)[k] = v
		}
	}
	(*tags)["parent"] = parent
	return nil
}

// positions applies the transform to the vertices.
func (doc *cityDocument) positions() ([][3]float64, error) {
	t := cityTransform{Scale: [3]float64{1, 1, 1}}
	if doc.Transform != nil {
		t = *doc.Transform
	}
	out := make([][3]float64, len(doc.Vertices))
	for i, v := range doc.Vertices {
		if len(v) != 3 {
			return nil, fmt.Errorf("vertex %d has %d numbers, it needs 3", i, len(v))
		}
		for k := range 3 {
			out[i][k] = v[k]*t.Scale[k] + t.Translate[k]
		}
	}
	return out, nil
}
