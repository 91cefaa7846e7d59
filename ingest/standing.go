package ingest

import (
	"context"
	"fmt"
	"math"
	"strconv"

	"onecity/cim"
	"onecity/geo"
	"onecity/streams"
)

// Standing takes a fact of what stands in the city (Profile, RegionsPut,
// ObjectsPut, ObjectsRemoved, FormulaPut, PrivacyPut) from source; id is the sender's id
// or "" for a hash of the content. Of objects the good ones go in; a tree of
// regions and a formula go in whole or not at all.
func (g *Gate) Standing(ctx context.Context, source, id string, fact cim.Fact) (Accepted, error) {
	switch f := fact.(type) {
	case cim.ObjectsPut:
		b, refused := g.begin(source, id, len(f.Objects))
		if refused != nil {
			return *refused, nil
		}
		b.replaces = true
		good := sieve(&b.findings, f.Objects, func(o *cim.Object) *Problem {
			if p := checkObject(o); p != nil {
				return p
			}
			return b.reachObject(o)
		})
		return storeFacts(ctx, b, good, func(some []cim.Object) cim.Fact { return cim.ObjectsPut{Objects: some} })
	case cim.ObjectsRemoved:
		return g.standing(ctx, source, id, fact, len(f.IDs), g.reachRemoved(f.IDs))
	}
	if p := g.reach("city", "/type", cim.TypeOf(fact), ""); p != nil {
		return Accepted{Rejected: 1, Problems: []Problem{*p}}, nil
	}
	switch f := fact.(type) {
	case cim.RegionsPut:
		return g.standing(ctx, source, id, fact, len(f.Regions), checkRegions(f.Regions))
	case cim.FormulaPut:
		return g.standing(ctx, source, id, fact, 1, checkFormula(f.Formula))
	case cim.PrivacyPut:
		return g.standing(ctx, source, id, fact, 1, nil)
	case cim.Profile:
		return g.standing(ctx, source, id, fact, 1, checkProfile(f))
	}
	return Accepted{Rejected: 1, Problems: []Problem{{Field: "/type", Value: Shorten(cim.TypeOf(fact)), Code: CodeMalformed,
		Message: "此类事实有自己的入口 / this type of fact has its own way in"}}}, nil
}

// standing stores a fact that goes in whole or not at all.
func (g *Gate) standing(ctx context.Context, source, id string, fact cim.Fact, n int, p *Problem) (Accepted, error) {
	b, refused := g.begin(source, id, 1)
	if refused != nil {
		return *refused, nil
	}
	if p != nil {
		return Accepted{Rejected: n, Problems: []Problem{*p}}, nil
	}
	if g.dry {
		return Accepted{Accepted: n}, nil
	}
	b.replaces = true
	data, err := cim.Encode(fact)
	if err != nil {
		return Accepted{}, fmt.Errorf("encode %s of %s: %w", cim.TypeOf(fact), source, err)
	}
	err = g.out.Publish(ctx, streams.Event{
		ID: b.eventID(data, true), Source: source, Type: cim.TypeOf(fact), Time: b.now, Data: data,
	}, streams.Written)
	if err != nil {
		return Accepted{}, fmt.Errorf("store %s of %s: %w", cim.TypeOf(fact), source, err)
	}
	return Accepted{Accepted: n}, nil
}

func checkObject(o *cim.Object) *Problem {
	switch {
	case o.ID == "":
		return &Problem{Field: "/id", Code: CodeMissing, Message: "缺少编号 / the id is missing"}
	case len(o.ID) > MaxID || !plain(o.ID):
		return &Problem{Field: "/id", Value: Shorten(o.ID), Code: CodeMalformed, Message: "编号不合规 / the id is not usable", Expected: "printable characters, at most 128 bytes"}
	case !objectLayers.Has(o.Layer):
		return &Problem{Field: "/layer", Value: o.Layer.String(), Code: CodeUnknownCode,
			Message: "此图层不存对象 / this layer holds no objects", Expected: "water, roads, buildings, places or components"}
	case o.Geometry == nil:
		return &Problem{Field: "/geometry", Code: CodeMissing, Message: "缺少几何 / the geometry is missing", Expected: "GeoJSON in CGCS2000 lon, lat"}
	}
	if err := geo.Validate(o.Geometry); err != nil {
		return &Problem{Field: "/geometry", Code: CodeMalformed, Message: "几何有误 / the geometry is wrong: " + err.Error()}
	}
	return nil
}

var objectLayers = cim.LayersOf(cim.LayerWater, cim.LayerRoads, cim.LayerBuildings, cim.LayerPlaces, cim.LayerComponents)

func checkRegions(rs []geo.Region) *Problem {
	if _, err := geo.NewRegions(rs); err != nil {
		return &Problem{Field: "/regions", Code: CodeMalformed, Message: "区划有误 / the tree of regions is wrong: " + err.Error()}
	}
	return nil
}

func checkFormula(f cim.Formula) *Problem {
	for i, t := range f.Terms {
		field := "/formula/terms/" + strconv.Itoa(i)
		switch {
		case !finite(t.Low) || !finite(t.High) || !finite(t.Weight):
			return &Problem{Field: field, Code: CodeNotFinite, Message: "数值无效 / a number is not finite"}
		case t.Low == t.High:
			return &Problem{Field: field, Code: CodeOutOfRange, Message: "上下限相同 / low and high are equal", Expected: "low ≠ high"}
		case t.Weight < 0:
			return &Problem{Field: field + "/weight", Code: CodeOutOfRange, Message: "权重为负 / the weight is negative", Expected: "≥ 0"}
		}
	}
	return nil
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

func checkProfile(p cim.Profile) *Problem {
	switch {
	case p.City == "":
		return &Problem{Field: "/city", Code: CodeMissing, Message: "缺少城市代码 / the city's code is missing"}
	case p.Name == "":
		return &Problem{Field: "/name", Code: CodeMissing, Message: "缺少城市名称 / the city's name is missing"}
	}
	return nil
}
