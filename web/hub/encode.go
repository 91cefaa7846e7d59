package hub

import (
	"onecity/cim"
)

// encoder writes the things of a view.
type encoder struct {
	look  *look
	city  cim.Reader
	count int
}

// frameLayers is the order in which a frame lists its layers.
var frameLayers = [...]cim.Layer{cim.LayerCells, cim.LayerDevices, cim.LayerUnits, cim.LayerIncidents}

// all lists everything in the view.
func (e *encoder) all(t text) text {
	for _, layer := range frameLayers {
		if !e.look.layers.Has(layer) {
			continue
		}
		t = t.key(layer.String())
		t = append(t, '[')
		switch layer {
		case cim.LayerCells:
			e.city.Cells(e.look.res, e.look.bound, func(c *cim.CellState) bool {
				t = e.cell(t, c)
				return e.more()
			})
		case cim.LayerDevices:
			e.city.Devices(e.look.bound, 0, func(d *cim.DeviceState) bool {
				t = e.device(t, d)
				return e.more()
			})
		case cim.LayerUnits:
			e.city.Units(e.look.bound, 0, func(u *cim.UnitState) bool {
				if u.Position.Time.IsZero() {
					return true
				}
				t = e.unit(t, u)
				return e.more()
			})
		case cim.LayerIncidents:
			e.city.Incidents(e.look.bound, 0, func(i *cim.IncidentState) bool {
				t = e.incident(t, i)
				return e.more()
			})
		}
		t = append(t, ']')
	}
	return t
}

func (e *encoder) more() bool {
	e.count++
	return e.count <= maxThings
}

// some lists the things of marks, and those that are gone.
func (e *encoder) some(t text, marks []mark) text {
	for _, layer := range frameLayers {
		if !e.look.layers.Has(layer) {
			continue
		}
		open := false
		for i := range marks {
			m := &marks[i]
			if m.layer != layer || m.gone {
				continue
			}
			if !open {
				t = t.key(layer.String())
				t = append(t, '[')
				open = true
			}
			t = e.one(t, m.thing)
		}
		if open {
			t = append(t, ']')
		}
	}
	return e.gone(t, marks)
}

// one writes the thing as it is now.
func (e *encoder) one(t text, th thing) text {
	switch th.layer {
	case cim.LayerCells:
		if c, ok := e.city.Cell(th.cell); ok {
			t = e.cell(t, c)
		}
	case cim.LayerDevices:
		if d, ok := e.city.Device(th.id); ok {
			t = e.device(t, d)
		}
	case cim.LayerUnits:
		if u, ok := e.city.Unit(th.id); ok {
			t = e.unit(t, u)
		}
	case cim.LayerIncidents:
		if i, ok := e.city.Incident(th.id); ok {
			t = e.incident(t, i)
		}
	}
	return t
}

func (e *encoder) gone(t text, marks []mark) text {
	any := false
	for _, layer := range frameLayers {
		open := false
		for i := range marks {
			m := &marks[i]
			if m.layer != layer || !m.gone {
				continue
			}
			if !any {
				t = t.key("gone")
				t = append(t, '{')
				any = true
			}
			if !open {
				t = t.key(layer.String())
				t = append(t, '[')
				open = true
			}
			t = t.sep()
			if layer == cim.LayerCells {
				t = t.str(m.cell.String())
			} else {
				t = t.str(m.id)
			}
		}
		if open {
			t = append(t, ']')
		}
	}
	if any {
		t = append(t, '}')
	}
	return t
}

