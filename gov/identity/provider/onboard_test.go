package provider_test

import (
	"errors"
	"net/http"
	"net/url"
	"testing"
	"time"

	"onecity/gov/identity"
	"onecity/gov/identity/access"
	"onecity/gov/identity/provider"
	"onecity/internal/flow"
)

func TestTheOnboardingMachineIsWhole(t *testing.T) {
	if err := provider.Machine().Check(); err != nil {
		t.Error(err)
	}
}

func TestAnApplicationIsTestedApprovedByAnotherAndPutLive(t *testing.T) {
	w := theTown(t)
	a, secret := w.draft(t, web("onboarded"))
	c := w.client(a, secret)
	officer, security := w.as("city.officer"), w.as("city.security")

	if err := w.fire(t, officer, a, "test"); !errors.Is(err, flow.ErrGuard) {
		t.Errorf("submitted without a test: %v", err)
	}
	// People of other organisations cannot try it out.
	w.sits("town.operator", provider.Password)
	wants(t, c, nil, "access_denied")
	if err := w.fire(t, officer, a, "test"); !errors.Is(err, flow.ErrGuard) {
		t.Errorf("a refused sign-in counts: %v", err)
	}
	w.sits("city.leader", provider.Password)
	c.code(t) // as does one of which no token was fetched
	if err := w.fire(t, officer, a, "test"); !errors.Is(err, flow.ErrGuard) {
		t.Errorf("half a sign-in counts: %v", err)
	}
	c.signIn(t)
	got, err := w.p.App(t.Context(), officer, a.ID)
	if err != nil || got.Test == nil || got.Test.By != w.subject("city.leader") {
		t.Fatalf("%+v, %v", got.Test, err)
	}

	// A change makes a new test necessary.
	got.Redirects = append(got.Redirects, callback+"/2")
	if got, err = w.p.EditApp(t.Context(), officer, got); err != nil || got.Test != nil {
		t.Fatalf("%+v, %v", got.Test, err)
	}
	if err := w.fire(t, officer, a, "test"); !errors.Is(err, flow.ErrGuard) {
		t.Errorf("an old test counts: %v", err)
	}
	c.app = got
	c.signIn(t)
	if err := w.fire(t, officer, a, "test"); err != nil {
		t.Fatal(err)
	}

	// Approval: not by whoever lacks the right, nor by the same hands.
	if err := w.fire(t, officer, a, "approve"); !errors.Is(err, flow.ErrNotAllowed) {
		t.Errorf("approved without the right: %v", err)
	}
	mighty := officer
	mighty.Rights = everything(officer.Subject)
	if err := w.fire(t, mighty, a, "approve"); !errors.Is(err, flow.ErrNotAllowed) {
		t.Errorf("approved by the same hands: %v", err)
	}
	if err := w.fire(t, security, a, "approve"); err != nil {
		t.Fatal(err)
	}
	// Between approval and going live nobody uses it.
	wants(t, c, nil, "unauthorized_client")
	if err := w.fire(t, security, a, "go-live"); err != nil {
		t.Fatal(err)
	}
	w.sits("town.operator", provider.Password)
	if a := c.signIn(t); a.Refresh == "" {
		t.Error("no refresh token")
	}

	// What was approved stays as it is.
	got, err = w.p.App(t.Context(), officer, a.ID)
	if err != nil || got.State != provider.Live {
		t.Fatalf("%+v, %v", got, err)
	}
	got.Contact = "钱立新"
	if got, err = w.p.EditApp(t.Context(), officer, got); err != nil || got.Test == nil {
		t.Errorf("a new contact: %v", err)
	}
	got.Redirects = []string{"https://elsewhere.example.cn/"}
	var field *identity.FieldError
	if _, err = w.p.EditApp(t.Context(), officer, got); !errors.As(err, &field) || field.Code != "state" {
		t.Errorf("a live application's addresses were changed: %v", err)
	}
}

func TestTheLastHandOnADraftDoesNotApproveIt(t *testing.T) {
	w := theTown(t)
	a, secret := w.draft(t, web("last-hand"))
	security := w.as("city.security")
	security.Rights = everything(security.Subject)
	a.Logouts = nil
	a, err := w.p.EditApp(t.Context(), security, a)
	if err != nil {
		t.Fatal(err)
	}
	w.client(a, secret).signIn(t)
	if err := w.fire(t, w.as("city.officer"), a, "test"); err != nil {
		t.Fatal(err)
	}
	if err := w.fire(t, security, a, "approve"); !errors.Is(err, flow.ErrGuard) {
		t.Errorf("approved by whoever changed it: %v", err)
	}
}

