package flow

import (
	"fmt"
	"html"
	"strings"
	"unicode/utf8"
)

// Measures of a diagram, in pixels.
const (
	boxWidth   = 116.0
	boxHeight  = 40.0
	rowGap     = 40.0
	laneGap    = 24.0
	margin     = 16.0
	fontSize   = 13.0
	channelGap = 10.0
)

// SVG is the machine as a picture, from left to right, for an object's page.
// present is marked; empty: none. Colours are CSS variables with defaults, so
// that a page may give it its own: --flow-ink, --flow-box, --flow-present,
// --flow-on-present.
func (m *Machine) SVG(l Lang, present State) []byte {
	d := m.draw(l)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" width="%.0f" height="%.0f" role="img" font-family="sans-serif" font-size="%.0f">`,
		d.width, d.height, d.width, d.height, fontSize)
	fmt.Fprintf(&b, "\n<title>%s</title>\n", html.EscapeString(m.Title.in(l)))
	b.WriteString(`<defs><marker id="flow-tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" fill="var(--flow-ink,#42566b)"/></marker></defs>` + "\n")
	for _, p := range d.paths {
		dash := ""
		if p.system {
			dash = ` stroke-dasharray="5 4"`
		}
		fmt.Fprintf(&b, `<path d="%s" fill="none" stroke="var(--flow-ink,#42566b)" stroke-width="1.3"%s marker-end="url(#flow-tip)"/>`+"\n", p.d, dash)
	}
	for _, s := range m.States {
		at, ok := d.boxes[s.Name]
		if !ok {
			continue
		}
		fill, ink, current := "var(--flow-box,#fff)", "var(--flow-ink,#42566b)", ""
		if s.Name == present {
			fill, ink, current = "var(--flow-present,#1668dc)", "var(--flow-on-present,#fff)", ` aria-current="step" font-weight="bold"`
		}
		round, width := 6.0, 1.3
		if s.Final {
			round, width = boxHeight/2, 2.6
		}
		fmt.Fprintf(&b, `<g%s><rect x="%.1f" y="%.1f" width="%.0f" height="%.0f" rx="%.0f" fill="%s" stroke="var(--flow-ink,#42566b)" stroke-width="%.1f"/>`,
			current, at.x, at.y, d.boxWidth, boxHeight, round, fill, width)
		fmt.Fprintf(&b, `<text x="%.1f" y="%.1f" text-anchor="middle" dominant-baseline="central" fill="%s">%s</text></g>`+"\n",
			at.x+d.boxWidth/2, at.y+boxHeight/2, ink, html.EscapeString(s.Title.in(l)))
	}
	for _, t := range d.labels {
		fmt.Fprintf(&b, `<text x="%.1f" y="%.1f" text-anchor="middle" dominant-baseline="central" font-size="%.0f" fill="var(--flow-ink,#42566b)" stroke="var(--flow-box,#fff)" stroke-width="4" paint-order="stroke">%s</text>`+"\n",
			t.x, t.y, fontSize-1, html.EscapeString(t.text))
	}
	b.WriteString("</svg>\n")
	return []byte(b.String())
}

// textWidth guesses how wide a text is: a Chinese character is as wide as the
// letters are high, a Latin one a little over half.
func textWidth(s string) float64 {
	w := 0.0
	for _, r := range s {
		if utf8.RuneLen(r) > 2 {
			w += fontSize
		} else {
			w += fontSize * .58
		}
	}
	return w
}
