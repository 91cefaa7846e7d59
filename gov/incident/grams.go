package incident

import (
	"hash/fnv"
	"slices"
	"strings"
	"unicode"
)

// maxGrams is the most pieces that a case is found by.
const maxGrams = 500

// pieces are the runs of n letters and digits in a text, each once: what
// Chinese, which has no blanks between words, is compared by.
func pieces(text string, n int) []string {
	var out []string
	seen := map[string]bool{}
	for _, word := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		runes := []rune(word)
		for i := range len(runes) - n + 1 {
			if g := string(runes[i : i+n]); !seen[g] {
				seen[g] = true
				out = append(out, g)
			}
		}
	}
	return out
}

// gramsOf are the pieces of two and of three letters that a case is found by,
// as numbers. Two pieces may have the same number, and the pieces of a word
// may stand apart: what is found by them is looked at again.
func gramsOf(c *Case) []int32 {
	text := c.No + " " + c.Title + " " + c.Address + " " + c.Description
	return numbered(append(pieces(text, 2), pieces(text, 3)...))
}

// gramsIn are the pieces that a word is looked for by: of three letters, of
// which there are few cases each, where it is long enough.
func gramsIn(word string) []int32 {
	all := pieces(word, 3)
	if len(all) == 0 {
		all = pieces(word, 2)
	}
	return numbered(all)
}

func numbered(all []string) []int32 {
	if len(all) > maxGrams {
		all = all[:maxGrams]
	}
	out := make([]int32, 0, len(all))
	for _, g := range all {
		h := fnv.New32a()
		// a hash never fails to be written to
		_, _ = h.Write([]byte(g))
		out = append(out, int32(h.Sum32()))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// likeness of two texts is the share of their pairs that both have (Dice's
// coefficient), 0 … 1.
func likeness(a, b string) float64 {
	as, bs := pieces(a, 2), pieces(b, 2)
	if len(as) == 0 || len(bs) == 0 {
		return 0
	}
	in := map[string]bool{}
	for _, g := range as {
		in[g] = true
	}
	both := 0
	for _, g := range bs {
		if in[g] {
			both++
		}
	}
	return 2 * float64(both) / float64(len(as)+len(bs))
}
