package codes_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"onecity/internal/codes"
)

var checks = map[string]func(string) error{
	"credit": codes.CheckCredit, "organisation": codes.CheckOrganisation, "citizen": codes.CheckCitizen, "mod3736": codes.Check3736,
}

// The examples of the standards.
var good = map[string][]string{
	"credit":       {"91330100799655058B"},
	"organisation": {"D2143569X", "799655058"},
	"citizen":      {"11010519491231002X", "440524188001010014"}, // the two of GB 11643-1999
	"mod3736":      {"A12425GABC1234002M"},                       // that of ISO 7064
}

func TestTheStandardsOwnExamplesPass(t *testing.T) {
	for kind, list := range good {
		for _, code := range list {
			if err := checks[kind](code); err != nil {
				t.Errorf("%s %s: %v", kind, code, err)
			}
		}
	}
}

func TestAnyOtherCheckCharacterIsRefusedAndTheRightOneNamed(t *testing.T) {
	for kind, list := range good {
		for _, code := range list {
			last := len(code) - 1
			for _, c := range "0123456789X" {
				if byte(c) == code[last] {
					continue
				}
				err := checks[kind](code[:last] + string(c))
				var e *codes.Error
				if !errors.As(err, &e) || !errors.Is(err, codes.ErrCheck) || e.At != last || e.Right != code[last:] {
					t.Errorf("%s %s with %c: %v", kind, code, c, err)
				}
			}
		}
	}
}

// The systems find every single wrong character and every two neighbours that
// changed places; GB 11714, whose modulus is less than its alphabet, among
// digits only.
func TestOneWrongCharacterOrTwoThatChangedPlacesAreFound(t *testing.T) {
	for kind, list := range good {
		alphabet := "0123456789ABCDEFGHJKLMNPQRTUWXY"
		if kind == "organisation" {
			alphabet, list = "0123456789", []string{"799655058"}
		}
		for _, code := range list {
			for i := range code {
				for _, c := range alphabet {
					altered := code[:i] + string(c) + code[i+1:]
					if err := checks[kind](altered); err == nil && altered != code {
						t.Errorf("%s %s passes for %s", kind, altered, code)
					}
				}
				if i > 0 && code[i-1] != code[i] {
					swapped := code[:i-1] + code[i:i+1] + code[i-1:i] + code[i+1:]
					if err := checks[kind](swapped); err == nil {
						t.Errorf("%s %s passes for %s", kind, swapped, code)
					}
				}
			}
		}
	}
}

