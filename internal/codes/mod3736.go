package codes

const (
	mod3736Standard = "ISO 7064 MOD 37,36"
	mod3736Alphabet = organisationAlphabet
)

// Check3736 checks a text whose last character is its check character in the
// hybrid system MOD 37,36 of ISO 7064 (GB/T 17710): digits and capital letters.
// In the identifier of an electronic licence 电子证照标识 (GB/T 36904) it stands
// behind type, issuer, serial number and version, written without their points
// and without the root of the OID.
func Check3736(text string) error {
	if len(text) < 2 {
		return wrongLength(mod3736Standard, text, "2 or more")
	}
	last := len(text) - 1
	right, bad := mod3736(text[:last])
	if bad >= 0 {
		return wrongCharacter(mod3736Standard, text, bad, mod3736Alphabet)
	}
	if organisationValue[text[last]] < 0 {
		return wrongCharacter(mod3736Standard, text, last, mod3736Alphabet)
	}
	if text[last] != right {
		return wrongCheck(mod3736Standard, text, last, right)
	}
	return nil
}

// mod3736 is the check character of text, or which byte is not in the alphabet.
func mod3736(text string) (check byte, bad int) {
	p := 36
	for i := range len(text) {
		v := organisationValue[text[i]]
		if v < 0 {
			return 0, i
		}
		p += int(v)
		if p > 36 {
			p -= 36
		}
		if p *= 2; p >= 37 {
			p -= 37
		}
	}
	return mod3736Alphabet[(37-p)%36], -1
}
