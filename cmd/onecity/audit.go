package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"onecity/internal/audit"
	"onecity/internal/database"
	"onecity/internal/postgres"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/cobra"
)

func audits() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "look into the audit log 审计日志: verify, export, checkpoint",
	}
	cmd.AddCommand(auditVerify(), auditExport(), auditCheckpoint())
	return cmd
}

// auditLog is where a command reads the log.
type auditLog struct {
	data, databaseURL, file string
}

func (a *auditLog) bind(cmd *cobra.Command, file bool) {
	f := cmd.Flags()
	f.StringVar(&a.data, "data", env("ONECITY_DATA", ""), "data directory; its private PostgreSQL is used, and started when no server runs")
	f.StringVar(&a.databaseURL, "database-url", env("ONECITY_DATABASE_URL", ""), "PostgreSQL that holds the log")
	if file {
		f.StringVar(&a.file, "file", "", "an export of the log, in place of a database")
	}
}

// open connects to the database; done closes what was opened.
func (a *auditLog) open(ctx context.Context) (pool *pgxpool.Pool, done func() error, err error) {
	dsn, stop := a.databaseURL, func() error { return nil }
	if dsn == "" {
		if a.data == "" {
			return nil, nil, errors.New("where is the log? Say --data, --database-url or --file")
		}
		if dsn, stop, err = privateDatabase(ctx, filepath.Join(a.data, "postgres")); err != nil {
			return nil, nil, err
		}
	}
	pool, err = database.Open(ctx, dsn, "onecity audit")
	if err != nil {
		return nil, nil, errors.Join(err, stop())
	}
	return pool, func() error { pool.Close(); return stop() }, nil
}

// privateDatabase is the one in a data directory; it is started when no
// server runs.
func privateDatabase(ctx context.Context, dir string) (dsn string, done func() error, err error) {
	dsn, err = postgres.Running(dir)
	if err == nil {
		return dsn, func() error { return nil }, nil
	}
	if _, statErr := os.Stat(filepath.Join(dir, "cluster")); !errors.Is(err, postgres.ErrNotRunning) || statErr != nil {
		return "", nil, err
	}
	server, err := postgres.Start(ctx, postgres.Options{DataDir: dir})
	if err != nil {
		return "", nil, fmt.Errorf("start the private PostgreSQL: %w", err)
	}
	return server.DSN(), server.Stop, nil
}

// read gives the source to use while it is open.
func (a *auditLog) read(ctx context.Context, use func(audit.Source) error) (err error) {
	if a.file != "" {
		f, err := os.Open(a.file)
		if err != nil {
			return fmt.Errorf("open the export: %w", err)
		}
		defer f.Close()
		return use(audit.ExportFile(f))
	}
	pool, done, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	return use(audit.Database(pool))
}

func auditVerify() *cobra.Command {
	var a auditLog
	var places, keys []string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "recompute the log from its entries and compare it with checkpoints kept elsewhere",
		Long: `Recomputes every digest and the tree from the entries, and compares the roots with
signed checkpoints. What was altered, removed, put in or moved is named, and the
exit status is 1.

Checkpoints that lie in the data directory prove something only against those who
cannot write there. Compare with a copy that was kept elsewhere:

  onecity audit verify --data data/kunshan --checkpoints /mnt/witness/audit --key /mnt/witness/audit/verifiers`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if len(places) == 0 && a.data != "" {
				places = []string{filepath.Join(a.data, "audit")}
			}
			ev, err := gatherEvidence(places, keys)
			if err != nil {
				return err
			}
			return a.read(cmd.Context(), func(from audit.Source) error {
				began := time.Now()
				report, err := audit.Verify(cmd.Context(), from, ev)
				if err != nil {
					return err
				}
				return printReport(cmd.OutOrStdout(), report, time.Since(began), asJSON)
			})
		},
	}
	a.bind(cmd, true)
	cmd.Flags().StringSliceVar(&places, "checkpoints", nil, "file of checkpoints, or a witness's folder with its leaves and keys (default <data>/audit)")
	cmd.Flags().StringSliceVar(&keys, "key", nil, "file of public keys, one a line (default: verifiers in the folder)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the report as JSON")
	return cmd
}

