package flow

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s has changed; look at it and run the test with -update", name)
	}
}

func TestAMachineDrawsItselfInBothLanguages(t *testing.T) {
	for _, l := range []Lang{ZH, EN} {
		golden(t, fmt.Sprintf("permit.%s.mmd", l), []byte(permit().Mermaid(l, "review")))
		golden(t, fmt.Sprintf("permit.%s.svg", l), permit().SVG(l, "review"))
	}
}

func TestAPictureIsWellFormedAndShowsEveryStateOnceAndThePresentOne(t *testing.T) {
	m := permit()
	m.States[0].Title = Text{`<草&"稿>`, `<draft&">`}
	for _, m := range []*Machine{m, counter()} {
		for _, s := range m.States {
			pic := m.SVG(ZH, s.Name)
			var texts []string
			current := 0
			for d := xml.NewDecoder(bytes.NewReader(pic)); ; {
				tok, err := d.Token()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatalf("%v in %s", err, pic)
				}
				switch tok := tok.(type) {
				case xml.CharData:
					texts = append(texts, string(tok))
				case xml.StartElement:
					for _, a := range tok.Attr {
						if a.Name.Local == "aria-current" {
							current++
						}
					}
				}
			}
			all := "\x00" + strings.Join(texts, "\x00") + "\x00"
			for _, s := range m.States {
				if n := strings.Count(all, "\x00"+s.Title.ZH+"\x00"); n != 1 {
					t.Errorf("%s is there %d times", s.Title.ZH, n)
				}
			}
			if current != 1 {
				t.Errorf("%d states are marked", current)
			}
		}
	}
}

func TestNoTwoBoxesOrLabelsLieOnEachOther(t *testing.T) {
	for _, m := range []*Machine{permit(), counter()} {
		for _, l := range []Lang{ZH, EN} {
			d := m.draw(l)
			for a, p := range d.boxes {
				if p.x < 0 || p.y < 0 || p.x+d.boxWidth > d.width || p.y+boxHeight > d.height {
					t.Errorf("%s stands outside", a)
				}
				for b, q := range d.boxes {
					if a != b && p.x < q.x+d.boxWidth && q.x < p.x+d.boxWidth && p.y < q.y+boxHeight && q.y < p.y+boxHeight {
						t.Errorf("%s stands on %s", a, b)
					}
				}
			}
			for i, p := range d.labels {
				for s, q := range d.boxes {
					w := textWidth(p.text) / 2
					if p.x-w < q.x+d.boxWidth && q.x < p.x+w && p.y-6 < q.y+boxHeight && q.y < p.y+6 {
						t.Errorf("%q lies on %s", p.text, s)
					}
				}
				for _, q := range d.labels[i+1:] {
					if p.y == q.y && p.x == q.x {
						t.Errorf("%q lies on %q", p.text, q.text)
					}
				}
			}
		}
	}
}
