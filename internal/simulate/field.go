package simulate

import (
	"math"
	"time"

	"onecity/cim"

	"github.com/paulmach/orb"
	orbgeo "github.com/paulmach/orb/geo"
)

// field is what there is to be observed, anywhere at any time: the course of
// the day and of the year, town and country, episodes. Sensors add their own
// drift. The levels are typical of a town in the Yangtze delta; they are made.
type field struct {
	town     *town
	episodes *episodes
}

// hour is the local time of day, 0 … 24.
func (f *field) hour(t time.Time) float64 {
	l := t.In(f.town.zone)
	return float64(l.Hour()) + float64(l.Minute())/60 + float64(l.Second())/3600
}

// peak is 1 at hour at and fades over width hours on both sides, around the clock.
func peak(h, at, width float64) float64 {
	d := math.Abs(h - at)
	d = math.Min(d, 24-d) / width
	return math.Exp(-d * d / 2)
}

// rush is how much is on the road, 0 … 1.
func rush(h float64) float64 {
	return math.Min(1, 0.12+0.75*peak(h, 8, 1.2)+0.8*peak(h, 17.8, 1.5)+0.4*peak(h, 13, 3))
}

// daylight is 0 at night and 1 at noon.
func daylight(h float64) float64 { return math.Max(0, math.Sin((h-6)/12*math.Pi)) }

// urban is 1 in the city's centre and fades towards the border.
func (f *field) urban(p orb.Point) float64 {
	d := orbgeo.Distance(p, f.town.info.Centre) / 7000
	return math.Exp(-d * d / 2)
}

// season is the mean temperature of the day of the year, °C.
func (f *field) season(t time.Time) float64 {
	return 16.5 - 11.5*math.Cos(2*math.Pi*float64(t.In(f.town.zone).YearDay()-20)/365)
}

// value is what device d observes of property p at t. It moves the device's
// drift on, so the order of calls is part of the result.
func (f *field) value(d *device, p cim.Property, t time.Time) float64 {
	info, _ := cim.PropertyOf(p)
	v := f.level(d, p, t)
	return round(math.Max(info.Low, math.Min(info.High, v)), max(info.Decimals, 1))
}

// wander moves the drift of one sensor: it forgets a fifth each time and is
// shaken by width.
func (d *device) wander(p cim.Property, width float64) float64 {
	v := 0.8*d.drift[p] + width*d.rng.NormFloat64()
	d.drift[p] = v
	return v
}

func (f *field) level(d *device, p cim.Property, t time.Time) float64 {
	h := f.hour(t)
	e := f.episodes
	switch p {
	case "pm2_5":
		return 26 + 12*rush(h) + 10*f.urban(d.at) + d.wander(p, 2) + 110*e.felt("plume", d.at, t)
	case "pm10":
		return 48 + 18*rush(h) + 14*f.urban(d.at) + d.wander(p, 3.5) + 190*e.felt("plume", d.at, t)
	case "no2":
		return 18 + 34*rush(h)*(0.4+0.6*f.urban(d.at)) + d.wander(p, 2) + 40*e.felt("plume", d.at, t)
	case "o3":
		return 45 + 95*daylight(h-1.5) - 20*f.urban(d.at) + d.wander(p, 3)
	case "temperature":
		return f.season(t) + 4.5*peak(h, 14.5, 5) - 2 + 1.5*f.urban(d.at) + d.wander(p, 0.1) - 3*e.felt("flood", d.at, t)
	case "humidity":
		return 78 - 26*daylight(h-2) + d.wander(p, 0.8) + 20*e.felt("flood", d.at, t)
	case "wind_speed":
		return 2.2 + 1.6*daylight(h) + math.Abs(d.wander(p, 0.4)) + 5*e.felt("flood", d.at, t)
	case "rain":
		if r := e.felt("flood", d.at, t); r > 0.05 {
			return 42 * r * (0.8 + 0.4*d.rng.Float64())
		}
		return 0
	case "water_level":
		tide := 0.12 * math.Sin(2*math.Pi*h/12.4)
		return 2.75 + 0.2*float64(d.n%5)/5 + tide + d.wander(p, 0.008) + 1.6*e.felt("flood", d.at, t)
	case "flow":
		return 9 + 6*math.Sin(2*math.Pi*h/12.4) + d.wander(p, 0.3) + 30*e.felt("flood", d.at, t)
	case "ph":
		return 7.4 + d.wander(p, 0.03)
	case "turbidity":
		return 19 + d.wander(p, 1) + 90*e.felt("flood", d.at, t)
	case "vehicle_count":
		return math.Round(4 + 46*rush(h)*(0.3+0.7*f.urban(d.at)) + math.Abs(d.wander(p, 3)))
	case "vehicle_speed":
		return 52 - 20*rush(h)*(0.5+0.5*f.urban(d.at)) + d.wander(p, 2) - 40*e.felt("jam", d.at, t)
	case "occupancy":
		return 6 + 30*rush(h)*(0.5+0.5*f.urban(d.at)) + d.wander(p, 1.5) + 65*e.felt("jam", d.at, t)
	case "noise":
		return 46 + 9*rush(h) + 5*daylight(h) + 4*f.urban(d.at) + d.wander(p, 1) + 22*e.felt("noise", d.at, t)
	}
	return f.furniture(d, p, t)
}

// furniture is what lamps and covers say of themselves.
func (f *field) furniture(d *device, p cim.Property, t time.Time) float64 {
	open := f.episodes.open(d.ID)
	switch p {
	case "power":
		if h := f.hour(t); h < 5.7 || h > 18.2 {
			return 0.15 + 0.004*d.rng.NormFloat64()
		}
		return 0
	case "voltage":
		return 228 + d.wander(p, 0.8)
	case "cover_open":
		if open {
			return 1
		}
		return 0
	case "tilt":
		if open {
			return 38 + d.wander(p, 1)
		}
		return 0.8 + math.Abs(d.wander(p, 0.1))
	case "gas":
		return 1.5 + math.Abs(d.wander(p, 0.3))
	}
	return 0
}

func round(v float64, decimals int) float64 {
	k := math.Pow10(decimals)
	return math.Round(v*k) / k
}
