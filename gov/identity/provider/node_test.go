package provider_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"onecity/gov/identity/provider"
	"onecity/internal/need"
)

// openid-client (npm) is a client that shares no code with us.
func TestAnIndependentClientSignsInAndRenews(t *testing.T) {
	w := theTown(t)
	node := need.Program(t, "node", "nodejs")
	module := need.File(t, "../../../web/app/node_modules/openid-client/build/index.js", "run `npm --prefix web/app ci`")
	module, err := filepath.Abs(module)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		id, kind, auth string
	}{{"node-web", provider.Web, "basic"}, {"node-post", provider.Web, "post"}, {"node-native", provider.Native, "none"}} {
		t.Run(x.auth, func(t *testing.T) {
			a := web(x.id)
			a.Kind = x.kind
			if x.kind == provider.Native { // a port that is found when the program runs
				a.Redirects = []string{"http://127.0.0.1/callback"}
			}
			c := w.launch(t, a)
			redirect := c.redirect()
			if x.kind == provider.Native {
				redirect = "http://127.0.0.1:61234/callback"
			}
			cmd := exec.CommandContext(t.Context(), node, "testdata/client.mjs", module, w.p.Issuer(), x.id, c.secret, x.auth, redirect)
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			if want := w.subject("city.officer"); !strings.Contains(string(out), "signed in "+want) || !strings.Contains(string(out), "all refused") {
				t.Errorf("%s", out)
			}
		})
	}
}