func TestASuspendedApplicationIsCutOffAtOnce(t *testing.T) {
	w := theTown(t)
	c := w.launch(t, web("suspended"))
	tokens, code := c.signIn(t), c.code(t)
	security := w.as("city.security")
	if _, err := w.p.Verify(t.Context(), tokens.Access); err != nil {
		t.Fatal(err)
	}
	if err := w.fire(t, security, c.app, "suspend"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the access token is refused", func() bool {
		_, err := w.p.Verify(t.Context(), tokens.Access)
		return errors.Is(err, provider.ErrToken)
	})
	wants(t, c, nil, "unauthorized_client")
	if a := c.exchange(t, code, nil); a.Error != "invalid_client" {
		t.Errorf("its code: %+v", a)
	}
	if a := c.renew(t, tokens.Refresh); a.Error != "invalid_client" {
		t.Errorf("its refresh token: %+v", a)
	}
	if err := w.fire(t, security, c.app, "resume"); err != nil {
		t.Fatal(err)
	}
	// What was cut off stays so.
	if a := c.renew(t, tokens.Refresh); a.Error != "invalid_grant" {
		t.Errorf("its refresh token afterwards: %+v", a)
	}
	c.signIn(t)
}

func TestARejectedApplicationIsRevisedOrClosed(t *testing.T) {
	w := theTown(t)
	a, secret := w.draft(t, web("rejected"))
	w.client(a, secret).signIn(t)
	officer, security := w.as("city.officer"), w.as("city.security")
	for _, step := range []struct {
		by    identity.By
		event flow.Event
		state string
	}{{officer, "test", provider.Tested}, {security, "reject", provider.Rejected}, {officer, "revise", provider.Draft},
		{officer, "test", provider.Tested}, {officer, "withdraw", provider.Draft}, {officer, "close", provider.Closed}} {
		if err := w.fire(t, step.by, a, step.event); err != nil {
			t.Fatalf("%s: %v", step.event, err)
		}
		if got, err := w.p.App(t.Context(), officer, a.ID); err != nil || got.State != step.state {
			t.Fatalf("after %s it is %s, %v", step.event, got.State, err)
		}
	}
	wants(t, w.client(a, secret), nil, "unauthorized_client")
	if _, err := w.p.NewSecret(t.Context(), officer, a.ID, false); err == nil {
		t.Error("a closed application has a new secret")
	}
}

func TestRightsEndAtTheOwnersSubtree(t *testing.T) {
	w := theTown(t)
	a, _ := w.draft(t, web("of-the-city"))
	town, auditor := w.as("town.admin"), w.as("city.auditor")
	if _, err := w.p.App(t.Context(), town, a.ID); !errors.Is(err, identity.ErrNotFound) {
		t.Errorf("seen from elsewhere: %v", err)
	}
	if got, err := w.p.App(t.Context(), auditor, a.ID); err != nil || got.OrgName == "" {
		t.Errorf("not seen by an auditor: %v", err)
	}
	if _, err := w.p.EditApp(t.Context(), town, a); !errors.Is(err, identity.ErrRefused) {
		t.Errorf("edited from elsewhere: %v", err)
	}
	if _, err := w.p.NewSecret(t.Context(), auditor, a.ID, true); !errors.Is(err, identity.ErrRefused) {
		t.Errorf("a secret for an auditor: %v", err)
	}
	stolen := web("stolen")
	stolen.ZH, stolen.Contact, stolen.Org = "x", "x", w.owner().Org
	if _, _, err := w.p.AddApp(t.Context(), town, stolen); !errors.Is(err, identity.ErrRefused) {
		t.Errorf("drafted for another: %v", err)
	}
	if n := w.logged(t, "identity.app.edit", "app:stolen", "refused"); n != 1 {
		t.Errorf("%d refusals in the log", n)
	}
	seen, err := w.p.Apps(t.Context(), town, provider.AppFilter{})
	if err != nil || len(seen) != 0 {
		t.Errorf("%d applications seen from elsewhere, %v", len(seen), err)
	}
	seen, err = w.p.Apps(t.Context(), auditor, provider.AppFilter{Query: "of-the-", State: provider.Draft, Limit: 5})
	if err != nil || len(seen) != 1 || seen[0].ID != a.ID {
		t.Errorf("%v, %v", seen, err)
	}
	a.Version--
	if _, err := w.p.EditApp(t.Context(), w.as("city.officer"), a); !errors.Is(err, identity.ErrConflict) {
		t.Errorf("an old version: %v", err)
	}
}

