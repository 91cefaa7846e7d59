package city

import (
	"onecity/geo"
	"onecity/ingest/city/made"

	"github.com/paulmach/orb"
)

// Where things lie in Kunshan, in CGCS2000, read off by eye to some hundred
// metres; areas in km² from memory of the towns' own pages, rounded. They steer
// what is made and are no survey.

// townPlace is a town's name and built-up places.
type townPlace struct {
	nameEn  string
	centres []site
}

// site is a centre and which villages lie around it.
type site struct {
	made.Centre
	ranges [][2]string
}

func at(lon, lat, area, radius float64) site {
	return site{Centre: made.Centre{At: orb.Point{lon, lat}, Area: area, Radius: radius}}
}

func (s site) named(name, nameEn string, ranges ...[2]string) site {
	s.Name, s.NameEn, s.ranges = name, nameEn, ranges
	return s
}

func kunshanTowns() map[geo.Code]townPlace {
	return map[geo.Code]townPlace{
		"320583100": {"Yushan", []site{at(120.953, 31.388, 118, 4300)}},
		"320583101": {"Bacheng", []site{at(120.880, 31.450, 157, 1500)}},
		"320583102": {"Zhoushi", []site{at(120.985, 31.455, 82, 2200)}},
		"320583103": {"Lujia", []site{at(121.043, 31.318, 36, 1700)}},
		"320583104": {"Huaqiao", []site{at(121.095, 31.302, 50, 2400)}},
		"320583106": {"Zhangpu", []site{at(120.937, 31.272, 117, 2000)}},
		"320583108": {"Qiandeng", []site{at(121.003, 31.262, 84, 1600)}},
		"320583400": {"Kunshan Development Zone", []site{at(121.013, 31.376, 108, 3100)}},
		// The resort counts three old towns in it; the codes run through them one
		// after the other, communities from 001 and villages from 200.
		"320583401": {"Kunshan Tourist Resort", []site{
			at(121.015, 31.178, 65, 1300).named("淀山湖镇", "Dianshanhu", [2]string{"001", "008"}, [2]string{"200", "209"}),
			at(120.852, 31.118, 39, 800).named("周庄镇", "Zhouzhuang", [2]string{"009", "011"}, [2]string{"210", "218"}),
			at(120.893, 31.180, 90, 1000).named("锦溪镇", "Jinxi", [2]string{"012", "014"}, [2]string{"219", "239"}),
		}},
	}
}

func kunshanLakes() []made.Lake {
	return []made.Lake{
		{Name: "阳澄湖", NameEn: "Yangcheng Lake", At: orb.Point{120.836, 31.425}, East: 1500, North: 3900},
		{Name: "傀儡湖", NameEn: "Kuilei Lake", At: orb.Point{120.866, 31.415}, East: 1000, North: 1500},
		{Name: "淀山湖", NameEn: "Dianshan Lake", At: orb.Point{120.985, 31.147}, East: 3000, North: 1700},
		{Name: "澄湖", NameEn: "Cheng Lake", At: orb.Point{120.845, 31.192}, East: 1900, North: 1500},
		{Name: "白莲湖", NameEn: "Bailian Lake", At: orb.Point{120.872, 31.150}, East: 900, North: 900},
		{Name: "明镜荡", NameEn: "Mingjing Lake", At: orb.Point{120.925, 31.212}, East: 900, North: 700},
		{Name: "长白荡", NameEn: "Changbai Lake", At: orb.Point{120.945, 31.172}, East: 1100, North: 600},
		{Name: "五保湖", NameEn: "Wubao Lake", At: orb.Point{120.909, 31.173}, East: 450, North: 450},
		{Name: "商鞅潭", NameEn: "Shangyang Pool", At: orb.Point{120.950, 31.198}, East: 700, North: 550},
	}
}

func kunshanRivers() []made.River {
	return []made.River{
		{Name: "娄江", NameEn: "Lou River", Width: 60, Way: orb.LineString{
			{120.79, 31.345}, {120.85, 31.362}, {120.90, 31.370}, {120.95, 31.374}, {121.00, 31.385}, {121.05, 31.402}, {121.12, 31.425}}},
		{Name: "吴淞江", NameEn: "Wusong River", Width: 90, Way: orb.LineString{
			{120.83, 31.320}, {120.88, 31.303}, {120.93, 31.308}, {120.98, 31.293}, {121.02, 31.286}, {121.07, 31.276}, {121.13, 31.268}, {121.18, 31.262}}},
		{Name: "青阳港", NameEn: "Qingyang Waterway", Width: 70, Way: orb.LineString{
			{120.993, 31.440}, {120.992, 31.385}, {120.987, 31.340}, {120.990, 31.293}}},
		{Name: "千灯浦", NameEn: "Qiandeng Waterway", Width: 40, Way: orb.LineString{
			{120.998, 31.290}, {121.010, 31.245}, {121.008, 31.205}, {121.003, 31.165}}},
		{Name: "杨林塘", NameEn: "Yanglin Waterway", Width: 50, Way: orb.LineString{
			{120.79, 31.487}, {120.86, 31.473}, {120.92, 31.470}, {120.97, 31.474}, {121.03, 31.480}}},
		{Name: "急水港", NameEn: "Jishui Waterway", Width: 60, Way: orb.LineString{
			{120.79, 31.128}, {120.83, 31.134}, {120.87, 31.131}, {120.91, 31.133}, {120.96, 31.145}}},
	}
}

// kunshanMotorways run as roughly as the real ones, under other names.
func kunshanMotorways() []made.Motorway {
	return []made.Motorway{
		{Name: "东西高速", Way: orb.LineString{{120.80, 31.352}, {120.88, 31.338}, {120.97, 31.336}, {121.05, 31.340}, {121.16, 31.330}}},
		{Name: "南北高速", Way: orb.LineString{{120.915, 31.56}, {120.925, 31.47}, {120.905, 31.37}, {120.905, 31.29}, {120.965, 31.22}, {121.08, 31.195}}},
	}
}

// kunshanExits are where main roads leave for Suzhou, Changshu, Taicang,
// Shanghai, Qingpu and Wujiang.
func kunshanExits() []orb.Point {
	return []orb.Point{
		{120.852, 31.352}, {120.897, 31.530}, {121.000, 31.485}, {121.080, 31.415},
		{121.145, 31.300}, {121.065, 31.235}, {121.062, 31.165}, {120.815, 31.160}, {120.840, 31.122},
	}
}
