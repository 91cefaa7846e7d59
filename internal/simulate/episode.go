package simulate

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/paulmach/orb"
	orbgeo "github.com/paulmach/orb/geo"
)

// episode is something out of the ordinary that sensors feel for some minutes:
// a plume of dust, a cloudburst, a traffic jam.
type episode struct {
	kind     string
	at       orb.Point
	drift    orb.Point // degrees a second, with the wind
	began    time.Time
	lasts    time.Duration
	reach    float64 // metres
	strength float64 // 0 … 1
	device   string  // the one it is about, for a cover
}

// episodeKind says how an episode of a kind comes. The city's alarm rules make
// incidents of what devices then measure.
type episodeKind struct {
	kind     string
	first    time.Duration // after the start, so that the map is soon alive
	every    time.Duration // on average afterwards
	min, max time.Duration
	reach    float64
	device   string // kind of device it starts at
}

var episodeKinds = []episodeKind{
	{"plume", 10 * time.Second, 9 * time.Minute, 6 * time.Minute, 14 * time.Minute, 1600, "air"},
	{"jam", 20 * time.Second, 4 * time.Minute, 5 * time.Minute, 12 * time.Minute, 900, "traffic"},
	{"cover", 30 * time.Second, 7 * time.Minute, 4 * time.Minute, 9 * time.Minute, 1, "manhole"},
	{"flood", 45 * time.Second, 15 * time.Minute, 8 * time.Minute, 18 * time.Minute, 2500, "water"},
	{"noise", 60 * time.Second, 8 * time.Minute, 4 * time.Minute, 15 * time.Minute, 500, "noise"},
}

// episodes is what goes on in the city now.
type episodes struct {
	rng     *rand.Rand
	sites   map[string][]*device
	next    []time.Time // by kind
	running []episode
}

func newEpisodes(seed uint64, devices []*device, start time.Time) *episodes {
	e := &episodes{rng: rand.New(rand.NewPCG(seed, 'e')), sites: map[string][]*device{}}
	for _, d := range devices {
		e.sites[d.Kind] = append(e.sites[d.Kind], d)
	}
	for _, k := range episodeKinds {
		e.next = append(e.next, start.Add(k.first))
	}
	return e
}

// step ends what is over and begins what is due.
func (e *episodes) step(now time.Time) {
	still := e.running[:0]
	for _, r := range e.running {
		if now.Sub(r.began) < r.lasts {
			still = append(still, r)
		}
	}
	e.running = still
	for i, k := range episodeKinds {
		if now.Before(e.next[i]) {
			continue
		}
		e.next[i] = now.Add(time.Duration((0.4 + 1.2*e.rng.Float64()) * float64(k.every)))
		if sites := e.sites[k.device]; len(sites) > 0 {
			e.running = append(e.running, e.begin(k, sites[e.rng.IntN(len(sites))], now))
		}
	}
}

func (e *episodes) begin(k episodeKind, d *device, now time.Time) episode {
	r := episode{
		kind: k.kind, at: d.at, began: now, reach: k.reach, strength: 0.6 + 0.4*e.rng.Float64(), device: d.ID,
		lasts: k.min + time.Duration(e.rng.Float64()*float64(k.max-k.min)),
	}
	if k.kind == "plume" { // 2 m/s with the wind, about 7 km an hour
		a := 2 * math.Pi * e.rng.Float64()
		r.drift = orb.Point{2 * math.Cos(a) / 95_000, 2 * math.Sin(a) / 111_195}
	}
	return r
}

// felt is how much of an episode of that kind is felt at p, 0 … 1.
func (e *episodes) felt(kind string, p orb.Point, now time.Time) (most float64) {
	for _, r := range e.running {
		if r.kind != kind {
			continue
		}
		age := now.Sub(r.began)
		at := orb.Point{r.at[0] + r.drift[0]*age.Seconds(), r.at[1] + r.drift[1]*age.Seconds()}
		d := orbgeo.Distance(at, p) / r.reach
		if d > 4 {
			continue
		}
		// It grows fast and goes slowly.
		f := age.Seconds() / r.lasts.Seconds()
		shape := math.Min(1, f*6) * math.Min(1, (1-f)*2)
		most = math.Max(most, r.strength*shape*math.Exp(-d*d/2))
	}
	return most
}

// open reports whether a cover stands open.
func (e *episodes) open(device string) bool {
	for _, r := range e.running {
		if r.kind == "cover" && r.device == device {
			return true
		}
	}
	return false
}
