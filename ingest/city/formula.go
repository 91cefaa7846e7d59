package city

import "onecity/cim"

// defaultFormula weighs what a citizen notices first: what is open and late,
// alarms, the air, noise, traffic and water in the streets. Low is where a
// measure begins to count, High where it counts in full; limits of the air after
// GB 3095-2012 (24 h means, grade I and II), noise after GB 3096-2008 (classes 1
// to 4a by day).
func defaultFormula() cim.Formula {
	mean := func(p cim.Property, low, high, weight float64) cim.Term {
		return cim.Term{Measure: "observation", Property: p, Window: cim.Quarter, Stat: "mean", Low: low, High: high, Weight: weight}
	}
	return cim.Formula{Terms: []cim.Term{
		{Measure: "incidents.open", Low: 0, High: 6, Weight: 3},
		{Measure: "incidents.late", Low: 0, High: 2, Weight: 3},
		{Measure: "alarms", Low: 0, High: 3, Weight: 3},
		mean("pm2_5", 35, 75, 2),
		mean("pm10", 50, 150, 1),
		mean("no2", 80, 200, 1),
		mean("o3", 100, 200, 1),
		mean("noise", 55, 70, 1),
		mean("occupancy", 20, 80, 1),
		mean("turbidity", 10, 60, 1),
	}}
}
