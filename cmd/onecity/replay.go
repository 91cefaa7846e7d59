package main

import (
	"fmt"
	"log/slog"
	"os"

	"onecity/internal/replay"
	"onecity/internal/simulate"

	"github.com/spf13/cobra"
)

// replays plays a recording into a running server.
func replays() *cobra.Command {
	var o replay.Options
	var mapping, token, reports, workers string
	cmd := &cobra.Command{
		Use:   "replay FILE | replay --reports FILE",
		Short: "play a recording (CSV or NDJSON) into a running server, from now on",
		Args: func(cmd *cobra.Command, args []string) error {
			if reports != "" {
				return cobra.NoArgs(cmd, args)
			}
			return cobra.ExactArgs(1)(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.Check(); err != nil {
				return err
			}
			var err error
			if o.Token, err = readToken(token); err != nil {
				return err
			}
			if reports != "" {
				return replayReports(cmd, o, reports, workers)
			}
			var ms []replay.Mapping
			if mapping != "" {
				var err error
				if ms, err = replay.ReadMapping(mapping); err != nil {
					return err
				}
			}
			rec, err := replay.Load(args[0], ms)
			if err != nil {
				return err
			}
			for _, why := range rec.Reasons {
				slog.Warn("a row cannot be used", "why", why)
			}
			slog.Info("playing 开始播放", "file", args[0], "rows", rec.Rows, "rejected", rec.Rejected, "lasts", rec.Lasts())
			stats, err := replay.Play(cmd.Context(), rec, o)
			fmt.Fprintln(cmd.OutOrStdout(), stats)
			return err
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.URL, "url", "http://127.0.0.1:8080", "address of the server")
	f.StringVar(&mapping, "mapping", "", "JSON file that says what the columns mean; without one, rows are in the server's own form")
	f.Float64Var(&o.Speed, "speed", 1, "how many times faster than it happened")
	f.BoolVar(&o.Loop, "loop", false, "begin again when it is over")
	f.StringVar(&reports, "reports", "", "a recorded set of reports (CSV, docs/simulation.md) to be led through the loop by simulated crews; \"sample\" is the one that comes with the program")
	tokenFlag(cmd, &token)
	workersFlag(cmd, &workers)
	return cmd
}

// replayReports leads a recorded set of reports through the loop, with
// simulated units that drive and work.
func replayReports(cmd *cobra.Command, asked replay.Options, name, workers string) error {
	in := simulate.Sample()
	if name != "sample" {
		file, err := os.Open(name)
		if err != nil {
			return fmt.Errorf("open the recorded reports: %w", err)
		}
		defer file.Close() // read only
		in = file
	}
	set, err := simulate.ReadRecorded(in)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	o := simulate.Defaults()
	o.URL, o.Token, o.Speed, o.Recorded = asked.URL, asked.Token, asked.Speed, set
	o.MQTT, o.Rate, o.Devices, o.Units, o.IncidentsPerHour, o.Leave, o.Log = "", 0, 0, 60, 0, 0, slog.Default()
	if err := o.Check(); err != nil {
		return err
	}
	if o.Workers, err = readWorkers(workers); err != nil {
		return err
	}
	slog.Info("playing 开始播放", "file", name, "reports", len(set), "speed", asked.Speed)
	stats, err := simulate.Run(cmd.Context(), o)
	if stats != nil {
		fmt.Fprintln(cmd.OutOrStdout(), stats)
	}
	return err
}
