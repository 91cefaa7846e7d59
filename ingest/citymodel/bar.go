package citymodel

import (
	"fmt"
	"io"
	"sort"
	"time"

	"onecity/cim"

	"github.com/schollz/progressbar/v3"
)

// Bar draws an import's progress on w, a terminal.
func Bar(w io.Writer, title string) Progress {
	var bar *progressbar.ProgressBar
	return func(s State) {
		if bar == nil {
			bar = progressbar.NewOptions64(s.Total,
				progressbar.OptionSetWriter(w),
				progressbar.OptionSetWidth(30),
				progressbar.OptionThrottle(100*time.Millisecond),
				progressbar.OptionShowBytes(false),
				progressbar.OptionSetPredictTime(true),
				progressbar.OptionOnCompletion(func() { fmt.Fprintln(w) }),
			)
		}
		bar.ChangeMax64(max(s.Total, 1))
		bar.Describe(fmt.Sprintf("%s  已导入 %d  略过 %d  退回 %d", title, s.Emitted, s.Skipped, s.Rejected))
		read := min(s.Read, s.Total)
		if !s.Done {
			// The last step is for what is put together after reading.
			read = min(read, s.Total-1)
		}
		_ = bar.Set64(max(read, 0))
	}
}

// Print writes the report for a person, Chinese first, with the first limit
// rejected features.
func (r *Report) Print(w io.Writer, limit int) {
	fmt.Fprintf(w, "%s: %s, %s\n", r.Path, r.Format, r.CRS)
	fmt.Fprintf(w, "要素 features %d, 区划 regions %d, 对象 objects %d", r.Features, r.Regions, r.Total())
	for l := range cim.LayerCount {
		if n := r.Objects[cim.Layer(l)]; n > 0 {
			fmt.Fprintf(w, ", %s %d", cim.Layer(l), n)
		}
	}
	fmt.Fprintln(w)
	for _, k := range sorted(r.Skipped) {
		fmt.Fprintf(w, "略过 skipped %d: %s\n", r.Skipped[k], k)
	}
	for _, k := range sorted(r.Reasons) {
		fmt.Fprintf(w, "退回 rejected %d: %s\n", r.Reasons[k], k)
	}
	for i, x := range r.Rejected {
		if i == limit {
			fmt.Fprintf(w, "… %d more\n", r.RejectedTotal-limit)
			break
		}
		fmt.Fprintf(w, "  %s %s: %s\n", x.Place, x.Feature, x.Message)
	}
	for _, n := range r.Notes {
		fmt.Fprintln(w, "注意 note:", n)
	}
}

func sorted(m map[string]int) []string {
	ks := keysOf(m)
	sort.Strings(ks)
	return ks
}
