package widgets

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"onecity/internal/need"
)

// TestEChartsDrawsEveryOptionWithoutComplaint hands the options to the library
// that the screens draw them with.
func TestEChartsDrawsEveryOptionWithoutComplaint(t *testing.T) {
	modules, err := filepath.Abs(filepath.Join("..", "web", "app", "node_modules"))
	if err != nil {
		t.Fatal(err)
	}
	need.File(t, filepath.Join(modules, "echarts"), "build the front end first")
	dir := t.TempDir()
	args := []string{filepath.Join("testdata", "draw.mjs"), modules}
	cities := map[string]*city{"busy": busyCity(), "empty": newCity()}
	for name, c := range cities {
		for _, s := range Specs {
			if s.Kind != Chart {
				continue
			}
			w := must(t)(c.render(s.Name, nil, Options{}))
			body, err := json.Marshal(w)
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(dir, name+"-"+s.Name+".json")
			if err := os.WriteFile(file, body, 0o644); err != nil {
				t.Fatal(err)
			}
			args = append(args, file)
		}
	}
	if out, err := exec.Command("node", args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []struct{ file, text string }{
		{"busy-open-by-district.json.svg", "玉山镇"},
		{"busy-environment.json.svg", "西站"},
		{"busy-handling-time.json.svg", "30–60分"},
		{"busy-device-health.json.svg", "失联"},
	} {
		svg, err := os.ReadFile(filepath.Join(dir, want.file))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(svg), want.text) {
			t.Errorf("%s does not show %q", want.file, want.text)
		}
	}
}
