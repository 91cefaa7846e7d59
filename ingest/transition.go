package ingest

import (
	"slices"
	"strings"

	"onecity/cim"
)

// Step is one row of the table of transitions.
type Step struct {
	From cim.Status
	To   []cim.Status
}

// Steps says which status may follow which: the first six of the seven steps
// of GB/T 30428 (信息收集、案件建立、任务派遣、任务处理、处理反馈、核查结案), with the
// ways back. The seventh, 综合评价, is counted from closed incidents.
func Steps() []Step {
	return []Step{
		{cim.StatusReported, []cim.Status{cim.StatusAccepted, cim.StatusRejected}},                         // 立案 或 不予立案
		{cim.StatusAccepted, []cim.Status{cim.StatusDispatched, cim.StatusRejected}},                       // 派遣 或 撤销
		{cim.StatusDispatched, []cim.Status{cim.StatusHandling, cim.StatusDispatched, cim.StatusAccepted}}, // 到场、改派 或 退回
		{cim.StatusHandling, []cim.Status{cim.StatusHandled, cim.StatusDispatched}},                        // 反馈 或 改派
		{cim.StatusHandled, []cim.Status{cim.StatusClosed, cim.StatusHandling}},                            // 结案 或 返工
		{cim.StatusClosed, nil},
		{cim.StatusRejected, nil},
	}
}

// Follows reports whether to may follow from.
func Follows(from, to cim.Status) bool {
	return slices.Contains(next(from), to)
}

func next(from cim.Status) []cim.Status {
	for _, s := range Steps() {
		if s.From == from {
			return s.To
		}
	}
	return nil
}

// FormatSteps prints the table, one line a status.
func FormatSteps() string {
	var b strings.Builder
	for _, s := range Steps() {
		b.WriteString(string(s.From))
		b.WriteString(" → ")
		b.WriteString(statuses(s.To))
		b.WriteByte('\n')
	}
	return b.String()
}

func statuses(of []cim.Status) string {
	if len(of) == 0 {
		return "(end)"
	}
	names := make([]string, len(of))
	for i, s := range of {
		names[i] = string(s)
	}
	return strings.Join(names, " | ")
}
