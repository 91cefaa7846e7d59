package signin_test

import (
	"bytes"
	"encoding/base32"
	"encoding/xml"
	"errors"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"onecity/gov/identity"
	"onecity/gov/identity/signin"
	"onecity/internal/audit"

	"github.com/pquerna/otp/totp"
)

// code is what an authenticator app shows at a time off the city's.
func (c *city) code(secret string, off time.Duration) string {
	c.t.Helper()
	code, err := totp.GenerateCode(secret, c.clock.now().Add(off))
	if err != nil {
		c.t.Fatal(err)
	}
	return code
}

// enrol sets an authenticator app up for a person, and gives its secret, the
// recovery codes and a strong session.
func (c *city) enrol(login string) (secret string, recovery []string, s signin.Session) {
	c.t.Helper()
	s, _ = c.begin(login, good)
	e, err := c.BeginTOTP(c.t.Context(), s)
	if err != nil {
		c.t.Fatal(err)
	}
	out, err := c.ConfirmTOTP(c.t.Context(), s, c.code(e.Secret, 0))
	if err != nil {
		c.t.Fatal(err)
	}
	c.clock.move(time.Minute) // that code is used up
	return e.Secret, out.Recovery, out.Session
}

func TestAnAdministratorMustSetUpASecondFactorAndSignsInWithItFromThenOn(t *testing.T) {
	c := fresh(t)
	s, token := c.begin("city.admin", good)
	if s.Pending != signin.PendingEnrol || s.Strong {
		t.Fatalf("the first session is %+v", s)
	}
	_, err := c.ConfirmTOTP(t.Context(), s, "123456")
	wants(t, "a code before the secret", err, signin.ErrNoFactor)
	e, err := c.BeginTOTP(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(e.URI, "otpauth://totp/") || !strings.Contains(e.URI, e.Secret) || !strings.Contains(e.URI, "city.admin") {
		t.Errorf("the address is %s", e.URI)
	}
	if err := xml.Unmarshal([]byte(e.QR), new(struct{ XMLName xml.Name })); err != nil {
		t.Errorf("the picture is no XML: %v", err)
	}
	_, err = c.ConfirmTOTP(t.Context(), s, c.code(e.Secret, 10*time.Minute))
	wants(t, "a wrong code", err, signin.ErrRefused)
	first := c.code(e.Secret, 0)
	out, err := c.ConfirmTOTP(t.Context(), s, first)
	if err != nil {
		t.Fatal(err)
	}
	if out.Session.Pending != "" || !out.Session.Strong || len(out.Recovery) != 10 {
		t.Errorf("after the set-up: %+v", out)
	}
	_, err = c.Lookup(t.Context(), token)
	wants(t, "the token from before", err, signin.ErrEnded)
	if got, err := c.Lookup(t.Context(), out.Token); err != nil || !got.Strong {
		t.Errorf("the new token: %+v, %v", got, err)
	}

	s, token = c.begin("city.admin", good)
	if s.Pending != signin.PendingSecond {
		t.Fatalf("the next session is %+v", s)
	}
	_, _, err = c.Second(t.Context(), s, first)
	wants(t, "the code of the set-up again", err, signin.ErrRefused)
	c.clock.move(time.Minute)
	after, fresh, err := c.Second(t.Context(), s, c.code(e.Secret, 0))
	if err != nil {
		t.Fatal(err)
	}
	if after.Pending != "" || !after.Strong || after.ID != s.ID || fresh == token {
		t.Errorf("after the code: %+v", after)
	}
	_, err = c.Lookup(t.Context(), token)
	wants(t, "the token from before the code", err, signin.ErrEnded)
	if n := c.logged("signin.second", audit.Done); n != 1 {
		t.Errorf("it is %d times in the log", n)
	}
}

func TestACodeIsTakenOnceAndAStepEarlyOrLate(t *testing.T) {
	c := fresh(t)
	secret, _, _ := c.enrol("city.operator")
	try := func(code string) error {
		s, _ := c.begin("city.operator", good)
		_, _, err := c.Second(t.Context(), s, code)
		return err
	}
	for _, off := range []time.Duration{-65 * time.Second, 65 * time.Second} {
		wants(t, "a clock two steps off: "+off.String(), try(c.code(secret, off)), signin.ErrRefused)
	}
	for _, off := range []time.Duration{-30 * time.Second, 0, 30 * time.Second} {
		code := c.code(secret, off)
		if err := try(code); err != nil {
			t.Errorf("a clock off by %s: %v", off, err)
		}
		wants(t, "the same code again", try(code), signin.ErrRefused)
	}
	wants(t, "a code older than the last", try(c.code(secret, 0)), signin.ErrRefused)
}

func TestOneCodeAtOnceFromManyBrowsersLetsOneIn(t *testing.T) {
	c := fresh(t)
	secret, _, _ := c.enrol("city.operator")
	code := c.code(secret, 0)
	var in, refused atomic.Int64
	var wg sync.WaitGroup
	for range 4 {
		s, _ := c.begin("city.operator", good)
		wg.Go(func() {
			switch _, _, err := c.Second(t.Context(), s, code); {
			case err == nil:
				in.Add(1)
			case errors.Is(err, signin.ErrRefused):
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if in.Load() != 1 || refused.Load() != 3 {
		t.Errorf("%d are in, %d refused", in.Load(), refused.Load())
	}
}

func TestWrongCodesLockThePersonFromEverywhere(t *testing.T) {
	c := fresh(t)
	secret, recovery, _ := c.enrol("city.operator")
	for i := range c.Policy().Tries {
		s, _, err := c.Begin(t.Context(), "city.operator", good, "10.9.9."+string(rune('1'+i)), "")
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = c.Second(t.Context(), s, "000000")
		wants(t, "a wrong code", err, signin.ErrRefused)
	}
	s, _ := c.begin("city.operator", good)
	_, _, err := c.Second(t.Context(), s, c.code(secret, 0))
	limited(t, "a right code", err)
	_, _, err = c.Second(t.Context(), s, recovery[0])
	limited(t, "a recovery code", err)
	c.clock.move(c.Policy().Lock + time.Second)
	if _, _, err := c.Second(t.Context(), s, c.code(secret, 0)); err != nil {
		t.Error(err)
	}
}

func TestARecoveryCodeIsTakenOnceHoweverItIsTyped(t *testing.T) {
	c := fresh(t)
	_, recovery, strong := c.enrol("city.operator")
	s, _ := c.begin("city.operator", good)
	if _, _, err := c.Second(t.Context(), s, " "+strings.ToUpper(strings.ReplaceAll(recovery[3], "-", " "))); err != nil {
		t.Fatal(err)
	}
	s, _ = c.begin("city.operator", good)
	_, _, err := c.Second(t.Context(), s, recovery[3])
	wants(t, "the same again", err, signin.ErrRefused)
	f, err := c.Factors(t.Context(), c.as("city.operator"), strong.Person)
	if err != nil || f.Recovery != 9 || !f.TOTP || f.Needed {
		t.Errorf("the factors are %+v, %v", f, err)
	}
	anew, err := c.RecoveryCodes(t.Context(), strong)
	if err != nil || len(anew) != 10 {
		t.Fatalf("new codes: %d, %v", len(anew), err)
	}
	_, _, err = c.Second(t.Context(), s, recovery[4])
	wants(t, "a code from before", err, signin.ErrRefused)
	if _, _, err := c.Second(t.Context(), s, anew[0]); err != nil {
		t.Error(err)
	}
}

func TestSecretsAreNotToBeReadInTheDatabase(t *testing.T) {
	c := fresh(t)
	secret, recovery, _ := c.enrol("city.operator")
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil {
		t.Fatal(err)
	}
	var sealed []byte
	if err := c.pool.QueryRow(t.Context(), `select secret from signin.totp`).Scan(&sealed); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, raw[:8]) || bytes.Contains(sealed, []byte(secret[:8])) {
		t.Error("the secret is there in clear")
	}
	if n := c.count(`select count(*) from signin.recovery where hash in (sha256($1), $1)`, []byte(recovery[0])); n != 0 {
		t.Error("a recovery code can be guessed from the database alone")
	}
	if n := c.count(`select count(*) from audit.entry e where strpos(e::text, $1) > 0 or strpos(e::text, $2) > 0`, secret, recovery[0]); n != 0 {
		t.Error("a secret is in the log")
	}
	info, err := os.Stat(c.options.KeyFile)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file: %v, %v", info.Mode(), err)
	}

	// Moved to another person, it opens nothing.
	if _, err := c.pool.Exec(t.Context(), `update signin.totp set person = $1::uuid`, c.person("city.leader")); err != nil {
		t.Fatal(err)
	}
	s, _ := c.begin("city.leader", good)
	_, _, err = c.Second(t.Context(), s, c.code(secret, 0))
	wants(t, "another's secret", err, signin.ErrKey)
}

func TestAKeyThatOthersCanReadOrThatIsAnotherIsNotUsed(t *testing.T) {
	c := fresh(t)
	secret, _, _ := c.enrol("city.operator")
	o := c.options
	o.KeyFile += ".other"
	other := node(t, c.clock, o)
	s, _ := c.begin("city.operator", good)
	_, _, err := other.Second(t.Context(), s, c.code(secret, 0))
	wants(t, "another key", err, signin.ErrKey)

	if err := os.Chmod(c.options.KeyFile, 0o640); err != nil {
		t.Fatal(err)
	}
	o = c.options
	if _, err := signin.Open(t.Context(), c.pool, c.dir, o); err == nil || !strings.Contains(err.Error(), "0600") {
		t.Errorf("a key that the group can read: %v", err)
	}
}

func TestTheLastFactorStaysWhenTheRoleNeedsOne(t *testing.T) {
	c := fresh(t)
	_, _, strong := c.enrol("city.admin")
	wants(t, "the last", c.RemoveTOTP(t.Context(), strong), signin.ErrLastFactor)
	_, _, strong = c.enrol("city.operator")
	weak := strong
	weak.Strong = false
	wants(t, "without a second factor shown", c.RemoveTOTP(t.Context(), weak), signin.ErrStrong)
	if err := c.RemoveTOTP(t.Context(), strong); err != nil {
		t.Fatal(err)
	}
	wants(t, "what is not there", c.RemoveTOTP(t.Context(), strong), signin.ErrNoFactor)
	if n := c.count(`select count(*) from signin.recovery where person = $1::uuid`, strong.Person); n != 0 {
		t.Errorf("%d recovery codes are left", n)
	}
	if s, _ := c.begin("city.operator", good); s.Pending != "" {
		t.Errorf("the next session is %+v", s)
	}
}

func TestFactorsAreResetByWhoMastersThePerson(t *testing.T) {
	c := fresh(t)
	_, _, _ = c.enrol("city.operator")
	person := c.person("city.operator")
	wants(t, "a colleague", c.ResetFactors(t.Context(), c.as("town.operator"), person), identity.ErrRefused)
	if err := c.ResetFactors(t.Context(), c.as("city.admin"), person); err != nil {
		t.Fatal(err)
	}
	f, err := c.Factors(t.Context(), c.as("city.operator"), person)
	if err != nil || f.Any() || f.Recovery != 0 {
		t.Errorf("left are %+v, %v", f, err)
	}
	if n := c.count(`select count(*) from signin.session where person = $1::uuid`, person); n != 0 {
		t.Errorf("%d sessions are left", n)
	}
}

func TestADemoCityNeedsNoSecondFactor(t *testing.T) {
	c := fresh(t)
	o := c.options
	o.NoSecondFactor = true
	if s, _ := node(t, c.clock, o).begin("city.admin", good); s.Pending != "" {
		t.Errorf("the session is %+v", s)
	}
}

func TestThePolicyIsSetByWhoMayEditPeopleEverywhereAndKnownToEveryNode(t *testing.T) {
	c := fresh(t)
	other := c.other().follows()
	p := c.Policy()
	p.SecondFactor = []string{"operator"}
	wants(t, "a town's administrator", c.SetPolicy(t.Context(), c.as("town.admin"), p), identity.ErrRefused)
	p.Tries = 0
	wants(t, "no try at all", c.SetPolicy(t.Context(), system, p), signin.ErrPolicy)
	p.Tries = 3
	if err := c.SetPolicy(t.Context(), system, p); err != nil {
		t.Fatal(err)
	}
	c.until("the other node knows", func() bool { return other.Policy().Tries == 3 })
	if s, _ := other.begin("city.operator", good); s.Pending != signin.PendingEnrol {
		t.Errorf("the session is %+v", s)
	}
	if n := c.logged("signin.policy", audit.Refused); n != 1 {
		t.Errorf("%d refusals are in the log", n)
	}
}
