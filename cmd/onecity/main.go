// Command onecity is the whole program: the server and the tools around it.
// It only wires packages together; every command is a file here.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends it at once
	if err := root().ExecuteContext(ctx); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "onecity:", err)
		os.Exit(1)
	}
}

func root() *cobra.Command {
	cmd := &cobra.Command{
		Use:           "onecity",
		Short:         "OneCity 一城: a city's operations, live",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	cmd.AddCommand(serve(), imports(), simulates(), replays(), ready(), audits(), doctors())
	return cmd
}

// env is the value of an environment variable, or otherwise.
func env(name, otherwise string) string {
	if v, ok := os.LookupEnv(name); ok {
		return v
	}
	return otherwise
}
