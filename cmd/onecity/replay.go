package main

import (
	"fmt"
	"log/slog"

	"onecity/internal/replay"

	"github.com/spf13/cobra"
)

// replays plays a recording into a running server.
func replays() *cobra.Command {
	var o replay.Options
	var mapping, token string
	cmd := &cobra.Command{
		Use:   "replay FILE",
		Short: "play a recording (CSV or NDJSON) into a running server, from now on",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.Check(); err != nil {
				return err
			}
			var err error
			if o.Token, err = readToken(token); err != nil {
				return err
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
	tokenFlag(cmd, &token)
	return cmd
}
