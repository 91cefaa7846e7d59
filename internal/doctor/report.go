package doctor

import (
	"fmt"
	"io"
	"strings"
)

// Grade is how bad a finding is.
type Grade string

// Grades.
const (
	OK     Grade = "ok"     // looked at, and as it should be
	Note   Grade = "note"   // worth knowing, or not looked at
	Sick   Grade = "sick"   // it will go wrong
	Unsafe Grade = "unsafe" // somebody may read, change or stop what they must not
)

// Finding is what one rule has to say.
type Finding struct {
	Check string `json:"check"` // name of the rule, stable
	Grade Grade  `json:"grade"`
	ZH    string `json:"zh"` // what is the matter
	EN    string `json:"en"`
	Do    string `json:"do,omitempty"` // what to do about it
}

// Report is what all rules say, in the order of the rules.
type Report struct {
	Findings []Finding `json:"findings"`
	Unsafe   int       `json:"unsafe"`
	Sick     int       `json:"sick"`
}

func (r *Report) add(f Finding) {
	switch f.Grade {
	case Unsafe:
		r.Unsafe++
	case Sick:
		r.Sick++
	}
	r.Findings = append(r.Findings, f)
}

// marks stand before a finding; they differ without colour too.
var marks = map[Grade]string{OK: "  ok    ", Note: "  note  ", Sick: "! sick  ", Unsafe: "!!UNSAFE"}

// Text writes the report for people; what is as it should be only with all.
func (r *Report) Text(w io.Writer, all bool) error {
	var b strings.Builder
	for _, f := range r.Findings {
		if f.Grade == OK && !all {
			continue
		}
		fmt.Fprintf(&b, "%s %-12s %s / %s\n", marks[f.Grade], f.Check, f.ZH, f.EN)
		if f.Do != "" {
			fmt.Fprintf(&b, "%*s→ %s\n", len(marks[OK])+14, "", f.Do)
		}
	}
	fmt.Fprintf(&b, "%d 项不安全 unsafe, %d 项不健康 sick, 共查 %d 项 looked at\n", r.Unsafe, r.Sick, len(r.Findings))
	_, err := io.WriteString(w, b.String())
	return err
}