// gatherEvidence reads what was kept elsewhere.
func gatherEvidence(places, keys []string) (ev audit.Evidence, err error) {
	for _, place := range places {
		file := place
		if info, statErr := os.Stat(place); statErr == nil && info.IsDir() {
			file = filepath.Join(place, "checkpoints")
			if err := readLeaves(filepath.Join(place, "leaves"), &ev); err != nil {
				return ev, err
			}
			if own := filepath.Join(place, "verifiers"); len(keys) == 0 && exists(own) {
				keys = []string{own}
			}
		}
		f, err := os.Open(file)
		if err != nil {
			return ev, fmt.Errorf("open the checkpoints: %w", err)
		}
		list, err := audit.ReadCheckpoints(f)
		if err = errors.Join(err, f.Close()); err != nil {
			return ev, fmt.Errorf("%s: %w", file, err)
		}
		ev.Checkpoints = append(ev.Checkpoints, list...)
	}
	for _, path := range keys {
		text, err := os.ReadFile(path)
		if err != nil {
			return ev, fmt.Errorf("read the public keys: %w", err)
		}
		list, err := audit.ParseVerifiers(string(text))
		if err != nil {
			return ev, fmt.Errorf("%s: %w", path, err)
		}
		ev.Keys = append(ev.Keys, list...)
	}
	if len(ev.Keys) == 0 && len(ev.Checkpoints) == 0 {
		return ev, errors.New("there is nothing to compare the log with: say --checkpoints, or at least --key")
	}
	return ev, nil
}

// readLeaves keeps the longest list of leaves there is.
func readLeaves(path string, ev *audit.Evidence) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open the leaves: %w", err)
	}
	defer f.Close()
	leaves, err := audit.ReadLeaves(f)
	if len(leaves) > len(ev.Leaves) {
		ev.Leaves = leaves
	}
	return err
}

func exists(path string) bool { _, err := os.Stat(path); return err == nil }

// shownFindings is how many a person is shown; --json has all.
const shownFindings = 200

func printReport(w io.Writer, r audit.Report, took time.Duration, asJSON bool) error {
	if asJSON {
		out := json.NewEncoder(w)
		out.SetIndent("", "  ")
		if err := out.Encode(r); err != nil {
			return fmt.Errorf("print the report: %w", err)
		}
	} else {
		fmt.Fprint(w, summary(r, took))
	}
	if !r.OK() {
		return fmt.Errorf("%w: %d findings", audit.ErrAltered, len(r.Findings))
	}
	return nil
}

func summary(r audit.Report, took time.Duration) string {
	var b strings.Builder
	fmt.Fprintf(&b, "日志 log %s (%s)\n", r.Origin, r.Hash)
	fmt.Fprintf(&b, "条目 entries: %d 已封存 sealed, %d 待封存 waiting; 检查点 checkpoints: %d, 覆盖 covering %d; %s\n",
		r.Leaves, r.Unsealed, r.Checkpoints, r.Covered, took.Round(time.Millisecond))
	if !r.Signatures {
		b.WriteString("签名未验（未给公钥） signatures were not checked: no --key\n")
	}
	if n := len(r.Erased); n > 0 {
		fmt.Fprintf(&b, "依法擦除 forgotten: %d\n", n)
	}
	for _, l := range r.Late {
		fmt.Fprintf(&b, "迟到 late: #%d %s of %s was sealed after %s\n", l.Number, l.ID, l.At.Format(time.RFC3339), l.Sealed.Format(time.RFC3339))
	}
	for i, f := range r.Findings {
		if i == shownFindings {
			fmt.Fprintf(&b, "… 另有 and %d more (--json)\n", len(r.Findings)-i)
			break
		}
		fmt.Fprintln(&b, f)
	}
	if r.OK() {
		b.WriteString("完好 the log is as it was sealed\n")
	}
	return b.String()
}

func auditExport() *cobra.Command {
	var a auditLog
	var out string
	cmd := &cobra.Command{
		Use:   "export",
		Short: "write the log as NDJSON, to be verified on another machine",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			w := cmd.OutOrStdout()
			if out != "" {
				f, openErr := os.OpenFile(out, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
				if openErr != nil {
					return fmt.Errorf("write the export: %w", openErr)
				}
				defer func() { err = errors.Join(err, f.Close()) }()
				w = f
			}
			return a.read(cmd.Context(), func(from audit.Source) error {
				n, err := audit.Export(cmd.Context(), from, w)
				if err == nil {
					fmt.Fprintf(cmd.ErrOrStderr(), "已导出 exported %d\n", n)
				}
				return err
			})
		},
	}
	a.bind(cmd, false)
	cmd.Flags().StringVar(&out, "out", "", "file to write; it holds personal data (default: standard output)")
	return cmd
}

func auditCheckpoint() *cobra.Command {
	var a auditLog
	cmd := &cobra.Command{
		Use:   "checkpoint",
		Short: "print the newest signed checkpoint, to be kept elsewhere",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			pool, done, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, done()) }()
			signed, err := audit.Newest(cmd.Context(), pool)
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(cmd.OutOrStdout(), signed)
			return err
		},
	}
	a.bind(cmd, false)
	return cmd
}
