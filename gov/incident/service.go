package incident

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"sync/atomic"
	"time"

	"onecity/internal/calendar"
	"onecity/internal/database"
	"onecity/internal/flow"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Schema is the module's own in the database.
const Schema = "incident"

// OnDuty says with which units a subject is on duty now; it may read in the
// transaction. Sub-package duty knows.
type OnDuty func(ctx context.Context, tx pgx.Tx, subject string) (units []string, err error)

// Options of the loop. The same are given to Machine and to Open.
type Options struct {
	// OnDuty: nil is nobody, so that only who is named by a case may handle it,
	// or who may send.
	OnDuty OnDuty
	// KnowsUnit reports whether a unit is registered; nil: any word is.
	KnowsUnit func(id string) bool
	// Name is a subject's for people; nil: the subject itself.
	Name func(ctx context.Context, subject string) string
	// Kept is told of each proof in the transaction that keeps it, and may refuse
	// it; nil: nothing. Sub-package evidence links it to the one before.
	Kept func(ctx context.Context, tx pgx.Tx, c Case, p Proof) error
	// Classes are the register that an empty database begins with.
	Classes []Class
	// Prefix is the character or word that the numbers of the city's cases begin
	// with, such as 昆; nil: "案".
	Prefix func() string
	// Calendar says what working time is; nil: calendar.Default.
	Calendar func() *calendar.Calendar
	// Now is the clock; nil: time.Now.
	Now func() time.Time
	Log *slog.Logger // nil: slog.Default
}

func (o *Options) fill() {
	if o.Name == nil {
		o.Name = func(_ context.Context, subject string) string { return subject }
	}
	if o.Prefix == nil {
		o.Prefix = func() string { return "案" }
	}
	if o.Calendar == nil {
		c := calendar.Default()
		o.Calendar = func() *calendar.Calendar { return c }
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
}

// Service keeps the cases of one city. It is safe for concurrent use.
type Service struct {
	pool    *pgxpool.Pool
	wall    *database.Wall
	engine  *flow.Engine
	opt     Options
	classes atomic.Pointer[[]Class] // all, by code and date
}

// Open brings the tables up to date and fills an empty register of classes.
// The engine must know Machine(o).
func Open(ctx context.Context, pool *pgxpool.Pool, engine *flow.Engine, o Options) (*Service, error) {
	o.fill()
	if _, err := engine.Machine(MachineName); err != nil {
		return nil, fmt.Errorf("open the cases: %w", err)
	}
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("read the cases' migrations: %w", err)
	}
	if err := database.Migrate(ctx, pool, Schema, files); err != nil {
		return nil, err
	}
	if err := database.Guard(ctx, pool, guarded()...); err != nil {
		return nil, fmt.Errorf("open the cases: %w", err)
	}
	wall, err := database.WallOf(ctx, pool)
	if err != nil {
		return nil, fmt.Errorf("open the cases: %w", err)
	}
	s := &Service{pool: pool, wall: wall, engine: engine, opt: o}
	return s, s.keepClasses(ctx)
}

// What can be wrong with what is asked of the Service, beside flow's errors.
var (
	// ErrUnknown: there is no such case, or it is not for the asker to see.
	ErrUnknown = errors.New("no such case")
	// ErrConflict: somebody was faster. As *Conflict it tells who.
	ErrConflict = errors.New("somebody was faster")
	// ErrReused: the sender's id of a command was another command's before.
	ErrReused = errors.New("the id was another command's")
	// ErrNotAllowed: the actor has no right to it.
	ErrNotAllowed = errors.New("not allowed")
	// ErrInvalid: what was given cannot be kept. As *Invalid it says which field.
	ErrInvalid = errors.New("cannot be kept")
)

// Conflict is an ErrConflict: who has changed the case meanwhile, and how.
type Conflict struct {
	By      string // subject
	ByName  string
	Event   flow.Event
	State   flow.State
	Version int64
}

func (c *Conflict) Error() string {
	return fmt.Sprintf("%v: %s (%s), the case is %s, version %d", ErrConflict, c.By, c.Event, c.State, c.Version)
}
func (c *Conflict) Unwrap() error { return ErrConflict }

// Invalid is an ErrInvalid.
type Invalid struct {
	Field string // a member of what was given, such as "text"
	Why   flow.Text
}

func (i *Invalid) Error() string { return fmt.Sprintf("%s %v: %s", i.Field, ErrInvalid, i.Why.EN) }
func (i *Invalid) Unwrap() error { return ErrInvalid }
