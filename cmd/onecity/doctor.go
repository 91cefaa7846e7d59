package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"onecity/internal/database"
	"onecity/internal/doctor"
	"onecity/internal/postgres"

	"github.com/spf13/cobra"
)

// errUnsafe ends the command with a status that scripts see.
var errUnsafe = errors.New("something is unsafe, see above")

// doctors tells what is unsafe in the present configuration.
func doctors() *cobra.Command {
	var c config
	var asJSON, all bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "tell what is unsafe or unhealthy here, and what to do about it",
		Long: `Looks at the data directory, at how its newest server was started, and, while that
runs or with --database-url, into the database. It changes nothing. With --listen
or --tls it judges what these flags of serve would be like instead.

The exit status is 1 when something is unsafe.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := c.examined(cmd)
			if err != nil {
				return err
			}
			facts := doctor.Look(s)
			if err := c.lookInto(cmd.Context(), &facts); err != nil {
				return err
			}
			report := doctor.Judge(facts, time.Now())
			if asJSON {
				e := json.NewEncoder(cmd.OutOrStdout())
				e.SetIndent("", "  ")
				err = e.Encode(report)
			} else {
				err = report.Text(cmd.OutOrStdout(), all)
			}
			if err == nil && report.Unsafe > 0 {
				err = errUnsafe
			}
			return err
		},
	}
	c.bind(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "tell it as JSON")
	cmd.Flags().BoolVar(&all, "all", false, "tell what is as it should be too")
	return cmd
}

// examined are the settings to judge: of the server that was started here, or
// of the flags, when they say how it would be.
func (c *config) examined(cmd *cobra.Command) (doctor.Settings, error) {
	if c.data == "" {
		c.data = filepath.Join("data", c.city)
	}
	abs, err := filepath.Abs(c.data)
	if err != nil {
		return doctor.Settings{}, fmt.Errorf("data directory: %w", err)
	}
	c.data = abs
	s, ok, err := doctor.Load(c.data)
	if err != nil || ok && !cmd.Flags().Changed("listen") && !cmd.Flags().Changed("tls") && !cmd.Flags().Changed("tls-cert") {
		return s, err
	}
	return c.settings(), nil
}

// lookInto looks into the database, if it runs: a doctor starts nothing.
func (c *config) lookInto(ctx context.Context, f *doctor.Facts) error {
	dsn := c.databaseURL
	if dsn == "" {
		var err error
		dsn, err = postgres.Running(c.in("postgres"))
		if errors.Is(err, postgres.ErrNotRunning) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("look for the database: %w", err)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	pool, err := database.Open(ctx, dsn, "onecity doctor")
	if err != nil {
		f.Errors = append(f.Errors, err)
		return nil
	}
	defer pool.Close()
	doctor.LookInto(ctx, pool, f)
	return nil
}
