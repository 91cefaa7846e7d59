package main

import (
	"fmt"
	"log/slog"

	"onecity/internal/simulate"

	"github.com/spf13/cobra"
)

// simulates plays a city's life against a running server.
func simulates() *cobra.Command {
	o := simulate.Defaults()
	token, workers := "", ""
	cmd := &cobra.Command{
		Use:   "simulate",
		Short: "play a seeded city life against a running server",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.Check(); err != nil {
				return err
			}
			var err error
			if o.Token, err = readToken(token); err != nil {
				return err
			}
			if o.Workers, err = readWorkers(workers); err != nil {
				return err
			}
			o.Log = slog.Default()
			stats, err := simulate.Run(cmd.Context(), o)
			if stats != nil {
				fmt.Fprintln(cmd.OutOrStdout(), stats)
			}
			return err
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.URL, "url", o.URL, "address of the server")
	f.StringVar(&o.MQTT, "mqtt", o.MQTT, "address of the MQTT broker; empty sends by HTTP and WebSocket alone")
	f.Uint64Var(&o.Seed, "seed", o.Seed, "the same seed plays the same life")
	f.Float64Var(&o.Rate, "rate", o.Rate, "observations a second")
	f.IntVar(&o.Devices, "devices", o.Devices, "how many devices")
	f.IntVar(&o.Units, "units", o.Units, "how many units")
	f.Float64Var(&o.IncidentsPerHour, "incidents-per-hour", o.IncidentsPerHour, "how many incidents are reported in an hour")
	f.Float64Var(&o.Leave, "leave", o.Leave, "share of the reports that is left to people for some minutes")
	f.DurationVar(&o.For, "for", 0, "how long; 0 is until told to stop")
	tokenFlag(cmd, &token)
	workersFlag(cmd, &workers)
	return cmd
}

// readWorkers is the token of the simulated crews: of the flag's file, the
// environment, or the server of this directory; empty where there is none.
func readWorkers(file string) (string, error) {
	if t := env("ONECITY_WORKERS_TOKEN", ""); t != "" && file == "" {
		return t, nil
	}
	asked := file != "" || env("ONECITY_WORKERS_TOKEN_FILE", "") != ""
	if file == "" {
		file = env("ONECITY_WORKERS_TOKEN_FILE", "data/"+env("CITY", "kunshan")+"/workers.token")
	}
	return tokenIn(file, asked)
}

func workersFlag(cmd *cobra.Command, file *string) {
	cmd.Flags().StringVar(file, "workers-token-file", "", "file of the crews' token (default ONECITY_WORKERS_TOKEN, ONECITY_WORKERS_TOKEN_FILE, or data/$CITY/workers.token)")
}
