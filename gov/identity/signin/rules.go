package signin

import (
	"crypto/rand"
	_ "embed"
	"fmt"
	"math/big"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// common.txt has passwords, and words that a password is not made good from
// by numbers at its ends. Small letters, one a line.
//
//go:embed common.txt
var commonText string

var common = func() map[string]bool {
	words := map[string]bool{}
	for w := range strings.FieldsSeq(commonText) {
		words[w] = true
	}
	return words
}()

const longest = 256 // bytes of a password

// normal is the form that a password is hashed in: the same characters typed
// on another keyboard are the same password (NIST SP 800-63B, 5.1.1.2).
func normal(password string) string { return norm.NFKC.String(password) }

// weak says why a new password of login is not taken; nil when it is.
func weak(password, login string, least int) *WeakError {
	low := strings.ToLower(normal(password))
	switch {
	case len(password) > longest || !utf8.ValidString(password):
		return &WeakError{"long", fmt.Sprintf("密码最长 %d 字节 / a password has at most %d bytes", longest, longest)}
	case utf8.RuneCountInString(low) < least:
		return &WeakError{"short", fmt.Sprintf("密码至少 %d 个字符 / a password has at least %d characters", least, least)}
	case len(login) >= 4 && strings.Contains(low, login) || strings.Contains(login, low):
		return &WeakError{"login", "密码不能包含登录名 / the login must not be in the password"}
	case monotonous(low):
		return &WeakError{"simple", "密码过于简单（重复或连续字符） / the password only repeats or counts"}
	case common[low] || common[core(low)]:
		return &WeakError{"common", "这是常见密码，请换一个 / this is one of the most common passwords"}
	}
	return nil
}

// core is the password without the digits and signs at its ends.
func core(low string) string {
	return strings.TrimFunc(low, func(r rune) bool { return !unicode.IsLetter(r) })
}

// monotonous reports whether fewer than five different characters are in it,
// or most of them follow the one before as in 12345678 or hgfedcba.
func monotonous(low string) bool {
	different := map[rune]bool{}
	var before, steps, n rune
	for _, r := range low {
		different[r] = true
		if d := r - before; n > 0 && d >= -1 && d <= 1 {
			steps++
		}
		before = r
		n++
	}
	return len(different) < 5 || steps*4 >= n*3
}

// readable has no characters that look alike (0 o, 1 l i).
const readable = "23456789abcdefghjkmnpqrstuvwxyz"

// random makes groups of four readable characters: 19.8 bits each.
func random(groups int) string {
	var b strings.Builder
	for i := range 4 * groups {
		if i > 0 && i%4 == 0 {
			b.WriteByte('-')
		}
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(readable))))
		if err != nil {
			panic(err) // crypto/rand never fails, by its contract
		}
		b.WriteByte(readable[n.Int64()])
	}
	return b.String()
}
