// Command bench measures OneCity and rewrites the table in docs/performance.md.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"

	"onecity/internal/bench"
)

var measures = []bench.Measure{
	{Name: "latency", Run: bench.Latency},
	{Name: "dispatch", Run: bench.Dispatch},
	{Name: "ingest", Run: bench.Ingest},
	{Name: "ingest-peer", Run: bench.PeerIngest},
	{Name: "fanout", Run: bench.Fanout},
	{Name: "restart", Run: bench.Restart},
	{Name: "memory", Run: bench.Memory},
	{Name: "fold", Run: bench.Fold},
	{Name: "region", Run: bench.PointInRegion},
	{Name: "access", Run: bench.Access},
	{Name: "streets", Run: bench.Streets},
	{Name: "region-peer", Run: bench.PeerRegion},
	{Name: "tiles", Run: bench.Tiles},
	{Name: "hub", Run: bench.Hub},
	{Name: "streams", Run: bench.Streams},
	{Name: "record", Run: bench.Record},
	{Name: "lists", Run: bench.Lists},
	{Name: "evaluation", Run: bench.Evaluation},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	var names []string
	for _, m := range measures {
		names = append(names, m.Name)
	}
	only := flag.String("only", "", "regular expression of the measures to run: "+strings.Join(names, ", "))
	short := flag.Bool("short", false, "a fiftieth of everything, to see that it runs; the table stays as it is")
	root := flag.String("root", ".", "the repository")
	flag.Parse()
	pick, err := regexp.Compile("^(?:" + *only + ")$")
	if err != nil {
		return fmt.Errorf("-only: %w", err)
	}
	abs, err := filepath.Abs(*root)
	if err != nil {
		return err
	}
	env := &bench.Env{Root: abs, Binary: filepath.Join(abs, "bin", "onecity"), Short: *short,
		Log: func(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }}
	if _, err := os.Stat(env.Binary); err != nil {
		return fmt.Errorf("the program is missing; run make build: %w", err)
	}
	load := bench.Load()
	var figures []bench.Figure
	var failed []string
	for _, m := range measures {
		if *only != "" && !pick.MatchString(m.Name) {
			continue
		}
		fs, err := m.Run(ctx, env)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			// The others are worth having all the same.
			fmt.Fprintf(os.Stderr, "%s: %v\n", m.Name, err)
			failed = append(failed, m.Name)
			continue
		}
		for _, f := range fs {
			env.Log("  %s", f)
		}
		figures = append(figures, fs...)
	}
	fmt.Println(bench.Header(abs, load))
	fmt.Println()
	bench.Table(os.Stdout, figures)
	if len(failed) > 0 {
		return fmt.Errorf("not measured: %s; the table in docs/performance.md stays as it was", strings.Join(failed, ", "))
	}
	if *only != "" || *short {
		return nil
	}
	return bench.Write(filepath.Join(abs, "docs", "performance.md"), figures, bench.Header(abs, load))
}
