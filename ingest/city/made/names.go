package made

import "math/rand/v2"

// Names of streets and houses are made of words that such names are made of.
var (
	streetWords = []rune("前进人民长江同丰朝阳环城黄河创业富春祖冲震川萧林柏庐亭林马鞍娄江虹桥景王昆太伟业合兴青阳晨丰民洪湖望湖新华光明和平团结兴隆永安福泽德胜嘉禾玉龙紫竹金沙碧水云溪映月听涛望山迎春")
	houseWords  = []string{"锦绣", "江南", "金鹰", "时代", "世茂", "恒隆", "中环", "阳光", "水岸", "科创", "汇金", "星海", "联丰", "昌隆", "银河", "天宇"}
	houseEnds   = map[string][]string{
		"commercial":  {"大厦", "广场", "中心"},
		"industrial":  {"厂房", "仓库"},
		"public":      {"学校", "医院", "服务中心"},
		"residential": {"苑", "花园"},
	}
)

// namer makes names, each once.
type namer struct {
	rng  *rand.Rand
	used map[string]bool
}

func newNamer(seed uint64) *namer {
	return &namer{rng: rand.New(rand.NewPCG(seed, 'n')), used: map[string]bool{"中环路": true}}
}

// street is a name such as 前进东路; wide streets are 路 and 大道, narrow ones 街 and 巷.
func (n *namer) street(k kind) string {
	ends := []string{"路", "路", "东路", "西路", "南路", "北路"}
	switch k {
	case primary:
		ends = append(ends, "大道")
	case residential:
		ends = []string{"街", "巷", "路"}
	}
	for {
		i := n.rng.IntN(len(streetWords)/2) * 2
		j := n.rng.IntN(len(streetWords)/2) * 2
		word := string(streetWords[i : i+2])
		if n.rng.IntN(2) == 0 { // a new pair
			word = string([]rune{streetWords[i], streetWords[j+1]})
		}
		name := word + ends[n.rng.IntN(len(ends))]
		if !n.used[name] {
			n.used[name] = true
			return name
		}
		if n.rng.IntN(50) == 0 { // names run out in a large city
			return name
		}
	}
}

func (n *namer) house(kind string) string {
	ends := houseEnds[kind]
	return houseWords[n.rng.IntN(len(houseWords))] + ends[n.rng.IntN(len(ends))]
}
