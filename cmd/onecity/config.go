package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"onecity/internal/audit"

	"github.com/spf13/cobra"
)

// config is what `serve` can be told, by flags or by the environment.
type config struct {
	city        string // profile to load into an empty city, or "none"
	data        string
	listen      string
	mqtt        string
	natsURL     string
	databaseURL string
	feeds       string // folder of contracts; empty means the examples
	origins     []string
	hosts       []string
	witnesses   []string // further places of the audit log's checkpoints
	auditHash   string   // of a log that is made now
	auditSM2    bool     // sign checkpoints with SM2 too
	verbose     bool
	transport   transport

	upstreamIssuer, upstreamClient, upstreamClaim string
}

func (c *config) bind(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&c.city, "city", env("CITY", "kunshan"), `what an empty city begins with: "kunshan", "andorra" or "none"`)
	f.StringVar(&c.data, "data", env("ONECITY_DATA", ""), "where everything is kept (default data/<city>)")
	f.StringVar(&c.listen, "listen", env("ONECITY_LISTEN", "127.0.0.1:8080"), "HTTP address; beyond this machine it needs TLS")
	f.StringVar(&c.mqtt, "mqtt", env("ONECITY_MQTT", "127.0.0.1:1883"), "address of the embedded broker's MQTT listener; empty means none")
	f.StringVar(&c.natsURL, "nats-url", env("ONECITY_NATS_URL", ""), "an external NATS server in place of the embedded one")
	f.StringVar(&c.databaseURL, "database-url", env("ONECITY_DATABASE_URL", ""), "a real PostgreSQL 15–18 in place of the private one")
	f.StringVar(&c.feeds, "feeds", env("ONECITY_FEEDS", ""), "folder of feed contracts (default: the built-in examples)")
	f.StringSliceVar(&c.origins, "origin", nil, "origin that may embed widgets and open live sockets, such as https://portal.example")
	f.StringSliceVar(&c.hosts, "host", nil, "name that the server goes by, beside the loopback ones")
	f.StringVar(&c.upstreamIssuer, "upstream-issuer", env("ONECITY_UPSTREAM_ISSUER", ""), "another OpenID provider that people may sign in at; its secret is in the file ONECITY_UPSTREAM_SECRET_FILE")
	f.StringVar(&c.upstreamClient, "upstream-client", env("ONECITY_UPSTREAM_CLIENT", "onecity"), "our client_id there")
	f.StringVar(&c.upstreamClaim, "upstream-claim", env("ONECITY_UPSTREAM_CLAIM", ""), "claim that holds the login (default preferred_username)")
	f.StringVar(&c.auditHash, "audit-hash", env("ONECITY_AUDIT_HASH", string(audit.SHA256)), "hash of an audit log that is made now: sha-256, or sm3 (国密)")
	f.BoolVar(&c.auditSM2, "audit-sm2", env("ONECITY_AUDIT_SM2", "") == "1", "sign the audit log's checkpoints a second time, with SM2 (国密)")
	f.StringSliceVar(&c.witnesses, "witness", nil, "folder, best on another machine's disk, that keeps the audit log's checkpoints too")
	c.transport.bind(f)
	f.BoolVar(&c.verbose, "verbose", false, "log every request")
}

// prepare fills in defaults and makes the data directory.
func (c *config) prepare() error {
	if c.data == "" {
		c.data = filepath.Join("data", c.city)
	}
	abs, err := filepath.Abs(c.data)
	if err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	c.data = abs
	// The private PostgreSQL may run as another user, who has to get through;
	// nobody else has to see what is there.
	if err := os.MkdirAll(c.data, 0o711); err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	if c.natsURL != "" && c.mqtt != "" {
		// The MQTT listener is the external server's then.
		c.mqtt = ""
	}
	if c.listen == "" {
		return errors.New("--listen is empty: say where to serve, such as 127.0.0.1:8080")
	}
	return c.secure()
}

// demo: the city is one to try the program out with; its people sign in with
// the passwords that are printed, and need no second factor.
func (c *config) demo() bool { return c.city != "none" }

// host is the server's name in base.
func (c *config) host() string {
	u, err := url.Parse(c.base())
	if err != nil {
		return "localhost"
	}
	return u.Hostname()
}

func (c *config) in(name string) string { return filepath.Join(c.data, name) }
