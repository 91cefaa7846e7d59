package palette

import (
	"os"
	"regexp"
	"strconv"
	"testing"
)

const stylesheet = "../../web/app/src/design/tokens.css"

func TestTheColoursAreThoseOfTheStylesheet(t *testing.T) {
	css, err := os.ReadFile(stylesheet)
	if err != nil {
		t.Fatal(err)
	}
	for theme, p := range map[string]Palette{"dark": Dark, "light": Light} {
		block := regexp.MustCompile(`\[data-theme='` + theme + `'\] \{([^}]*)\}`).FindSubmatch(css)
		if block == nil {
			t.Fatalf("%s has no theme %s", stylesheet, theme)
		}
		want := map[string]string{}
		for _, m := range regexp.MustCompile(`--([a-z0-9-]+): (#[0-9a-f]+);`).FindAllSubmatch(block[1], -1) {
			want[string(m[1])] = string(m[2])
		}
		got := map[string]string{
			"ground": p.Ground, "surface": p.Surface, "hairline": p.Hairline, "edge": p.Edge,
			"ink-1": p.Ink1, "ink-2": p.Ink2, "ink-3": p.Ink3,
			"accent": p.Accent, "good": p.Good, "late": p.Late, "sim": p.Sim,
		}
		for i, c := range p.Severity {
			got["severity-"+strconv.Itoa(i+1)] = c
		}
		for i, c := range p.Ramp {
			got["ramp-"+strconv.Itoa(i)] = c
		}
		for i, c := range p.Series {
			got["series-"+strconv.Itoa(i+1)] = c
		}
		for name, colour := range got {
			if want[name] != colour {
				t.Errorf("%s theme: %s is %s here and %s in the stylesheet", theme, name, colour, want[name])
			}
		}
	}
}
