package simulate

// text is what people write about an incident of one class, and how it ends.
type text struct {
	says []string
	done string
	// who is sent: the kind of unit.
	who string
	// weight is how often it happens beside the others.
	weight float64
}

// texts by code of GET /api/v1/incident-classes; a class that is not here is
// reported by its name.
var texts = map[string]text{
	"C0101": {[]string{"自来水井盖破了一角，自行车容易卡进去。", "人行道上的上水井盖缺失，旁边只放了一根树枝。"}, "已更换井盖", "emergency", 1},
	"C0102": {[]string{"污水井盖松动，车辆经过响声很大。", "污水井盖下沉，周围有异味冒出。"}, "已更换井盖并清理周边", "emergency", 1},
	"C0103": {[]string{"雨水井盖不见了，路过的人请小心。", "雨水篦子断裂，存在安全隐患。"}, "已设围挡并更换井盖", "emergency", 1.5},
	"C0105": {[]string{"连续三盏路灯不亮，晚上走路看不清。", "路灯白天不灭、晚上不亮，请检修。", "小区门口路灯闪烁。"}, "已更换灯具，恢复照明", "grid", 3},
	"C0106": {[]string{"闻到很浓的燃气味，请尽快派人来查。"}, "已关阀检修，检测正常", "emergency", 0.2},
	"C0107": {[]string{"路面不停往外冒水，疑似水管爆了。"}, "已抢修，恢复供水", "emergency", 0.5},
	"C0201": {[]string{"路口红绿灯全部不亮，交通很乱。", "左转信号灯一直是红灯。"}, "信号灯已恢复", "enforcement", 0.8},
	"C0202": {[]string{"中间护栏被撞歪了，占了半条车道。"}, "护栏已扶正固定", "enforcement", 1},
	"C0204": {[]string{"路面坑洼，电动车差点摔倒。", "非机动车道沉陷，下雨就积水。"}, "已冷补修复", "sanitation", 2},
	"C0301": {[]string{"垃圾箱破损，垃圾散落一地。"}, "已更换垃圾箱", "sanitation", 1},
	"C0303": {[]string{"店招被风吹得松动，怕掉下来砸人。"}, "已拆除加固", "enforcement", 0.6},
	"C0401": {[]string{"一棵行道树倒在路中间，挡住了通行。"}, "已清理倒树，恢复通行", "emergency", 0.5},
	"C0402": {[]string{"绿化带被车压坏，泥土流到路上。"}, "已补植并清洗路面", "sanitation", 0.8},
	"E0101": {[]string{"路边堆了几袋垃圾，已经发臭。", "河边有人倾倒生活垃圾。", "围墙边有暴露垃圾，苍蝇很多。"}, "垃圾已清运", "sanitation", 4},
	"E0102": {[]string{"渣土车一路撒漏，路面很脏。", "菜场门口路面油污积水。"}, "已冲洗路面", "sanitation", 2.5},
	"E0103": {[]string{"有人半夜在空地上倒建筑垃圾。"}, "渣土已清运，正在追查来源", "enforcement", 1},
	"E0104": {[]string{"河面漂浮大量水草和泡沫盒。"}, "已打捞清理", "sanitation", 1},
	"E0105": {[]string{"田边有人焚烧秸秆，烟很大。"}, "明火已扑灭，已批评教育", "enforcement", 0.7},
	"E0106": {[]string{"工地没有喷淋，扬尘很大，晒的衣服全是灰。"}, "工地已开启喷淋并覆盖", "enforcement", 1.2},
	"E0107": {[]string{"工地夜间施工，噪声很大，睡不着。", "广场音响太吵，老人休息不好。"}, "已责令停止，现场恢复安静", "enforcement", 2},
	"E0201": {[]string{"楼道和电线杆上贴满小广告。"}, "小广告已清除", "sanitation", 1.5},
	"E0202": {[]string{"商铺门口违规架设广告牌，挡住盲道。"}, "广告牌已拆除", "enforcement", 0.8},
	"E0301": {[]string{"有人挖开路面施工，没有看到许可牌。"}, "已核实手续并恢复路面", "enforcement", 0.6},
	"E0302": {[]string{"施工围挡占用了整条人行道，行人只能走机动车道。"}, "围挡已退让，通道恢复", "enforcement", 1},
	"E0401": {[]string{"路面突然塌了一个洞，有一米多宽。"}, "已封闭车道并回填", "emergency", 0.2},
	"E0402": {[]string{"下穿通道积水，小车已经过不去了。", "路口积水到膝盖，请派人抽水。"}, "积水已抽排，恢复通行", "emergency", 0.6},
	"E0403": {[]string{"垃圾堆起火，有蔓延的可能。"}, "明火已扑灭", "emergency", 0.2},
	"E0404": {[]string{"两车追尾，堵住一条车道。", "电动车与小汽车相撞，有人受轻伤。"}, "事故已处理，恢复通行", "enforcement", 1.5},
	"E0501": {[]string{"学校门口流动摊贩占满人行道。", "夜市摊贩油烟扰民。"}, "已劝离", "enforcement", 3},
	"E0502": {[]string{"店铺把货摆到路上，推婴儿车过不去。", "水果店出店经营。"}, "已整改归店", "enforcement", 3},
	"E0503": {[]string{"消防通道停满车。", "公交站台前乱停车，公交进不了站。"}, "车辆已驶离，违停已取证", "enforcement", 4},
	"E0504": {[]string{"共享单车堆在地铁口，挡住盲道。", "电动车停在楼道里充电。"}, "车辆已归位", "grid", 3},
}

// plain is used for a class without a text of its own.
var plain = text{says: []string{"请尽快处理。"}, done: "已处置完毕", who: "grid", weight: 0.3}

func textOf(code string) text {
	if t, ok := texts[code]; ok {
		return t
	}
	return plain
}
