package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"

	"onecity/geo"
	"onecity/gov/identity"
	"onecity/gov/identity/access"
	"onecity/gov/identity/provider"
	"onecity/gov/identity/signin"
	"onecity/gov/incident"
	"onecity/gov/incident/evidence"
	"onecity/gov/incident/exchange"
	"onecity/gov/incident/handover"
	"onecity/gov/incident/warning"
	"onecity/internal/audit"
	"onecity/internal/credentials"
	"onecity/internal/database"
	"onecity/internal/flow"
	"onecity/streams"
	"onecity/web"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/cobra"
)

// toolsSubject is the tools of this machine: import, simulate, replay.
const toolsSubject = "app:tools"

// workersSubject are the crews that the simulator lets work, in a city to try
// the program out.
const workersSubject = "app:workers"

// office is the part of the program that people and their work are kept in.
type office struct {
	pool      *pgxpool.Pool
	log       *audit.Log
	directory *identity.Directory
	signIn    *signin.Service
	flow      *flow.Engine
	handovers *handover.Service
	apps      *provider.Provider
	identity  *web.Identity
	exchange  *exchange.Service
	warnings  *warning.Service
	cases     *incident.Service
	chain     *evidence.Chain
	joined    joined
}

// openOffice opens it in the database of the history.
func (c *config) openOffice(ctx context.Context, dsn string, broker *streams.Broker, devices *credentials.Store) (o *office, err error) {
	pool, err := database.Open(ctx, dsn, "onecity office")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			pool.Close()
		}
	}()
	o = &office{pool: pool}
	if err := audit.Migrate(ctx, pool); err != nil {
		return nil, err
	}
	if o.log, err = audit.Open(ctx, pool, audit.Options{Dir: c.in("audit"), Witnesses: c.witnesses, Hash: audit.Hash(c.auditHash), SM2: c.auditSM2}); err != nil {
		return nil, fmt.Errorf("open the audit log: %w", err)
	}
	if o.directory, err = identity.Open(ctx, pool, o.log.Append, nil); err != nil {
		return nil, fmt.Errorf("open the directory: %w", err)
	}
	o.signIn, err = signin.Open(ctx, pool, o.directory, signin.Options{
		Audit: o.log.Append, KeyFile: c.in("signin.key"), Issuer: "OneCity 一城",
		RPID: c.host(), Origins: []string{c.base()}, NoSecondFactor: c.demo(),
	})
	if err != nil {
		return nil, fmt.Errorf("open the sign-in: %w", err)
	}
	if err := flow.Migrate(ctx, pool); err != nil {
		return nil, err
	}
	if err := o.openJoined(ctx, c); err != nil {
		return nil, err
	}
	if o.flow, err = flow.New(pool, flow.Options{
		Machines: []*flow.Machine{provider.Machine(), o.warnings.Machine(), incident.Machine(o.caseOptions())}, Audit: o.log.Append, Publish: toPartners(o.exchange, outbox(broker)), Sync: broker.Sync,
	}); err != nil {
		return nil, fmt.Errorf("open the workflow: %w", err)
	}
	o.warnings.Use(o.flow)
	if o.chain, err = openEvidence(ctx, pool, o.log, broker); err != nil {
		return nil, err
	}
	if o.cases, err = incident.Open(ctx, pool, o.flow, o.caseOptions()); err != nil {
		return nil, fmt.Errorf("open the cases: %w", err)
	}
	o.apps, err = provider.Open(ctx, pool, o.flow, provider.Options{
		Base: c.base(), KeyFile: c.in("provider.key"), Audit: o.log.Append, SignIn: "/sign-in", SignedOut: "/sign-in",
		Live: func(ctx context.Context, session string) (bool, error) {
			s, err := o.signIn.Alive(ctx, session)
			if errors.Is(err, signin.ErrEnded) {
				return false, nil
			}
			return s.Pending == "", err
		},
		EndSession: func(ctx context.Context, session string) error {
			s, err := o.signIn.Alive(ctx, session)
			if errors.Is(err, signin.ErrEnded) {
				return nil
			}
			if err != nil {
				return err
			}
			return o.signIn.End(ctx, s)
		},
	})
	if err != nil {
		return nil, fmt.Errorf("open the OpenID provider: %w", err)
	}
	if o.handovers, err = handover.Open(ctx, pool, o.log.Append); err != nil {
		return nil, err
	}
	upstream, err := c.upstream(o)
	if err != nil {
		return nil, err
	}
	o.identity = &web.Identity{Upstream: upstream, Directory: o.directory, SignIn: o.signIn, Apps: o.apps, Devices: devices, Secure: c.transport.on()}
	if err := o.admit(ctx, toolsSubject, "steward", c.in("tools.token")); err != nil {
		return nil, err
	}
	if c.demo() {
		// Whoever verifies must be another than who did the work.
		err = o.admit(ctx, workersSubject, "crew", c.in("workers.token"))
	}
	return o, err
}

