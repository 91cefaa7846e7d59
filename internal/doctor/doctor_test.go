package doctor

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var now = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// safe is a server with which nothing is the matter.
func safe() Facts {
	return Facts{
		Settings: Settings{Data: "/srv/city", Listen: "10.1.2.3:443", MQTT: "10.1.2.3:8883", TLS: "files", Cert: "c", Key: "k",
			Origins: []string{"https://portal.example"}, Witnesses: []string{"/mnt/other"}},
		DataMode: 0o711, Secrets: []File{{"signin.key", 0o600}}, Ends: now.AddDate(0, 3, 0), Free: 100 << 30, Room: 200 << 30,
		Database: &Database{Version: 170006, Wall: "role", Unsealed: time.Second, Skew: time.Second},
	}
}

func TestEachRuleFindsWhatItIsThereForAndNothingElseIsFound(t *testing.T) {
	for _, tc := range []struct {
		name, check string
		grade       Grade
		change      func(*Facts)
	}{
		{"something could not be looked at", "looked", Sick, func(f *Facts) { f.Errors = []error{errors.New("no")} }},
		{"the database was not looked into", "looked", Note, func(f *Facts) { f.Database = nil }},
		{"HTTP in the clear", "listen", Unsafe, func(f *Facts) { f.TLS, f.MQTT = "", "" }},
		{"MQTT in the clear", "listen", Unsafe, func(f *Facts) { f.TLS, f.Listen, f.MQTT = "", "127.0.0.1:80", ":1883" }},
		{"loopback in the clear", "", OK, func(f *Facts) { f.TLS, f.Listen, f.MQTT = "", "localhost:80", "[::1]:1883" }},
		{"a certificate that ends soon", "certificate", Sick, func(f *Facts) { f.Ends = now.AddDate(0, 0, 29) }},
		{"a certificate that has ended", "certificate", Unsafe, func(f *Facts) { f.Ends = now }},
		{"a certificate that is gone", "certificate", Unsafe, func(f *Facts) { f.CertError = os.ErrNotExist }},
		{"an authority that ends within a year", "certificate", Sick, func(f *Facts) { f.TLS, f.Ends = "internal", now.AddDate(0, 11, 0) }},
		{"an authority that lasts", "", OK, func(f *Facts) { f.TLS, f.Ends = "internal", now.AddDate(9, 0, 0) }},
		{"a key that the group may read", "secrets", Unsafe, func(f *Facts) { f.Secrets = append(f.Secrets, File{"provider.key", 0o640}) }},
		{"a directory that others write into", "data", Unsafe, func(f *Facts) { f.DataMode = 0o777 }},
		{"a directory that others may list", "data", Note, func(f *Facts) { f.DataMode = 0o755 }},
		{"demo people with the printed password", "demo", Unsafe, func(f *Facts) { f.Database.Made, f.Database.Unchanged = 9, 1 }},
		{"demo people with the printed password, here", "demo", Note, func(f *Facts) { f.Listen, f.Database.Made, f.Database.Unchanged = "127.0.0.1:1", 9, 1 }},
		{"demo people", "demo", Note, func(f *Facts) { f.Database.Made = 9 }},
		{"printed passwords", "demo", Note, func(f *Facts) { f.Printed = true }},
		{"no second factor", "factor", Unsafe, func(f *Facts) { f.Demo = true }},
		{"no second factor, here", "factor", Note, func(f *Facts) { f.Demo, f.Listen = true, "127.0.0.1:1" }},
		{"all origins", "origins", Unsafe, func(f *Facts) { f.Origins = []string{"https://*.example"} }},
		{"an origin in the clear", "origins", Sick, func(f *Facts) { f.Origins = []string{"http://portal.example"} }},
		{"an old PostgreSQL", "database", Unsafe, func(f *Facts) { f.Database.Version = 140012 }},
		{"a PostgreSQL of the future", "database", Note, func(f *Facts) { f.Database.Version = 190000 }},
		{"a superuser of an external database", "database", Unsafe, func(f *Facts) { f.Database.Super, f.ExternalDatabase = true, true }},
		{"the superuser of our private one", "", OK, func(f *Facts) { f.Database.Super = true }},
		{"a table outside the wall", "wall", Unsafe, func(f *Facts) { f.Database.Open = []string{"cim.object"} }},
		{"no wall", "wall", Sick, func(f *Facts) { f.Database.Wall, f.Database.WallWhy = "none", "start it" }},
		{"a wall by owner", "wall", Note, func(f *Facts) { f.Database.Wall = "owner" }},
		{"commits that get lost", "durable", Unsafe, func(f *Facts) { f.Database.DurableOff = []string{"fsync = off"} }},
		{"an external broker", "durable", Note, func(f *Facts) { f.ExternalNATS = true }},
		{"a clock that is behind", "clock", Sick, func(f *Facts) { f.Database.Skew = -3 * time.Second }},
		{"a log that is not sealed", "sealed", Unsafe, func(f *Facts) { f.Database.Unsealed = 61 * time.Second }},
		{"no witness", "witness", Sick, func(f *Facts) { f.Witnesses = nil }},
		{"a witness inside", "witness", Sick, func(f *Facts) { f.Witnesses = []string{"/srv/city/audit/../witness"} }},
		{"a witness beside", "", OK, func(f *Facts) { f.Witnesses = []string{"/srv/city-witness"} }},
		{"a disk that is nearly full", "disk", Sick, func(f *Facts) { f.Free = 1 << 30 }},
		{"a disk that is full", "disk", Unsafe, func(f *Facts) { f.Free = 100 << 20 }},
		{"a small share of a huge disk", "", OK, func(f *Facts) { f.Free, f.Room = 50<<30, 1000<<30 }},
		{"nothing", "", OK, func(*Facts) {}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := safe()
			tc.change(&f)
			r := Judge(f, now)
			for _, x := range r.Findings {
				switch {
				case x.Check == tc.check && x.Grade != tc.grade:
					t.Errorf("%s is %s, want %s: %s", x.Check, x.Grade, tc.grade, x.EN)
				case x.Check != tc.check && x.Grade != OK:
					t.Errorf("%s is %s: %s", x.Check, x.Grade, x.EN)
				}
				if x.ZH == "" || x.EN == "" || x.Do == "" && x.Grade != OK && x.Grade != Note {
					t.Errorf("%s does not say what is the matter and what to do: %+v", x.Check, x)
				}
			}
			if (r.Unsafe > 0) != (tc.grade == Unsafe) || (r.Sick > 0) != (tc.grade == Sick) {
				t.Errorf("%d unsafe, %d sick", r.Unsafe, r.Sick)
			}
		})
	}
}

