package postgres

import (
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

func TestAToolFindsTheRunningServer(t *testing.T) {
	dir := openDir(t)
	if _, err := Running(dir); !errors.Is(err, ErrNotRunning) {
		t.Fatalf("before there is one: %v", err)
	}
	start(t, quick(dir))
	found, err := Running(dir)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), found)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var now time.Time
	if err := conn.QueryRow(t.Context(), "select now()").Scan(&now); err != nil {
		t.Fatal(err)
	}
}
