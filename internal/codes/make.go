package codes

import (
	"fmt"
	"time"
)

// Unassigned is where made codes are: 99 is the province of no place (GB/T
// 2260-2007), so no register has given them out.
const Unassigned = "990000"

// MakeOrganisation makes the n-th organisation's code, 0 ≤ n < 10⁷: "Q" and
// seven digits. It panics for other n.
func MakeOrganisation(n int) string {
	mustBeIn(n, 1e7)
	var b [9]byte
	copy(b[:], fmt.Sprintf("Q%07d", n))
	sum := 0
	for i := range 8 {
		sum += int(organisationValue[b[i]]) * organisationWeight[i]
	}
	b[8] = organisationCheck(sum)
	return string(b[:])
}

// MakeCredit makes the n-th unified social credit code, 0 ≤ n < 10⁷, of an
// organ of government 机关 ("11") in an unassigned region.
func MakeCredit(n int) string { return MakeCreditOf("11", n) }

// MakeCreditOf is MakeCredit for another department and kind, such as "91",
// an enterprise 企业. It panics for characters that cannot stand there.
func MakeCreditOf(kind string, n int) string {
	if len(kind) != 2 {
		panic(fmt.Sprintf("codes: %q is no department and kind", kind))
	}
	b := []byte(kind + Unassigned + MakeOrganisation(n) + "?")
	sum := 0
	for i := range 17 {
		v := creditValue[b[i]]
		if v < 0 {
			panic(fmt.Sprintf("codes: %q is no department and kind", kind))
		}
		sum += int(v) * creditWeight[i]
	}
	b[17] = creditCheck(sum)
	return string(b)
}

// MakeCitizen makes the n-th number of somebody born on a day, 0 ≤ n < 1000, in
// an unassigned region: CheckCitizen finds ErrRegion and nothing else wrong with
// it, CheckDemo nothing.
func MakeCitizen(born time.Time, n int) string {
	mustBeIn(n, 1000)
	b := []byte(fmt.Sprintf("%s%s%03d?", Unassigned, born.Format("20060102"), n))
	sum := 0
	for i := range 17 {
		sum += int(b[i]-'0') * citizenWeight[i]
	}
	b[17] = citizenCheck(sum)
	return string(b)
}

// CheckDemo is CheckCitizen for numbers that MakeCitizen made: all but the
// region must be right, and the region must be Unassigned.
func CheckDemo(code string) error {
	if err := citizenForm(code); err != nil {
		return err
	}
	if code[:6] != Unassigned {
		return &Error{Standard: citizenStandard, Kind: ErrRegion, At: 0, Got: code[:6], Right: Unassigned}
	}
	return nil
}

// Make3736 puts the check character of MOD 37,36 behind a text of digits and
// capital letters.
func Make3736(text string) (string, error) {
	check, bad := mod3736(text)
	if bad >= 0 {
		return "", wrongCharacter(mod3736Standard, text, bad, mod3736Alphabet)
	}
	if text == "" {
		return "", wrongLength(mod3736Standard, text, "1 or more")
	}
	return text + string(rune(check)), nil
}

func mustBeIn(n, end int) {
	if n < 0 || n >= end {
		panic(fmt.Sprintf("codes: %d is not in 0 … %d", n, end-1))
	}
}
