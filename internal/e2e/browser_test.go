//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"testing"
)

// The pages in a real browser: the scripts are in web/app/e2e, this starts the
// program for them and hands its addresses over.
func TestPagesInABrowser(t *testing.T) {
	p := newProgram(t, "--city", "kunshan")
	p.start()
	cmd := exec.Command("npm", "--prefix", "../../web/app", "run", "e2e")
	cmd.Env = append(os.Environ(), "ONECITY_URL="+p.url, "ONECITY_MQTT="+p.mqtt, "ONECITY_BIN="+binary(t))
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatalf("the browser tests failed: %v", err)
	}
}
