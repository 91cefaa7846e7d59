package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"
)

// ready is for scripts: it ends well when a server is ready to serve.
func ready() *cobra.Command {
	var url string
	var wait time.Duration
	cmd := &cobra.Command{
		Use:   "ready",
		Short: "say whether a running server is ready (exit status 0)",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, cancel := context.WithTimeout(cmd.Context(), wait+time.Second)
			defer cancel()
			return untilReady(ctx, url, wait)
		},
	}
	cmd.Flags().StringVar(&url, "url", "http://127.0.0.1:8080", "address of the server")
	cmd.Flags().DurationVar(&wait, "wait", 0, "how long to wait for it")
	return cmd
}

func untilReady(ctx context.Context, url string, wait time.Duration) error {
	end := time.Now().Add(wait)
	for {
		err := askReady(ctx, url)
		if err == nil || time.Now().After(end) {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func askReady(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/readyz", nil)
	if err != nil {
		return fmt.Errorf("ask %s: %w", url, err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("ask %s: %w", url, err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s is not ready: %s", url, res.Status)
	}
	return nil
}
