package city

import "onecity/cim"

// defaultFormula weighs what a citizen notices first: what is open and late,
// alarms, the air, noise, traffic and water in the streets. Low is where a
// measure begins to be noticed, High where it counts in full: for the air about
// the annual mean of grade I and the 24 h or 1 h limits of GB 3095-2012, for noise
// from class 0 to class 4a by day of GB 3096-2008. The rest are a first setting
// that a city replaces with its own.
func defaultFormula() cim.Formula {
	mean := func(p cim.Property, low, high, weight float64) cim.Term {
		return cim.Term{Measure: "observation", Property: p, Window: cim.Quarter, Stat: "mean", Low: low, High: high, Weight: weight}
	}
	return cim.Formula{Terms: []cim.Term{
		{Measure: "incidents.open", Low: 0, High: 3, Weight: 2},
		{Measure: "incidents.late", Low: 0, High: 1, Weight: 2},
		{Measure: "alarms", Low: 0, High: 2, Weight: 2},
		mean("pm2_5", 15, 75, 4),
		mean("pm10", 40, 150, 2),
		mean("no2", 40, 200, 2),
		mean("o3", 100, 200, 2),
		mean("noise", 45, 70, 3),
		mean("occupancy", 10, 80, 3),
		mean("turbidity", 3, 60, 2),
	}}
}
