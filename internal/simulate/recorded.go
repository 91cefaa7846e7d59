package simulate

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Recorded is one report of a recorded set: what was reported, when after the
// first, and where.
type Recorded struct {
	After    time.Duration
	Class    string // code of GET /api/v1/incident-classes
	Lon, Lat float64
	Says     string
	Address  string
	Channel  string // "citizen", "grid", "department"
}

// The columns of a recorded set, a CSV file in UTF-8 with a head line; address
// and channel may be missing.
var recordedColumns = []string{"seconds", "class", "lon", "lat", "description", "address", "channel"}

const (
	maxRecorded = 100_000
	maxSays     = 2000 // characters
)

// ErrRecorded is wrapped by what is wrong with a recorded set.
var ErrRecorded = errors.New("this is no recorded set of reports")

// ReadRecorded reads a recorded set, in the order of its times. It is made of
// seconds after the beginning (a number), class, lon, lat (CGCS2000, degrees),
// description, and optionally address and channel.
func ReadRecorded(r io.Reader) ([]Recorded, error) {
	in := csv.NewReader(r)
	in.ReuseRecord = true
	head, err := in.Read()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRecorded, err)
	}
	at := map[string]int{}
	for i, name := range head {
		at[strings.TrimPrefix(strings.TrimSpace(name), "\uFEFF")] = i
	}
	for _, name := range recordedColumns[:5] {
		if _, ok := at[name]; !ok {
			return nil, fmt.Errorf("%w: it has no column %s", ErrRecorded, name)
		}
	}
	var all []Recorded
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrRecorded, err)
		}
		if len(all) == maxRecorded {
			return nil, fmt.Errorf("%w: more than %d reports", ErrRecorded, maxRecorded)
		}
		one, err := recordedOf(at, row)
		if err != nil {
			line, _ := in.FieldPos(0)
			return nil, fmt.Errorf("%w: line %d: %w", ErrRecorded, line, err)
		}
		all = append(all, one)
	}
	slices.SortStableFunc(all, func(a, b Recorded) int { return int(min(1, max(-1, a.After-b.After))) })
	return all, nil
}

func recordedOf(at map[string]int, row []string) (Recorded, error) {
	text := func(name string) string {
		if i, ok := at[name]; ok {
			return strings.TrimSpace(row[i])
		}
		return ""
	}
	var wrong error
	number := func(name string, most float64) float64 {
		v, err := strconv.ParseFloat(text(name), 64)
		if err != nil || !(math.Abs(v) <= most) {
			wrong = errors.Join(wrong, fmt.Errorf("%s %.20q is no number up to %g", name, text(name), most))
		}
		return v
	}
	seconds := number("seconds", 366*86400)
	r := Recorded{Class: strings.Clone(text("class")), Lon: number("lon", 180), Lat: number("lat", 90),
		Says: strings.Clone(text("description")), Address: strings.Clone(text("address")), Channel: strings.Clone(text("channel"))}
	switch {
	case wrong != nil:
		return Recorded{}, wrong
	case seconds < 0:
		return Recorded{}, errors.New("seconds is negative")
	case r.Class == "" || r.Says == "" || !utf8.ValidString(r.Says) || utf8.RuneCountInString(r.Says) > maxSays:
		return Recorded{}, errors.New("class and description must be there, the description of at most 2000 characters of UTF-8")
	case !slices.Contains([]string{"", "citizen", "grid", "department"}, r.Channel):
		return Recorded{}, fmt.Errorf("channel %.20q is none of citizen, grid, department", r.Channel)
	}
	r.After = time.Duration(seconds * float64(time.Second))
	return r, nil
}

// recorded reports what of the recorded set is due.
func (d *desk) recorded(ctx context.Context, now time.Time) error {
	for len(d.set) > 0 && !now.Before(d.began.Add(d.quick(d.set[0].After))) {
		r := d.set[0]
		at := [2]float64{r.Lon, r.Lat}
		c := d.class(r.Class)
		if c.Code == "" {
			d.stats.Refused.Add(1)
			d.log.Warn("the city has no such class of incidents", "class", r.Class)
		} else if err := d.tell(ctx, now, c, d.town.graph.near(at), at, r.Says, r.Address, r.Channel, ""); err != nil {
			return err // it is told again
		}
		d.set = d.set[1:]
	}
	return nil
}

// quick is how long something takes at the speed of the run.
func (d *desk) quick(t time.Duration) time.Duration {
	return time.Duration(float64(t) / d.speed)
}
