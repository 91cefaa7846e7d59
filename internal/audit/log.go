package audit

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"onecity/internal/database"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Errors a caller may want to tell apart.
var (
	ErrEntry    = errors.New("this is no audit entry")
	ErrNotFound = errors.New("there is no such audit entry")
	ErrUnsealed = errors.New("the entry is not sealed yet")
	ErrErased   = errors.New("the entry is forgotten already")
	// ErrContradicts: what is in the database is not what was sealed. The
	// sealer stops sealing, entries are still taken.
	ErrContradicts = errors.New("the log contradicts its checkpoints")
)

// guarded are the tables that searches may touch. A leaf is a number and a
// digest, and tells nothing.
func guarded() []database.Guarded {
	return []database.Guarded{
		{Table: "audit.entry", Sees: database.Within("region", "org")},
		{Table: "audit.leaf", Sees: "true"},
	}
}

// Migrate makes the schema "audit" or brings it up to date.
func Migrate(ctx context.Context, pool *pgxpool.Pool) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("migrate audit: %w", err)
	}
	if err := database.Migrate(ctx, pool, "audit", files); err != nil {
		return err
	}
	if err := database.Guard(ctx, pool, guarded()...); err != nil {
		return fmt.Errorf("migrate audit: %w", err)
	}
	return nil
}

// Options of Open; the zero value works for a log that is only appended to and
// read.
type Options struct {
	// Dir is where the signing keys, the checkpoints and the leaves are kept
	// outside the database ("<data>/audit"). Without it Run has nothing to
	// sign with and refuses.
	Dir string
	// Hash is that of a log that is made now; default SHA256. A log that is
	// there keeps its own.
	Hash Hash
	// Key is the Ed25519 key (PKCS #8 in PEM, as `openssl genpkey -algorithm
	// ed25519` writes it); default Dir/key.pem, made when it is not there.
	// Several programs on one database should share one: who verifies must
	// know the key of each.
	Key string
	// SM2 signs every checkpoint a second time, with the SM2 key 国密 of
	// Dir/sm2.pem, made when it is not there.
	SM2 bool
	// Interval is the time between two looks for entries to seal; default 1 s.
	Interval time.Duration
	// Keep is the shortest time between two checkpoints that are kept for good,
	// in the database and outside; default 1 min. The newest is always there.
	Keep time.Duration
	// Witnesses are further places for the kept checkpoints: folders, or
	// addresses (http, https) that each is POSTed to.
	Witnesses []string
	// Window is how long equal reads are told as one (Note); default 1 min.
	Window time.Duration
	// Log is told what happens to the log; default slog.Default.
	Log *slog.Logger
}

// Log is the audit log of one database. It is safe for use by many.
type Log struct {
	pool   *pgxpool.Pool
	wall   *database.Wall
	o      Options
	hash   Hash
	origin string
	log    *slog.Logger
	reads  *reads
	halt   halt
}

// Open opens the log of a migrated database, and makes it when it is new.
func Open(ctx context.Context, pool *pgxpool.Pool, o Options) (*Log, error) {
	if o.Hash == "" {
		o.Hash = SHA256
	}
	if err := o.Hash.valid(); err != nil {
		return nil, fmt.Errorf("open the audit log: %w", err)
	}
	orElse(&o.Interval, time.Second)
	orElse(&o.Keep, time.Minute)
	orElse(&o.Window, time.Minute)
	if o.Log == nil {
		o.Log = slog.Default()
	}
	l := &Log{pool: pool, o: o, log: o.Log.With("part", "audit")}
	const once = `insert into audit.log (origin, hash) values ($1, $2) on conflict do nothing`
	if _, err := pool.Exec(ctx, once, "onecity/audit/"+uuid.NewString(), string(o.Hash)); err != nil {
		return nil, fmt.Errorf("open the audit log: %w", err)
	}
	const ask = `select origin, hash from audit.log`
	if err := pool.QueryRow(ctx, ask).Scan(&l.origin, &l.hash); err != nil {
		return nil, fmt.Errorf("open the audit log: %w", err)
	}
	if err := l.hash.valid(); err != nil {
		return nil, fmt.Errorf("open the audit log: %w", err)
	}
	var err error
	if l.wall, err = database.WallOf(ctx, pool); err != nil {
		return nil, fmt.Errorf("open the audit log: %w", err)
	}
	l.reads = newReads(o.Window)
	return l, nil
}

// Origin names the log, in every checkpoint: "onecity/audit/<uuid>".
func (l *Log) Origin() string { return l.origin }

// Verifiers are the public keys that checkpoints are checked with, a line each
// ([ParseVerifier] reads them). They should be kept where the checkpoints are.
func (l *Log) Verifiers() (string, error) {
	b, err := os.ReadFile(filepath.Join(l.o.Dir, verifiersFile))
	if err != nil {
		return "", fmt.Errorf("read the public keys of the audit log: %w", err)
	}
	return string(b), nil
}

// Hash is the log's hash function.
func (l *Log) Hash() Hash { return l.hash }

func orElse(d *time.Duration, otherwise time.Duration) {
	if *d == 0 {
		*d = otherwise
	}
}
