package incident

import (
	"hash/fnv"
	"slices"
	"strings"
	"unicode"
)

// maxGrams is the most pairs that a case is found by.
const maxGrams = 300

// pairs are the neighbouring pairs of letters and digits in a text, each once:
// what Chinese, which has no blanks between words, is compared by. A lone
// letter between signs stands for itself.
func pairs(text string) []string {
	var out []string
	seen := map[string]bool{}
	put := func(g string) {
		if !seen[g] {
			seen[g] = true
			out = append(out, g)
		}
	}
	for _, word := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		runes := []rune(word)
		if len(runes) == 1 {
			put(word)
		}
		for i := range len(runes) - 1 {
			put(string(runes[i : i+2]))
		}
	}
	return out
}

// gramsOf are the pairs that a case is found by, as numbers. Two pairs may
// have the same number: what is found by them is looked at again.
func gramsOf(c *Case) []int32 {
	return gramsIn(c.No + " " + c.Title + " " + c.Address + " " + c.Description)
}

func gramsIn(text string) []int32 {
	all := pairs(text)
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
	as, bs := pairs(a), pairs(b)
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
