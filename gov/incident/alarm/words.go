package alarm

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Names are the names of things, for texts that people read.
type Names interface {
	// Property's Chinese name, sign of its unit, and decimals.
	Property(id string) (name, unit string, decimals int, ok bool)
	// Region's Chinese name; "" when there is none.
	Region(code string) string
	// Class's Chinese name.
	Class(code string) (name string, ok bool)
}

// Words are what a text template may name in braces.
func Words() []string {
	return []string{"device", "id", "kind", "value", "unit", "property", "limit", "minutes", "region", "time", "count", "rule"}
}

// wrongWord is the first word in braces that is none.
func wrongWord(template string) (word string, wrong bool) {
	for rest := template; ; {
		_, after, found := strings.Cut(rest, "{")
		if !found {
			return "", false
		}
		word, after, found = strings.Cut(after, "}")
		if !found || !slices.Contains(Words(), word) {
			return word, true
		}
		rest = after
	}
}

// say fills a template in for a target.
func (e *Engine) say(template string, r *running, t *target) string {
	name, unit, decimals, ok := e.opt.Names.Property(r.Filter.Property)
	if !ok {
		name, decimals = r.Filter.Property, 2
	}
	number := func(v float64) string { return strconv.FormatFloat(v, 'f', decimals, 64) }
	limit := ""
	if l, ok := r.limit(); ok {
		limit = number(l)
	}
	region := e.opt.Names.Region(t.Region)
	if region == "" {
		region = t.Region
	}
	return strings.NewReplacer(
		"{device}", t.Name, "{id}", t.ID, "{kind}", t.Kind, "{value}", number(t.Value), "{unit}", unit, "{property}", name,
		"{limit}", limit, "{minutes}", strconv.Itoa(int(max(e.now.Sub(t.Since), 0)/time.Minute)), "{region}", region,
		"{time}", t.Since.In(e.opt.Location).Format("01-02 15:04"), "{count}", strconv.Itoa(t.Count), "{rule}", r.Name,
	).Replace(template)
}

// limit is the number that a rule compares with.
func (r *running) limit() (float64, bool) {
	switch r.Kind {
	case KindThreshold:
		return r.Threshold.Limit, true
	case KindRate:
		return r.Rate.By, true
	case KindGroup:
		return r.Group.Limit, true
	}
	return 0, false
}
