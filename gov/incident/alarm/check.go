package alarm

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// check collects what is wrong with a definition.
type check struct {
	faults Faults
	names  Names
}

func (c *check) say(field, message string) {
	c.faults = append(c.faults, Fault{Field: field, Message: message})
}

func (c *check) number(field string, v, low, high float64) {
	if math.IsNaN(v) || v < low || v > high {
		c.say(field, fmt.Sprintf("应在 %[1]g 至 %[2]g 之间 / it is to be between %[1]g and %[2]g", low, high))
	}
}

func (c *check) text(field, s string, most int, needed bool) {
	switch {
	case needed && strings.TrimSpace(s) == "":
		c.say(field, "缺少必填项 / it is missing")
	case !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }):
		c.say(field, "文本含非法字符 / the text has characters that it may not have")
	case utf8.RuneCountInString(s) > most:
		c.say(field, fmt.Sprintf("过长，至多 %[1]d 字 / too long, at most %[1]d characters", most))
	}
}

func (c *check) oneOf(field, s string, of ...string) {
	if !slices.Contains(of, s) {
		c.say(field, "应为 / it is to be one of "+strings.Join(of, ", "))
	}
}

// Validate finds everything that is wrong with a definition; Faults, or nil.
func (d *Definition) Validate(names Names) error {
	c := &check{names: names}
	c.text("/name", d.Name, 100, true)
	c.text("/nameEn", d.NameEn, 100, false)
	c.text("/note", d.Note, 1000, false)
	if names.Region(d.Region) == "" {
		c.say("/region", "没有这个区域 / there is no such region")
	}
	c.filter(d)
	c.kind(d)
	c.template("/open/text", d.Open.Text, true)
	c.template("/clear", d.Clear, false)
	if _, ok := names.Class(d.Open.Class); !ok {
		c.say("/open/class", "案件类别不存在 / there is no such class of incidents")
	}
	c.number("/open/severity", float64(d.Open.Severity), 1, 4)
	c.number("/coolDown", float64(d.CoolDown), 0, 10080)
	if len(c.faults) > 0 {
		return c.faults
	}
	return nil
}

func (c *check) template(field, s string, needed bool) {
	c.text(field, s, 500, needed)
	if word, wrong := wrongWord(s); wrong {
		c.say(field, "没有这个占位符 {"+word+"} / there is no such word; there are "+strings.Join(Words(), ", "))
	}
}

func (c *check) filter(d *Definition) {
	f := &d.Filter
	if f.Of == "" {
		f.Of = "device"
	}
	c.oneOf("/filter/of", f.Of, "device", "unit")
	if f.Of == "unit" && d.Kind != KindFence {
		c.say("/filter/of", "仅电子围栏可用于力量 / only a fence looks at units")
	}
	for _, list := range []struct {
		field string
		of    []string
		most  int
	}{{"/filter/kinds", f.Kinds, 50}, {"/filter/ids", f.IDs, 200}} {
		if len(list.of) > list.most {
			c.say(list.field, fmt.Sprintf("过多，至多 %[1]d 项 / too many, at most %[1]d", list.most))
		}
		for _, s := range list.of {
			c.text(list.field, s, 128, true)
		}
	}
	needed := d.Kind != KindSilence && d.Kind != KindFence
	if _, _, _, ok := c.names.Property(f.Property); (needed || f.Property != "") && !ok {
		c.say("/filter/property", "没有这个观测项 / there is no such observed property")
	}
}