func (e *encoder) cell(t text, c *cim.CellState) text {
	open := 0
	for _, n := range c.Open {
		open += n
	}
	t = append(t.sep(), '{')
	t = t.key("cell").str(c.Cell.String())
	t = t.key("index").num(c.Index, 2)
	t = t.key("open").int(open)
	t = t.key("late").int(c.Late)
	t = t.key("units").int(c.Units)
	t = t.key("devices").int(c.Devices)
	t = t.key("alarms").int(c.Alarms)
	if len(c.Properties) > 0 {
		t = t.key("properties")
		t = append(t, '{')
		for i := range c.Properties {
			p := &c.Properties[i]
			q := &p.Windows[cim.Quarter]
			t = t.key(string(p.Property))
			t = append(t, '[')
			t = t.num(p.Windows[cim.Day].Last, 4)
			if q.Count == 0 {
				t = append(t, ",null,null"...)
			} else {
				t = append(t, ',')
				t = t.num(q.Mean(), 4)
				t = append(t, ',')
				t = t.num(q.Max, 4)
			}
			t = append(t, ',')
			t = t.uint(q.Count)
			t = append(t, ']')
		}
		t = append(t, '}')
	}
	if len(c.Indicators) > 0 {
		t = t.key("indicators")
		t = append(t, '{')
		for _, v := range c.Indicators {
			t = t.sep().str(v.Name)
			t = append(t, ':')
			t = t.num(v.Value, 4)
		}
		t = append(t, '}')
	}
	return append(t, '}')
}

func (e *encoder) device(t text, d *cim.DeviceState) text {
	t = append(t.sep(), '{')
	t = t.key("id").str(d.ID)
	t = t.key("name").str(d.Name)
	t = t.key("kind").str(d.Kind)
	t = t.key("lon").num(d.Lon, 6)
	t = t.key("lat").num(d.Lat, 6)
	t = t.key("seen").time(d.Seen)
	t = t.key("simulated").bool(d.Simulated)
	t = t.key("values")
	t = append(t, '{')
	for i, s := range d.Streams {
		if s.Time.IsZero() {
			continue
		}
		t = t.key(string(d.Datastreams[i].Property))
		t = append(t, '[')
		t = t.num(s.Value, 4)
		if s.Alarm {
			t = append(t, ",1]"...)
		} else {
			t = append(t, ",0]"...)
		}
	}
	return append(t, "}}"...)
}

func (e *encoder) unit(t text, u *cim.UnitState) text {
	t = append(t.sep(), '{')
	t = t.key("id").str(u.ID)
	t = t.key("name").str(u.Name)
	t = t.key("kind").str(u.Kind)
	t = t.key("lon").num(u.Position.Lon, 6)
	t = t.key("lat").num(u.Position.Lat, 6)
	t = t.key("speed").num(float64(u.Position.Speed), 2)
	t = t.key("heading").num(float64(u.Position.Heading), 1)
	t = t.key("status").str(u.Position.Status)
	t = t.key("seen").time(u.Position.Time)
	t = t.key("simulated").bool(u.Simulated)
	return append(t, '}')
}

func (e *encoder) incident(t text, i *cim.IncidentState) text {
	t = append(t.sep(), '{')
	t = t.key("id").str(i.ID)
	t = t.key("class").str(i.Class)
	t = t.key("title").str(i.Title)
	t = t.key("status").str(string(i.Status))
	t = t.key("severity").uint(uint64(i.Severity))
	t = t.key("lon").num(i.Lon, 6)
	t = t.key("lat").num(i.Lat, 6)
	t = t.key("reported").time(i.Reported)
	t = t.key("due").time(i.Due)
	t = t.key("late").bool(i.Late)
	t = t.key("unit").str(i.Unit)
	t = t.key("region").str(string(i.Region))
	t = t.key("simulated").bool(i.Simulated)
	return append(t.caseOf(i), '}')
}

// caseOf is what a case has that a report does not; most of it is left out of
// most incidents.
func (t text) caseOf(i *cim.IncidentState) text {
	if i.Step == "" {
		return t
	}
	t = t.key("step").str(i.Step)
	t = t.key("version").uint(uint64(i.Version))
	if len(i.Offered) > 0 {
		t = append(t.key("offered"), '[')
		for _, unit := range i.Offered {
			t = t.sep().str(unit)
		}
		t = append(t, ']')
	}
	if i.Urged > 0 {
		t = t.key("urged").int(i.Urged)
	}
	if i.Merged > 0 {
		t = t.key("merged").int(i.Merged)
	}
	return t
}
