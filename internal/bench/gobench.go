package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// result is one line of `go test -bench`: the benchmark's name without the
// number of processors, and its values by unit.
type result struct {
	name   string
	values map[string]float64
}

// parse reads the output of `go test -bench`.
func parse(out []byte) []result {
	var rs []result
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		if _, err := strconv.Atoi(fields[1]); err != nil {
			continue
		}
		name := strings.TrimPrefix(fields[0], "Benchmark")
		if i := strings.LastIndexByte(name, '-'); i > 0 {
			if _, err := strconv.Atoi(name[i+1:]); err == nil {
				name = name[:i]
			}
		}
		r := result{name: name, values: map[string]float64{}}
		for i := 2; i+1 < len(fields); i += 2 {
			v, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				break
			}
			r.values[fields[i+1]] = v
		}
		rs = append(rs, r)
	}
	return rs
}

// goBench runs the benchmarks of one package that match pattern, so many times,
// and keeps the run that took least time of each: other work on the machine
// can only make one slower.
func (e *Env) goBench(ctx context.Context, pkg, pattern, benchtime string, times int) (map[string]map[string]float64, error) {
	if e.Short {
		benchtime, times = "1x", 1
	}
	args := []string{"test", "-run", "^$", "-bench", pattern, "-benchmem", "-timeout", "20m", "-count", strconv.Itoa(times)}
	if benchtime != "" {
		args = append(args, "-benchtime", benchtime)
	}
	cmd := exec.CommandContext(ctx, "go", append(args, pkg)...)
	cmd.Dir = e.Root
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, io.MultiWriter(&problems, os.Stderr)
	e.Log("go %s", strings.Join(cmd.Args[1:], " "))
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("benchmarks of %s: %w: %s%s", pkg, err, tail(out.String(), 2000), tail(problems.String(), 2000))
	}
	byName := map[string]map[string]float64{}
	for _, r := range parse(out.Bytes()) {
		if best, ok := byName[r.name]; !ok || r.values["ns/op"] < best["ns/op"] {
			byName[r.name] = r.values
		}
	}
	if len(byName) == 0 {
		return nil, errors.New("no benchmark of " + pkg + " matches " + pattern)
	}
	return byName, nil
}

func tail(s string, n int) string {
	if len(s) > n {
		return "…" + s[len(s)-n:]
	}
	return s
}

// wanted takes one value of a benchmark's as a figure.
type wanted struct {
	bench, unit string // "Tile/z14", "ns/op"
	scale       float64
	figure      Figure
}

// take fills in figures from results; a benchmark that has gone is an error,
// so that the table cannot lose a line unnoticed.
func take(results map[string]map[string]float64, ws []wanted) ([]Figure, error) {
	figures := make([]Figure, 0, len(ws))
	for _, w := range ws {
		values, ok := results[w.bench]
		if !ok {
			return nil, fmt.Errorf("benchmark %s was not run", w.bench)
		}
		v, ok := values[w.unit]
		if !ok {
			return nil, fmt.Errorf("benchmark %s has no %s", w.bench, w.unit)
		}
		f := w.figure
		f.Reached = v * w.scale
		figures = append(figures, f)
	}
	return figures, nil
}