func TestAnOldSecretIsTakenForAWhileBesideTheNew(t *testing.T) {
	w := theTown(t)
	c := w.launch(t, web("secrets"))
	old := c.secret
	fresh, err := w.p.NewSecret(t.Context(), w.as("city.officer"), c.app.ID, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, c.secret = range []string{old, fresh} {
		c.signIn(t)
	}
	newest, err := w.p.NewSecret(t.Context(), w.as("city.officer"), c.app.ID, true)
	if err != nil {
		t.Fatal(err)
	}
	for _, c.secret = range []string{old, fresh} {
		if a := c.exchange(t, c.code(t), nil); a.Error != "invalid_client" {
			t.Errorf("%+v", a)
		}
	}
	c.secret = newest
	// By the form instead of Basic.
	form := url.Values{"client_id": {c.app.ID}, "client_secret": {newest}}
	c.secret = ""
	if a := c.exchange(t, c.code(t), form); a.Status != http.StatusOK {
		t.Errorf("%+v", a)
	}
}

func TestAServiceActsForItself(t *testing.T) {
	w := theTown(t)
	service := provider.App{ID: "a-service", Kind: provider.Service, Scopes: []string{provider.ScopeAPI}}
	a, secret := w.draft(t, service)
	c := w.client(a, secret)
	ask := func(scope string) answer {
		return c.post(t, "/token", url.Values{"grant_type": {"client_credentials"}, "scope": {scope}})
	}
	drafted := ask("city")
	if _, err := w.p.Verify(t.Context(), drafted.Access); !errors.Is(err, provider.ErrScope) {
		t.Errorf("a draft reaches our API: %v", err)
	}
	for _, x := range []struct{ event, by string }{{"test", "city.officer"}, {"approve", "city.security"}, {"go-live", "city.security"}} {
		if err := w.fire(t, w.as(x.by), a, flow.Event(x.event)); err != nil {
			t.Fatal(err)
		}
	}
	live := ask("")
	if s, err := w.p.Verify(t.Context(), live.Access); err != nil || s != "app:a-service" {
		t.Errorf("%q, %v", s, err)
	}
	if x := ask("openid"); x.Error != "invalid_scope" {
		t.Errorf("%+v", x)
	}
	if x := c.post(t, "/introspect", url.Values{"token": {live.Access}}); !x.Active {
		t.Errorf("%+v", x)
	}
	if x := w.launch(t, web("asks-of-others")).post(t, "/introspect", url.Values{"token": {live.Access}}); x.Active {
		t.Error("told about another's token")
	}
	wants(t, &client{w: w, app: provider.App{ID: a.ID, Redirects: []string{callback}}, verifier: c.verifier}, nil, "400")
	if x := c.post(t, "/revoke", url.Values{"token": {live.Access}}); x.Status != http.StatusOK {
		t.Errorf("%+v", x)
	}
	if _, err := w.p.Verify(t.Context(), live.Access); !errors.Is(err, provider.ErrToken) {
		t.Errorf("after its revocation: %v", err)
	}
}

// Who drafts an application, or renews its secret, has all that it holds.
func TestAnApplicationThatHoldsMoreIsNotTaken(t *testing.T) {
	w := theTown(t)
	officer, program := w.as("city.officer"), identity.System("a test")
	tools := provider.App{ID: "of-the-machine", ZH: "x", EN: "x", Contact: "x", Org: w.owner().Org, Kind: provider.Service}
	if _, err := w.dir.Grant(t.Context(), program, access.Binding{Subject: tools.Subject(), Role: "steward", On: access.Node{Code: "320583"}, From: time.Now()}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.p.AddApp(t.Context(), officer, tools); !errors.Is(err, identity.ErrRefused) {
		t.Errorf("drafted what holds more already: %v", err)
	}
	tools.ID = "grows"
	a, _, err := w.p.AddApp(t.Context(), officer, tools)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.p.NewSecret(t.Context(), officer, a.ID, false); err != nil {
		t.Errorf("no secret of one that holds nothing: %v", err)
	}
	if _, err := w.dir.Grant(t.Context(), program, access.Binding{Subject: a.Subject(), Role: "steward", On: access.Node{Code: "320583"}, From: time.Now()}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.p.NewSecret(t.Context(), officer, a.ID, false); !errors.Is(err, identity.ErrRefused) {
		t.Errorf("a secret of one that holds more: %v", err)
	}
	if n := w.logged(t, "identity.app.secret", "app:grows", "refused"); n != 1 {
		t.Errorf("%d refusals in the log", n)
	}
}

// A draft asks nobody's approval, and a person who is signed in is not asked
// either: its tokens must not reach our API, whoever they are of.
func TestADraftDoesNotActForPeopleHere(t *testing.T) {
	w := theTown(t)
	a, secret := w.draft(t, web("lures"))
	drafted := w.client(a, secret).signIn(t)
	if _, err := w.p.Verify(t.Context(), drafted.Access); !errors.Is(err, provider.ErrScope) {
		t.Errorf("a draft acts for a person: %v", err)
	}
	live := w.launch(t, web("asks-first")).signIn(t)
	if s, err := w.p.Verify(t.Context(), live.Access); err != nil || s != w.subject("city.officer") {
		t.Errorf("%q, %v", s, err)
	}
}
