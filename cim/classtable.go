package cim

import (
	"cmp"
	"slices"
	"time"
)

// The register follows the structure of GB/T 30428.2 数字化城市管理信息系统 第2部分:
// 管理部件和事件: two sides (部件 and 事件), each in major and minor classes.
//
// Not verified against the standard's text: the digits of the codes, and
// which minor class stands under which major class, beyond the well-known
// names of the major classes. Severities and time limits are operational
// defaults; a city sets its own in its 指挥手册.
var classes = func() []ClassInfo {
	var list []ClassInfo
	for _, g := range classGroups {
		for _, c := range g.classes {
			list = append(list, ClassInfo{
				Code: g.code + c.code, Name: c.name, NameEn: c.nameEn,
				Group: g.name, GroupEn: g.nameEn, Component: g.code[0] == 'C',
				Severity: c.severity, Limit: c.limit, LimitMinutes: int(c.limit.Minutes()),
				Keywords: c.keywords,
			})
		}
	}
	slices.SortFunc(list, func(a, b ClassInfo) int { return cmp.Compare(a.Code, b.Code) })
	return list
}()

type classGroup struct {
	code, name, nameEn string
	classes            []classRow
}

type classRow struct {
	code, name, nameEn string
	severity           uint8
	limit              time.Duration
	keywords           string
}

const (
	minute = time.Minute
	hour   = time.Hour
)

var classGroups = []classGroup{
	{"C01", "公用设施", "Public facilities", []classRow{
		{"01", "上水井盖破损或缺失", "Water-supply cover broken or missing", 3, 4 * hour, "井盖,自来水,manhole"},
		{"02", "污水井盖破损或缺失", "Sewer cover broken or missing", 3, 4 * hour, "井盖,污水,manhole,sewer"},
		{"03", "雨水井盖破损或缺失", "Storm-drain cover broken or missing", 3, 4 * hour, "井盖,雨水,manhole,drain"},
		{"04", "电力井盖破损或缺失", "Power cover broken or missing", 3, 4 * hour, "井盖,电力,manhole,power"},
		{"05", "路灯不亮", "Street lamp out", 4, 24 * hour, "路灯,照明,lamp"},
		{"06", "燃气设施泄漏", "Gas facility leaking", 1, 30 * minute, "燃气,泄漏,gas,leak"},
		{"07", "供水管破裂", "Water main burst", 2, 2 * hour, "爆管,漏水,water"},
		{"08", "消火栓损坏", "Hydrant damaged", 3, 24 * hour, "消火栓,hydrant"},
	}},
	{"C02", "道路交通设施", "Road and traffic facilities", []classRow{
		{"01", "交通信号灯故障", "Traffic signal failure", 2, 2 * hour, "红绿灯,信号灯,traffic light"},
		{"02", "交通护栏损坏", "Guard rail damaged", 4, 24 * hour, "护栏,rail"},
		{"03", "交通标志牌损坏", "Traffic sign damaged", 4, 48 * hour, "标志牌,sign"},
		{"04", "路面破损", "Road surface broken", 3, 72 * hour, "坑洼,路面,pothole"},
		{"05", "桥梁设施损坏", "Bridge facility damaged", 2, 4 * hour, "桥,bridge"},
	}},
	{"C03", "市容环境设施", "Sanitation facilities", []classRow{
		{"01", "垃圾箱破损", "Litter bin damaged", 4, 48 * hour, "垃圾桶,垃圾箱,bin"},
		{"02", "公共厕所设施损坏", "Public toilet damaged", 4, 48 * hour, "公厕,toilet"},
		{"03", "户外广告牌安全隐患", "Unsafe billboard", 3, 12 * hour, "广告牌,billboard"},
	}},
	{"C04", "园林绿化设施", "Parks and greenery", []classRow{
		{"01", "行道树倒伏", "Street tree fallen", 2, 2 * hour, "倒树,树木,tree"},
		{"02", "绿地设施破损", "Greenery damaged", 4, 72 * hour, "绿地,绿化,green"},
	}},
	{"E01", "市容环境", "City appearance", []classRow{
		{"01", "暴露垃圾", "Exposed rubbish", 4, 4 * hour, "垃圾,rubbish,garbage"},
		{"02", "道路不洁", "Dirty road", 4, 4 * hour, "保洁,道路,dirt"},
		{"03", "积存渣土", "Heaped construction waste", 4, 24 * hour, "渣土,waste"},
		{"04", "水面不洁", "Dirty water surface", 4, 24 * hour, "河道,水面,漂浮物,water"},
		{"05", "露天焚烧", "Open burning", 3, 1 * hour, "焚烧,烧秸秆,burning"},
		{"06", "扬尘污染", "Dust pollution", 3, 4 * hour, "扬尘,dust"},
		{"07", "噪声扰民", "Noise nuisance", 4, 4 * hour, "噪音,噪声,noise"},
	}},
	{"E02", "宣传广告", "Advertising", []classRow{
		{"01", "非法小广告", "Illegal posters", 4, 24 * hour, "小广告,poster"},
		{"02", "违规户外广告", "Illegal outdoor advertising", 4, 72 * hour, "广告,advertising"},
	}},
	{"E03", "施工管理", "Construction", []classRow{
		{"01", "无证掘路", "Digging without permit", 3, 12 * hour, "挖路,施工,digging"},
		{"02", "施工占道", "Works blocking the road", 4, 12 * hour, "占道,施工,works"},
	}},
	{"E04", "突发事件", "Emergencies", []classRow{
		{"01", "路面塌陷", "Road collapse", 1, 1 * hour, "塌陷,塌方,collapse,sinkhole"},
		{"02", "道路积水", "Flooded road", 2, 2 * hour, "积水,内涝,flood"},
		{"03", "火灾", "Fire", 1, 30 * minute, "火,着火,fire"},
		{"04", "交通事故", "Traffic accident", 2, 1 * hour, "车祸,事故,accident"},
		{"05", "水质异常", "Abnormal water quality", 2, 4 * hour, "水质,污染,pollution"},
		{"06", "有害气体", "Harmful gas", 1, 30 * minute, "异味,毒气,gas"},
	}},
	{"E05", "街面秩序", "Street order", []classRow{
		{"01", "无照经营游商", "Unlicensed vendors", 4, 2 * hour, "摊贩,游商,vendor"},
		{"02", "占道经营", "Trading on the street", 4, 2 * hour, "占道,经营,street"},
		{"03", "机动车乱停放", "Illegally parked car", 4, 2 * hour, "违停,停车,parking"},
		{"04", "非机动车乱停放", "Illegally parked bicycles", 4, 4 * hour, "共享单车,电动车,bicycle"},
		{"05", "人员聚集", "Crowd", 2, 30 * minute, "聚集,crowd"},
	}},
}
