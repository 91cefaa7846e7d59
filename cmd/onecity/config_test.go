package main

import (
	"path/filepath"
	"testing"

	"github.com/spf13/cobra"
)

func parsed(t *testing.T, args ...string) *config {
	t.Helper()
	var c config
	cmd := &cobra.Command{Use: "serve"}
	c.bind(cmd)
	if err := cmd.ParseFlags(args); err != nil {
		t.Fatal(err)
	}
	return &c
}

func TestAFlagBeatsTheEnvironmentAndThatTheDefault(t *testing.T) {
	t.Setenv("CITY", "andorra")
	t.Setenv("ONECITY_LISTEN", "127.0.0.1:1")
	c := parsed(t, "--listen", "127.0.0.1:2", "--origin", "https://a.example,https://b.example", "--origin", "https://c.example")
	if c.city != "andorra" || c.listen != "127.0.0.1:2" || c.mqtt != "127.0.0.1:1883" {
		t.Errorf("city %q, listen %q, mqtt %q", c.city, c.listen, c.mqtt)
	}
	if len(c.origins) != 3 {
		t.Errorf("origins %q", c.origins)
	}
}

func TestEachCityHasADataDirectoryOfItsOwn(t *testing.T) {
	t.Setenv("ONECITY_DATA", "")
	dir := t.TempDir()
	t.Chdir(dir)
	c := parsed(t, "--city", "andorra")
	if err := c.prepare(); err != nil {
		t.Fatal(err)
	}
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := filepath.EvalSymlinks(c.data); err != nil || got != filepath.Join(real, "data", "andorra") {
		t.Errorf("data in %q, %v", got, err)
	}
}

func TestAnExternalBrokerHasItsOwnMQTTListener(t *testing.T) {
	c := parsed(t, "--nats-url", "nats://127.0.0.1:4222", "--data", t.TempDir())
	if err := c.prepare(); err != nil {
		t.Fatal(err)
	}
	if c.mqtt != "" {
		t.Errorf("MQTT on %q too", c.mqtt)
	}
}
