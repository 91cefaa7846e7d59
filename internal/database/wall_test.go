package database_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"onecity/internal/database"
	"onecity/internal/postgres/pgtest"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

var things = database.Guarded{Table: "thing", Sees: database.Sees("things", "region", "grade")}

// as opens a database of its own as an account of those rights.
func as(t *testing.T, dsn, name, rights string) *pgxpool.Pool {
	t.Helper()
	super, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer super.Close(context.Background())
	for _, sql := range []string{"create role " + name + " login " + rights, "create database " + name + " owner " + name} {
		if _, err := super.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	cfg, err := pgxpool.ParseConfig(strings.Replace(dsn, "dbname=onecity", "dbname="+name, 1))
	if err != nil {
		t.Fatal(err)
	}
	cfg.AfterConnect = func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, "set session authorization "+name)
		return err
	}
	pool, err := pgxpool.NewWithConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	_, err = pool.Exec(t.Context(), `create table thing (id int, region text collate "C", grade smallint)`)
	if err != nil {
		t.Fatal(err)
	}
	return pool
}

func ids(t *testing.T, w *database.Wall, s database.Scope) []int32 {
	t.Helper()
	list, err := database.Collect(t.Context(), w, s, "select id from thing order by id", nil, pgx.RowTo[int32])
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestTheWallHoldsForEveryKindOfAccount(t *testing.T) {
	dsn := pgtest.Start(t).DSN()
	for _, c := range []struct{ name, rights, mode string }{
		// The order matters: the role is the server's, and the first may not make it.
		{"plain", "", database.ByOwner},
		{"maker", "createrole", database.ByRole},
		{"mighty", "superuser", database.ByRole},
		{"later", "", database.ByOwner},
	} {
		t.Run(c.name, func(t *testing.T) {
			pool := as(t, dsn, c.name, c.rights)
			if s, err := database.RowSecurity(t.Context(), pool); err != nil || s.Mode != database.Unbound {
				t.Errorf("before there is a wall: %+v, %v", s, err)
			}
			for range 2 { // and once more it does nothing
				if err := database.Guard(t.Context(), pool, things); err != nil {
					t.Fatal(err)
				}
			}
			s, err := database.RowSecurity(t.Context(), pool)
			if err != nil || s.Mode != c.mode || !slices.Equal(s.Guarded, []string{"public.thing"}) || len(s.Open) != 0 || (s.Why == "") != (c.mode == database.ByRole) {
				t.Errorf("%+v, %v", s, err)
			}
			// Who writes is not bound.
			for _, sql := range []string{
				"insert into thing values (1, '3205', 0), (2, '3205', 1), (3, '320583', 2), (4, '320583', 9), (5, '4', 0)",
				"update thing set id = 6 where id = 5", "insert into thing values (7, '4', 0)", "delete from thing where id = 7",
			} {
				if _, err := pool.Exec(t.Context(), sql); err != nil {
					t.Fatalf("%s: %v", sql, err)
				}
			}
			w, err := database.WallOf(t.Context(), pool)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range []struct {
				pieces []database.Piece
				ids    []int32
			}{
				{nil, nil},
				{[]database.Piece{{Prefix: "", Grade: 255}}, []int32{1, 2, 3, 4, 6}},
				{[]database.Piece{{Prefix: "320583", Grade: 8}}, []int32{3}},
				{[]database.Piece{{Prefix: "320583", Grade: 9}, {Prefix: "3205", Grade: 0}}, []int32{1, 3, 4}},
				{[]database.Piece{{Prefix: "3205__", Grade: 9}, {Prefix: "%", Grade: 9}}, nil},
			} {
				scope := database.Scope{Layers: map[string][]database.Piece{"things": want.pieces}}
				if got := ids(t, w, scope); !slices.Equal(got, want.ids) {
					t.Errorf("%v sees %v, want %v", want.pieces, got, want.ids)
				}
				var n int
				err := w.In(t.Context(), scope, func(tx pgx.Tx) error {
					return tx.QueryRow(t.Context(), "select count(*) from thing").Scan(&n)
				})
				if err != nil || n != len(want.ids) {
					t.Errorf("%v counts %d in a transaction, want %d (%v)", want.pieces, n, len(want.ids), err)
				}
			}
			var all int
			if err := pool.QueryRow(t.Context(), "select count(*) from thing").Scan(&all); err != nil || all != 5 {
				t.Errorf("the program itself sees %d things, %v", all, err)
			}
		})
	}
}

// An administrator gives the role later: the next start builds the better wall.
func TestTheWallBecomesTheBetterOneWhenTheRoleIsGiven(t *testing.T) {
	dsn := pgtest.Start(t).DSN()
	pool := as(t, dsn, "plain", "")
	if err := database.Guard(t.Context(), pool, things); err != nil {
		t.Fatal(err)
	}
	super, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer super.Close(context.Background())
	for _, sql := range []string{"create role " + database.Reader + " nologin noinherit", "grant " + database.Reader + " to plain"} {
		if _, err := super.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	if s, err := database.RowSecurity(t.Context(), pool); err != nil || s.Mode != database.Unbound || len(s.Open) != 1 {
		t.Errorf("with the role and the old policies: %+v, %v", s, err)
	}
	if err := database.Guard(t.Context(), pool, things); err != nil {
		t.Fatal(err)
	}
	if s, err := database.RowSecurity(t.Context(), pool); err != nil || s.Mode != database.ByRole {
		t.Errorf("%+v, %v", s, err)
	}
	// Nobody's scope is nothing, whoever the connection belongs to.
	err = pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), "insert into thing values (1, '', 0)"); err != nil {
			return err
		}
		if _, err := tx.Exec(t.Context(), "set local role "+database.Reader); err != nil {
			return err
		}
		var n int
		err := tx.QueryRow(t.Context(), "select count(*) from thing").Scan(&n)
		if n != 0 {
			t.Errorf("without a scope %d things are seen", n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
