package main

import (
	"slices"
	"strings"
	"testing"
)

func TestWhatOthersCanReachNeedsTLS(t *testing.T) {
	for args, want := range map[string]string{
		"--listen 127.0.0.1:8080":                              "http://localhost:8080",
		"--listen [::1]:80":                                    "http://localhost",
		"--listen 0.0.0.0:8080":                                "!--tls internal",
		"--listen 10.1.2.3:8080":                               "!--tls internal",
		"--mqtt :1883":                                         "!--tls internal",
		"--mqtt city.example:1883":                             "!--tls internal",
		"--tls internal --listen 10.1.2.3:8443":                "https://10.1.2.3:8443",
		"--tls internal --listen :443":                         "!--host",
		"--tls internal --listen :443 --host city.example":     "https://city.example",
		"--tls internal --listen :8443 --host a.test --host b": "https://a.test:8443",
		"--tls internal --listen [2001:db8::1]:443":            "https://[2001:db8::1]",
		"--tls internal":                                       "https://localhost:8080",
		"--tls other":                                          "!internal",
		"--tls-cert a":                                         "!go together",
		"--tls-cert a --tls-key b --tls internal":              "!either",
		"--http-redirect :80":                                  "!leads to TLS",
		"--listen":                                             "!empty",
	} {
		list := strings.Fields(args)
		if args == "--listen" {
			list = []string{"--listen="}
		}
		c := parsed(t, append(list, "--data", t.TempDir())...)
		err := c.prepare()
		if problem, refused := strings.CutPrefix(want, "!"); refused {
			if err == nil || !strings.Contains(err.Error(), problem) {
				t.Errorf("%s: %v, want …%s…", args, err, problem)
			}
			continue
		}
		if err != nil || c.base() != want {
			t.Errorf("%s: %s, %v, want %s", args, c.base(), err, want)
		}
	}
}

func TestDevicesBeyondThisMachineSpeakTLSAndTheSimulatorNeedNot(t *testing.T) {
	c := parsed(t, "--tls", "internal", "--listen", ":8443", "--host", "city.example", "--mqtt", "10.1.2.3:8883", "--data", t.TempDir())
	if err := c.prepare(); err != nil {
		t.Fatal(err)
	}
	shown, err := c.certificate()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(shown.Leaf().DNSNames, "city.example") || shown.Leaf().VerifyHostname("10.1.2.3") != nil {
		t.Errorf("the certificate is for %v %v", shown.Leaf().DNSNames, shown.Leaf().IPAddresses)
	}
	if c.mqttTLS(shown) == nil || c.webOptions(shown).CA == nil {
		t.Error("no TLS")
	}
	c.mqtt = "127.0.0.1:1883"
	if c.mqttTLS(shown) != nil {
		t.Error("TLS for the simulator")
	}
	if c.mqttTLS(nil) != nil || c.webOptions(nil).TLS != nil {
		t.Error("TLS without a certificate")
	}
}
