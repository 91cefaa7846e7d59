//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The pages in a real browser: the scripts are in web/app/e2e, this starts the
// program for them and hands its addresses over.
func TestPagesInABrowser(t *testing.T) {
	inBrowser(t, "kunshan", "e2e")
}

// Real streets, real names and buildings in 3D: OpenStreetMap's Andorra.
func TestAndorraInABrowser(t *testing.T) {
	inBrowser(t, "andorra", "e2e:andorra")
}

// inBrowser runs a script of web/app against a new program with that city, whose
// charts another site may show.
func inBrowser(t *testing.T, city, script string) {
	t.Helper()
	// Another name than the program's: to a browser, another site.
	portal := "http://" + strings.Replace(freeAddr(t), "127.0.0.1", "localhost", 1)
	p := newProgram(t, "--city", city, "--origin", portal)
	p.start()
	cmd := exec.Command("npm", "--prefix", "../../web/app", "run", script)
	cmd.Env = append(os.Environ(), "ONECITY_URL="+p.url, "ONECITY_MQTT="+p.mqtt, "ONECITY_BIN="+binary(t),
		"ONECITY_TOKEN="+p.token(), "ONECITY_PORTAL="+portal,
		"ONECITY_PEOPLE="+filepath.Join(p.dir, "first-sign-in.txt"))
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatalf("the browser tests failed: %v", err)
	}
}