// kind checks the one part that belongs to the kind, and that there is no other.
func (c *check) kind(d *Definition) {
	parts := map[Kind]bool{
		KindThreshold: d.Threshold != nil, KindRate: d.Rate != nil, KindSilence: d.Silence != nil,
		KindFence: d.Fence != nil, KindGroup: d.Group != nil, KindExpression: d.Expression != nil,
	}
	there, known := parts[d.Kind]
	if !known {
		c.say("/kind", "没有这种规则 / there is no such kind of rules")
		return
	}
	if !there {
		c.say("/"+string(d.Kind), "缺少必填项 / it is missing")
		return
	}
	for k, there := range parts {
		if there && k != d.Kind {
			c.say("/"+string(k), "与规则类型不符 / it does not belong to this kind of rules")
		}
	}
	switch d.Kind {
	case KindThreshold:
		c.threshold(d.Threshold)
	case KindRate:
		c.rate(d.Rate)
	case KindSilence:
		c.number("/silence/after", float64(d.Silence.After), 1, 10080)
	case KindFence:
		c.fence(d.Fence)
	case KindGroup:
		c.group(d.Group)
	case KindExpression:
		c.expression(d.Expression)
	}
}

func (c *check) compare(field, s string) { c.oneOf(field, s, ">", ">=", "<", "<=") }

func (c *check) threshold(t *Threshold) {
	c.compare("/threshold/compare", t.Compare)
	c.number("/threshold/limit", t.Limit, -1e9, 1e9)
	c.number("/threshold/for", float64(t.For), 0, 1440)
	if t.Until == nil {
		return
	}
	c.number("/threshold/until", *t.Until, -1e9, 1e9)
	if up := strings.HasPrefix(t.Compare, ">"); up && *t.Until > t.Limit || !up && *t.Until < t.Limit {
		c.say("/threshold/until", "解除值应在限值的正常一侧 / it is to be on the normal side of the limit")
	}
}

func (c *check) rate(r *Rate) {
	c.oneOf("/rate/direction", r.Direction, "rise", "fall", "either")
	c.number("/rate/within", float64(r.Within), 1, 60)
	if !(r.By > 0 && r.By <= 1e9) {
		c.say("/rate/by", "应大于 0 / it is to be greater than 0")
	}
	if r.Until != nil && !(*r.Until > 0 && *r.Until <= r.By) {
		c.say("/rate/until", "应大于 0 且不大于变化量 / it is to be greater than 0 and no greater than the change")
	}
}

func (c *check) group(g *Group) {
	c.compare("/group/compare", g.Compare)
	c.number("/group/limit", g.Limit, -1e9, 1e9)
	c.number("/group/count", float64(g.Count), 2, 50)
	c.number("/group/of", float64(g.Of), 0, 200)
	c.number("/group/ring", float64(g.Ring), 0, 5)
	c.number("/group/within", float64(g.Within), 1, 120)
}

func (c *check) expression(x *Expression) {
	if _, f := compile("/expression/when", x.When); f != nil {
		c.faults = append(c.faults, *f)
	}
	if x.Until != "" {
		if _, f := compile("/expression/until", x.Until); f != nil {
			c.faults = append(c.faults, *f)
		}
	}
	c.number("/expression/for", float64(x.For), 0, 1440)
}

func (c *check) fence(f *Fence) {
	c.oneOf("/fence/when", f.When, "enter", "leave")
	c.number("/fence/for", float64(f.For), 0, 1440)
	switch {
	case (f.Region == "") == (len(f.Polygon) == 0):
		c.say("/fence", "区域与多边形二选一 / either a region or a polygon")
	case f.Region != "" && c.names.Region(f.Region) == "":
		c.say("/fence/region", "没有这个区域 / there is no such region")
	}
	points := 0
	for i, ring := range f.Polygon {
		field := fmt.Sprintf("/fence/polygon/%d", i)
		if points += len(ring); points > 5000 {
			c.say(field, "顶点过多，至多 5000 个 / too many corners, at most 5000")
			return
		}
		line := make(orb.Ring, len(ring))
		for j, p := range ring {
			c.number(fmt.Sprintf("%s/%d/0", field, j), p[0], -180, 180)
			c.number(fmt.Sprintf("%s/%d/1", field, j), p[1], -90, 90)
			line[j] = orb.Point(p)
		}
		if len(ring) < 3 || planar.Area(line) == 0 {
			c.say(field, "至少三个不共线的顶点 / at least three corners that are not in one line")
		}
	}
}
