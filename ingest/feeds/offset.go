package feeds

import (
	"errors"
	"fmt"

	"onecity/geo"

	"github.com/paulmach/orb"
)

var errOffset = errors.New("the places are in another coordinate system than the contract declares")

// fewest pairs that can tell a coordinate system; below that each row is
// looked at on its own by the Gate.
const fewest = 3

// checkOffset compares the places of a delivery with those of the devices it
// names: a whole file in GCJ-02 that is declared as CGCS2000 is refused as a
// whole, because each of its rows is wrong in the same way.
func (d *delivery) checkOffset() error {
	t := &d.contract.Target
	if t.Kind != Devices && t.Kind != Indicators {
		return nil
	}
	city := d.gate.City()
	var known, sent []orb.Point
	for i := range d.table.rows {
		if len(known) >= chunk {
			break
		}
		rec, ps := d.read(&d.table.rows[i])
		if len(ps) > 0 || !rec.placed {
			continue
		}
		id := d.keyOf(&rec)
		if t.Kind == Devices {
			id = d.get(&rec, t.ID).text
		}
		if dev, ok := city.Device(id); ok {
			known, sent = append(known, orb.Point{dev.Lon, dev.Lat}), append(sent, rec.at)
		}
	}
	if len(known) < fewest {
		return nil
	}
	o, ok := geo.OffsetOf(known, sent)
	if !ok {
		return nil
	}
	really := o.CRS.String()
	if o.Swapped {
		really += ", latitude first"
	}
	return fmt.Errorf("%w: %d of them are %.0f m from where they are known to be, and %.0f m when read as %s; 坐标系与合同不符，疑为 %s",
		errOffset, o.Points, o.Apart, o.Left, really, really)
}
