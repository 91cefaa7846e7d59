package handover

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// reasons why a case is on the list.
var reasons = []string{"", "late", "grave", "urged", "promised", "picked"}

// check answers with the first thing that is wrong with a note to be written.
func (n *Note) check() error {
	n.Text = strings.TrimSpace(n.Text)
	switch {
	case n.ID == "" || tooLong(n.ID, 64):
		return &InvalidError{"/id", "应为 1–64 个字符", "must be of 1 to 64 characters"}
	case n.Text == "" && len(n.Items) == 0:
		return &InvalidError{"/text", "请填写交班内容", "is missing"}
	case tooLong(n.Text, MaxText):
		return &InvalidError{"/text", "最多 " + strconv.Itoa(MaxText) + " 字", "is too long"}
	case len(n.Items) > MaxItems:
		return &InvalidError{"/items", "最多 " + strconv.Itoa(MaxItems) + " 件", "are too many"}
	}
	for i, it := range n.Items {
		at := "/items/" + strconv.Itoa(i)
		switch {
		case it.Case == "":
			return &InvalidError{at + "/case", "缺少案件", "is missing"}
		case !slices.Contains(reasons, it.Why):
			return &InvalidError{at + "/why", "未知的原因", "is no reason known"}
		}
		for _, s := range []string{it.Case, it.No, it.Title, it.State, it.Text} {
			if tooLong(s, maxWord) {
				return &InvalidError{at, "有过长的内容", "holds a text that is too long"}
			}
		}
	}
	return nil
}

// tooLong also holds for what the database cannot keep.
func tooLong(s string, most int) bool {
	return !utf8.ValidString(s) || strings.ContainsRune(s, 0) || utf8.RuneCountInString(s) > most
}
