package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"

	"onecity/internal/certificate"
	"onecity/internal/doctor"
	"onecity/web"

	"github.com/spf13/pflag"
)

// transport is how the server is reached over the network.
type transport struct {
	tls, cert, key string
	redirect       string // address of a listener in the clear that leads to TLS
}

func (t *transport) bind(f *pflag.FlagSet) {
	f.StringVar(&t.tls, "tls", env("ONECITY_TLS", ""), `"internal" is TLS with a certificate authority of our own, kept in <data>/tls; needed to listen beyond this machine`)
	f.StringVar(&t.cert, "tls-cert", env("ONECITY_TLS_CERT", ""), "TLS with the certificate chain of this file, PEM; a new one is taken when the file changes")
	f.StringVar(&t.key, "tls-key", env("ONECITY_TLS_KEY", ""), "its key, PEM")
	f.StringVar(&t.redirect, "http-redirect", env("ONECITY_HTTP_REDIRECT", ""), "address such as :80, from which readers are led to TLS")
}

func (t *transport) on() bool { return t.tls != "" || t.cert != "" }

// kind is the transport as the doctor calls it.
func (t *transport) kind() string {
	if t.cert != "" {
		return "files"
	}
	return t.tls
}

func (t *transport) check() error {
	switch {
	case t.tls != "" && t.tls != "internal":
		return fmt.Errorf(`--tls is %q: it can be "internal"; for a certificate of your own say --tls-cert and --tls-key`, t.tls)
	case (t.cert == "") != (t.key == ""):
		return errors.New("--tls-cert and --tls-key go together")
	case t.tls != "" && t.cert != "":
		return errors.New("say either --tls internal or --tls-cert and --tls-key")
	case t.redirect != "" && !t.on():
		return errors.New("--http-redirect leads to TLS: say --tls internal, or --tls-cert and --tls-key, too")
	}
	return nil
}

// secure checks what is reached from where, and completes the names.
func (c *config) secure() error {
	if err := c.transport.check(); err != nil {
		return err
	}
	for flag, address := range map[string]string{"--listen": c.listen, "--mqtt": c.mqtt} {
		if address == "" || private(address) {
			continue
		}
		if !c.transport.on() {
			return fmt.Errorf("%s %s can be reached by others than this machine: say --tls internal (a certificate authority of its own) "+
				"or --tls-cert and --tls-key, or listen on a loopback address", flag, address)
		}
		if host, _, err := net.SplitHostPort(address); err == nil && host != "" && !net.ParseIP(host).IsUnspecified() && !slices.Contains(c.hosts, host) {
			c.hosts = append(c.hosts, host)
		}
	}
	if !private(c.listen) && len(c.hosts) == 0 {
		return fmt.Errorf("--listen %s is every address of this machine: say with --host by which name or address people reach it", c.listen)
	}
	return nil
}

// settings are what the doctor asks about.
func (c *config) settings() doctor.Settings {
	return doctor.Settings{
		Data: c.data, Listen: c.listen, MQTT: c.mqtt, Hosts: c.hosts, Origins: c.origins,
		TLS: c.transport.kind(), Cert: c.transport.cert, Key: c.transport.key, Demo: c.demo(),
		ExternalNATS: c.natsURL != "", ExternalDatabase: c.databaseURL != "", Witnesses: c.witnesses,
	}
}

// private reports whether only this machine reaches an address. One that is none
// reaches nobody: who tries to listen there says so.
func private(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return true
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// certificate is what the server shows; nil without TLS.
func (c *config) certificate() (*certificate.Source, error) {
	switch {
	case c.transport.cert != "":
		return certificate.Files(c.transport.cert, c.transport.key, nil)
	case c.transport.tls != "":
		return certificate.Internal(certificate.Options{Dir: c.in("tls"), Names: c.hosts})
	}
	return nil, nil
}

// mqttTLS: devices of this machine, such as the simulator's, speak in the
// clear; all others over TLS.
func (c *config) mqttTLS(source *certificate.Source) *tls.Config {
	if source == nil || c.mqtt == "" || private(c.mqtt) {
		return nil
	}
	return source.Config()
}

// webOptions are those of the web server.
func (c *config) webOptions(source *certificate.Source) web.Options {
	o := web.Options{Origins: c.origins, Hosts: c.hosts}
	if source != nil {
		o.TLS, o.CA = source.Config(), source.CA()
	}
	return o
}

// port is where the server listens.
func (c *config) port() string {
	_, port, err := net.SplitHostPort(c.listen)
	if err != nil {
		return ""
	}
	return port
}

// shownAddress is where the server can be reached, as it tells when it starts.
func (c *config) shownAddress(l net.Listener) string {
	if c.transport.on() {
		return c.base() + "/"
	}
	return "http://" + l.Addr().String() + "/"
}

// base is the server's address as browsers write it.
func (c *config) base() string {
	scheme, usual := "http", "80"
	if c.transport.on() {
		scheme, usual = "https", "443"
	}
	host, port, err := net.SplitHostPort(c.listen)
	if err != nil {
		return scheme + "://" + c.listen
	}
	if port == usual {
		port = ""
	}
	if len(c.hosts) > 0 {
		host = c.hosts[0]
	} else if private(c.listen) {
		host = "localhost"
	}
	if port != "" {
		return scheme + "://" + net.JoinHostPort(host, port)
	}
	if ip := net.ParseIP(host); ip != nil && ip.To4() == nil {
		host = "[" + host + "]"
	}
	return scheme + "://" + host
}
