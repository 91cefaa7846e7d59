package bench

import (
	"slices"
	"time"
)

// quantile sorts ds and gives the value below which a share p of them lies, in
// milliseconds.
func quantile(ds []time.Duration, p float64) float64 {
	if len(ds) == 0 {
		return 0
	}
	slices.Sort(ds)
	return float64(ds[int(p*float64(len(ds)-1))]) / float64(time.Millisecond)
}
