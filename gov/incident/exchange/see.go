package exchange

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"onecity/gov/incident"
)

// sensitive is the grade from which on who reported and who handles may be seen.
const sensitive = 2

// hears reports whether the partner hears of an event of a case at all.
func (p Partner) hears(event string, c incident.Case) bool {
	if !p.On || p.URL == "" || c.Grade > p.Grade {
		return false
	}
	if c.Partner == p.ID && (c.State == incident.External || event != Updated) {
		return p.Kind == Webhook || c.State == incident.External // it was handed this one
	}
	return p.Kind == Webhook && within(c.Region, p.Region) && p.wants(event) &&
		(len(p.Classes) == 0 || slices.ContainsFunc(p.Classes, func(b string) bool { return strings.HasPrefix(c.Class, b) }))
}

func (p Partner) wants(event string) bool {
	return len(p.Events) == 0 || slices.Contains(p.Events, event)
}

// seen is the case as the partner may see it, as JSON.
func (p Partner) seen(c incident.Case) (json.RawMessage, error) {
	if p.Grade < sensitive {
		c.Reporter, c.Handler = "", ""
	}
	body, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("write case %s: %w", c.ID, err)
	}
	return body, nil
}
