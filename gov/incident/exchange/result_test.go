package exchange

import (
	"strings"
	"testing"
)

func TestAPartnersNoteIsTakenWithoutWhatWouldKeepTheCaseAway(t *testing.T) {
	for notes, want := range map[string]string{
		"已更换\x00井盖": "已更换井盖",
		" \x00 ":    "",
		"已办结":       "已办结",
	} {
		if got := resultOf(notes); got != want {
			t.Errorf("%q is taken as %q", notes, got)
		}
	}
	if got := resultOf(strings.Repeat("长", 5000)); len([]rune(got)) != longestResult {
		t.Errorf("%d characters", len([]rune(got)))
	}
}