func TestSecretsOfADirectoryAreFoundAndTheStoresAreLeftAlone(t *testing.T) {
	dir := t.TempDir()
	put := func(name string, mode os.FileMode) {
		t.Helper()
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte("x"), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, mode); err != nil { // whatever the umask is
			t.Fatal(err)
		}
	}
	put("signin.key", 0o644)
	put("tools.token", 0o600)
	put("first-sign-in.txt", 0o600)
	put("audit/key.pem", 0o600)
	put("tls/ca.key", 0o600)
	put("tls/ca.crt", 0o644)
	put("readme.txt", 0o644)
	put("postgres/server.key", 0o644)
	put("feeds/a/deep.key", 0o644)
	want := Settings{Data: dir, Listen: "127.0.0.1:1", Hosts: []string{"a"}, TLS: "internal", Demo: true, Witnesses: []string{"/w"}}
	if err := want.Save(); err != nil {
		t.Fatal(err)
	}
	s, ok, err := Load(dir)
	if err != nil || !ok || s.Listen != want.Listen || !s.Demo || s.TLS != want.TLS || len(s.Witnesses) != 1 {
		t.Fatalf("the settings come back as %+v, %v, %v", s, ok, err)
	}
	f := Look(s)
	var got []string
	for _, x := range f.Secrets {
		got = append(got, x.Path)
	}
	if list := strings.Join(got, " "); list != "audit/key.pem first-sign-in.txt signin.key tls/ca.key tools.token" {
		t.Errorf("the secrets are %s", list)
	}
	if !f.Printed || f.Free <= 0 || f.Room < f.Free || len(f.Errors) > 0 {
		t.Errorf("%+v", f)
	}
	if f.CertError == nil {
		t.Error("a file that is no certificate is one")
	}
	r := Judge(f, time.Now())
	var text strings.Builder
	if err := r.Text(&text, false); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text.String(), "signin.key (644)") || strings.Contains(text.String(), "tools.token (") {
		t.Errorf("the report:\n%s", text.String())
	}
	if b, err := json.Marshal(r); err != nil || !strings.Contains(string(b), `"check":"secrets","grade":"unsafe"`) {
		t.Errorf("as JSON: %s, %v", b, err)
	}
	if _, ok, err := Load(t.TempDir()); ok || err != nil {
		t.Errorf("settings that nobody left: %v, %v", ok, err)
	}
	if f := Look(Settings{Data: filepath.Join(dir, "none")}); len(f.Errors) == 0 {
		t.Error("a directory that is not there is fine")
	}
}
