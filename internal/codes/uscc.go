package codes

import (
	"fmt"
	"strings"
)

const usccAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// CheckUSCC says what is wrong with a 统一社会信用代码 (GB 32100-2015); nil is
// nothing.
func CheckUSCC(s string) error {
	if len(s) != 18 {
		return fmt.Errorf("it has %d characters, not 18", len(s))
	}
	sum, weight := 0, 1
	for i := range 17 {
		v := strings.IndexByte(usccAlphabet, s[i])
		if v < 0 {
			return fmt.Errorf("character %d is %q, which the alphabet lacks", i+1, s[i])
		}
		sum += v * weight
		weight = weight * 3 % 31
	}
	if want := usccAlphabet[(31-sum%31)%31]; s[17] != want {
		return fmt.Errorf("the check character is %q, not %q", want, s[17])
	}
	return nil
}
