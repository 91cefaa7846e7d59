package bench

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// The table stands between these in docs/performance.md; what is around them
// is written by people.
const (
	begin = "<!-- bench: begin -->"
	end   = "<!-- bench: end -->"
)

// Table writes figures as a Markdown table.
func Table(w io.Writer, figures []Figure) {
	fmt.Fprintln(w, "| what | target | reached | reached / target | |")
	fmt.Fprintln(w, "|---|---:|---:|---:|---|")
	for _, f := range figures {
		ratio := ""
		if r := f.Ratio(); !math.IsNaN(r) {
			ratio = fmt.Sprintf("%.2f", r)
		}
		note := f.Note
		if !f.Met() {
			note = strings.TrimSuffix("**not reached** "+note, " ")
		}
		fmt.Fprintf(w, "| %s | %s | %s %s | %s | %s |\n", f.What, f.target(), number(f.Reached), f.Unit, ratio, note)
	}
}

// Machine says what the figures were measured on, and how busy it was with
// other work, which decides how far they can be believed.
func Machine() string {
	cpu := "unknown processor"
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(b)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				cpu = strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("%s, %d cores, %s %s/%s", cpu, runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// Load is the machine's load average of the last minute, NaN where it is not
// told.
func Load() float64 {
	v := math.NaN()
	if b, err := os.ReadFile("/proc/loadavg"); err == nil {
		_, _ = fmt.Sscan(string(b), &v)
	}
	return v
}

// Commit is the revision that was measured, "" outside a clone.
func Commit(root string) string {
	cmd := exec.Command("git", "rev-parse", "--short", "HEAD")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

// Write puts the table in the place of the old one in the file at path.
func Write(path string, figures []Figure, header string) error {
	old, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read the table's page: %w", err)
	}
	before, rest, ok := bytes.Cut(old, []byte(begin))
	if !ok {
		return fmt.Errorf("%s has no line %q", path, begin)
	}
	_, after, ok := bytes.Cut(rest, []byte(end))
	if !ok {
		return fmt.Errorf("%s has no line %q", path, end)
	}
	var out bytes.Buffer
	out.Write(before)
	fmt.Fprintf(&out, "%s\n%s\n\n", begin, header)
	Table(&out, figures)
	out.WriteString(end)
	out.Write(after)
	if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	return nil
}

// Header is the line above the table.
func Header(root string, loadBefore float64) string {
	return fmt.Sprintf("Measured %s at %s on %s. Load average of the machine before the run: %.1f (other work on it makes every figure worse).",
		time.Now().UTC().Format("2006-01-02 15:04 UTC"), Commit(root), Machine(), loadBefore)
}