func TestAnErrorSaysWhichCharacterIsWrongAndWhatWouldBeRight(t *testing.T) {
	for _, c := range []struct {
		kind, code string
		want       error
		at         int
		right      string
	}{
		{"credit", "9133010079965505", codes.ErrLength, -1, "18"},
		{"credit", "91330100799655058b", codes.ErrCharacter, 17, "B"}, // small letter
		{"credit", "9133O100799655058B", codes.ErrCharacter, 4, "0123456789ABCDEFGHJKLMNPQRTUWXY"},
		{"credit", "9133A100799655058B", codes.ErrCharacter, 4, "0123456789"},
		{"credit", "913301007996550１8B", codes.ErrLength, -1, "18"}, // full-width digit: 18 characters, 20 bytes
		{"organisation", "D2143569-", codes.ErrCharacter, 8, "0123456789X"},
		{"citizen", "11010519490231002X", codes.ErrDate, 6, ""},
		{"citizen", "110105194912310021", codes.ErrCheck, 17, "X"},
		{"citizen", "11010519491231002x", codes.ErrCharacter, 17, "X"},
		{"citizen", codes.MakeCitizen(time.Date(1990, 2, 28, 0, 0, 0, 0, time.UTC), 1), codes.ErrRegion, 0, ""},
		{"mod3736", "A-", codes.ErrCharacter, 1, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
		{"mod3736", "A", codes.ErrLength, -1, "2 or more"},
	} {
		err := checks[c.kind](c.code)
		var e *codes.Error
		if !errors.As(err, &e) || !errors.Is(err, c.want) || e.At != c.at || e.Right != c.right {
			t.Errorf("%s %s: got %#v", c.kind, c.code, err)
			continue
		}
		if e.At >= 0 && (!strings.Contains(err.Error(), "character") || !strings.Contains(e.ZH(), "位")) {
			t.Errorf("%s: %s / %s", c.code, err, e.ZH())
		}
	}
}

func TestTheWrongCharacterOfThePartIsNamedInTheWhole(t *testing.T) {
	// The organisation's own check character (17th) is wrong, the last fits.
	code := "913301007996550591"
	for _, last := range "0123456789ABCDEFGHJKLMNPQRTUWXY" {
		err := codes.CheckCredit(code[:17] + string(last))
		var e *codes.Error
		if !errors.As(err, &e) {
			t.Fatalf("%s passes", code)
		}
		if e.At == 16 {
			if e.Right != "8" || !strings.Contains(err.Error(), "GB 11714") {
				t.Fatalf("got %v", err)
			}
			return
		}
	}
	t.Fatal("no last character fits")
}

func TestTheCalendarIsThatOfThePeople(t *testing.T) {
	for day, want := range map[string]bool{
		"20000229": true, "19000229": false, "20040229": true, "20230229": false, "19990431": false,
		"19991231": true, "19991301": false, "19990001": false, "19990100": false, "17991231": false,
	} {
		code := "110105" + day + "002"
		found := codes.ErrDate
		for _, last := range "0123456789X" {
			if err := codes.CheckCitizen(code + string(last)); !errors.Is(err, codes.ErrDate) {
				found = nil
			}
		}
		if (found == nil) != want {
			t.Errorf("%s: a day: %v, want %v", day, found == nil, want)
		}
	}
}

func TestMadeCodesAreValidAndDifferAndNobodys(t *testing.T) {
	seen := map[string]bool{}
	born := time.Date(1961, 7, 1, 0, 0, 0, 0, time.UTC)
	for n := range 999 {
		for _, code := range []string{codes.MakeCredit(n), codes.MakeCreditOf("91", n)} {
			if err := codes.CheckCredit(code); err != nil || code[2:8] != codes.Unassigned {
				t.Fatalf("%s: %v", code, err)
			}
			seen[code] = true
		}
		person := codes.MakeCitizen(born, n)
		if err := codes.CheckDemo(person); err != nil {
			t.Fatalf("%s: %v", person, err)
		}
		if err := codes.CheckCitizen(person); !errors.Is(err, codes.ErrRegion) {
			t.Fatalf("%s could be somebody's: %v", person, err)
		}
		seen[person] = true
	}
	if len(seen) != 3*999 {
		t.Fatalf("%d codes", len(seen))
	}
	if err := codes.CheckDemo("11010519491231002X"); !errors.Is(err, codes.ErrRegion) {
		t.Fatalf("a real region passes as a demo: %v", err)
	}
}

func TestAGoodCodeIsCheckedWithoutAllocating(t *testing.T) {
	for kind, list := range good {
		check, code := checks[kind], list[0]
		if n := testing.AllocsPerRun(100, func() {
			if check(code) != nil {
				t.Fail()
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations", kind, n)
		}
	}
}

func fuzz(f *testing.F, check func(string) error, alphabet string, seeds ...string) {
	for _, s := range append(seeds, "", "0", "\xff\xfe", "一二三四五六", strings.Repeat("0", 18)) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, code string) {
		err := check(code)
		if err == nil {
			if strings.Trim(code, alphabet) != "" {
				t.Fatalf("%q passes", code)
			}
			return
		}
		var e *codes.Error
		if !errors.As(err, &e) || err.Error() == "" || e.ZH() == "" || e.At >= len(code) {
			t.Fatalf("%q: %#v", code, err)
		}
		// What is said to be right is right.
		if errors.Is(err, codes.ErrCheck) && e.At == len(code)-1 {
			if err := check(code[:e.At] + e.Right); errors.Is(err, codes.ErrCheck) && errors.As(err, &e) && e.At == len(code)-1 {
				t.Fatalf("%q with the character that should be right: %v", code, err)
			}
		}
	})
}

func FuzzCheckCredit(f *testing.F) {
	fuzz(f, codes.CheckCredit, "0123456789ABCDEFGHJKLMNPQRTUWXY", good["credit"]...)
}

func FuzzCheckOrganisation(f *testing.F) {
	fuzz(f, codes.CheckOrganisation, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", good["organisation"]...)
}

func FuzzCheckCitizen(f *testing.F) {
	fuzz(f, codes.CheckCitizen, "0123456789X", good["citizen"]...)
}

func FuzzCheck3736(f *testing.F) {
	fuzz(f, codes.Check3736, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", good["mod3736"]...)
}

func BenchmarkCheckCredit(b *testing.B) {
	for b.Loop() {
		if codes.CheckCredit("91330100799655058B") != nil {
			b.Fatal()
		}
	}
}

func BenchmarkCheckCitizen(b *testing.B) {
	for b.Loop() {
		if codes.CheckCitizen("11010519491231002X") != nil {
			b.Fatal()
		}
	}
}