// admit gives a program of this machine its role and its token.
func (o *office) admit(ctx context.Context, subject, role, file string) error {
	if len(o.directory.Table().Subject(subject).Holds()) == 0 {
		by := identity.System("本机工具 the tools of this machine")
		if _, err := o.directory.Grant(ctx, by, access.Binding{Subject: subject, Role: role}); err != nil {
			return fmt.Errorf("admit %s of this machine: %w", subject, err)
		}
	}
	if err := o.signIn.Keep(ctx, subject, file); err != nil {
		return fmt.Errorf("admit %s of this machine: %w", subject, err)
	}
	return nil
}

// firstPeople fills an empty directory and writes down how each of the first
// people signs in: a city to try the program out gets offices and one person of
// each role, a real one its three administrators.
func (c *config) firstPeople(ctx context.Context, o *office, regions *geo.Regions) error {
	empty, err := o.directory.Empty(ctx)
	if err != nil || !empty {
		return err
	}
	fill := o.directory.SeedAdministrators
	if c.demo() {
		fill = o.directory.Seed
	}
	people, err := fill(ctx, placeOf(regions))
	if err != nil {
		return fmt.Errorf("fill the directory: %w", err)
	}
	var page strings.Builder
	for _, p := range people {
		// 80 bits: enough, and short enough to be typed.
		password := strings.ToLower(rand.Text()[:16])
		password = password[:4] + "-" + password[4:8] + "-" + password[8:12] + "-" + password[12:]
		if err := o.signIn.SetPassword(ctx, identity.System("首次口令 the first password"), p.ID, password, !c.demo()); err != nil {
			return fmt.Errorf("give %s a password: %w", p.Login, err)
		}
		fmt.Fprintf(&page, "%-16s %s  %s · %s\n", p.Login, password, p.Role.ZH, p.On)
	}
	if err := os.WriteFile(c.in("first-sign-in.txt"), []byte(page.String()), 0o600); err != nil {
		return fmt.Errorf("write down how to sign in: %w", err)
	}
	slog.Info("filled the directory", "people", len(people), "sign-in", c.in("first-sign-in.txt"))
	return nil
}

// placeOf is the city's tree of regions, down to its grids.
func placeOf(regions *geo.Regions) identity.Place {
	roots := regions.Roots()
	if len(roots) == 0 {
		return identity.Place{Name: "本市"}
	}
	var take func(r *geo.Region, depth int) identity.Place
	take = func(r *geo.Region, depth int) identity.Place {
		p := identity.Place{Code: string(r.Code), Name: r.Name}
		for _, inner := range regions.Children(r.Code) {
			if depth > 0 {
				p.Inner = append(p.Inner, take(inner, depth-1))
			}
		}
		return p
	}
	return take(roots[0], 3)
}

// readToken is the token that a tool shows: of the flag's file, the
// environment, or the server of this directory.
func readToken(file string) (string, error) {
	if t := env("ONECITY_TOKEN", ""); t != "" && file == "" {
		return t, nil
	}
	asked := file != "" || env("ONECITY_TOKEN_FILE", "") != ""
	if file == "" {
		file = env("ONECITY_TOKEN_FILE", "data/"+env("CITY", "kunshan")+"/tools.token")
	}
	return tokenIn(file, asked)
}

// tokenIn reads a token; without the file there is none, unless it was asked
// for by name.
func tokenIn(file string, asked bool) (string, error) {
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) && !asked {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read the token: %w", err)
	}
	return strings.TrimSpace(string(b)), nil
}

func tokenFlag(cmd *cobra.Command, file *string) {
	cmd.Flags().StringVar(file, "token-file", "", "file of the token to show (default ONECITY_TOKEN, ONECITY_TOKEN_FILE, or data/$CITY/tools.token)")
}

// upstream is the OpenID provider that the city has already, if the
// configuration names one; its secret comes from a file.
func (c *config) upstream(o *office) (*provider.Upstream, error) {
	if c.upstreamIssuer == "" {
		return nil, nil
	}
	var secret []byte
	if file := env("ONECITY_UPSTREAM_SECRET_FILE", ""); file != "" {
		var err error
		if secret, err = os.ReadFile(file); err != nil {
			return nil, fmt.Errorf("read the secret for the upstream sign-in: %w", err)
		}
	}
	return provider.NewUpstream(o.pool, provider.UpstreamOptions{
		Issuer: c.upstreamIssuer, ClientID: c.upstreamClient, Secret: strings.TrimSpace(string(secret)), Redirect: c.base() + "/sign-in/upstream/back",
		Claim: c.upstreamClaim, Find: o.directory.ByLogin, Audit: o.log.Append,
	}), nil
}
