package audit

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestTheFewestEntriesThatWereMovedAreNamed(t *testing.T) {
	for _, c := range []struct {
		is   []int64 // where the entries 0, 1, 2 … stand
		want []int64
	}{
		{nil, nil},
		{[]int64{0, 1, 2, 3}, nil},
		{[]int64{0, 5, 9, 12}, nil}, // others were put in between
		{[]int64{4, 0, 1, 2, 3}, []int64{0}},
		{[]int64{1, 2, 3, 4, 0}, []int64{4}},
		{[]int64{0, 1, 7, 3, 4, 5, 6, 2, 8}, []int64{2, 7}},
	} {
		var list []placed
		for was, is := range c.is {
			list = append(list, placed{int64(was), is})
		}
		var got []int64
		for _, m := range moved(list) {
			got = append(got, m.was)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%v: moved are %v, want %v", c.is, got, c.want)
		}
	}
}

func TestWithoutTheMovedTheRestIsInOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		n := 1 + random.IntN(30)
		var list []placed
		for was, is := range random.Perm(n) {
			list = append(list, placed{int64(was), int64(is)})
		}
		out := moved(list)
		rest := slices.DeleteFunc(slices.Clone(list), func(p placed) bool { return slices.Contains(out, p) })
		if !slices.IsSortedFunc(rest, func(a, b placed) int { return int(a.is - b.is) }) || len(rest) == 0 {
			t.Fatal(fmt.Sprint(list, " without ", out))
		}
	}
}

func FuzzWholeNotes(f *testing.F) {
	note := "onecity/audit/x\n5\nroot\n\n\u2014 x AAAA\n\u2014 x BBBB\n"
	f.Add([]byte(note + "\n" + note + "\n"))
	f.Add([]byte(note + "\n" + note))
	f.Add([]byte("\n\n\n\n"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		n := wholeNotes(b)
		if n < 0 || n > len(b) || n > 0 && wholeNotes(b[:n]) != n {
			t.Fatalf("%q: %d", b, n)
		}
		if n > 0 {
			_ = lastNote(b[:n])
		}
	})
}
