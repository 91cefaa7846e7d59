package geo

import (
	"fmt"
	"math"

	"github.com/paulmach/orb"
)

// CheckRings checks what an area needs to mean anything: rings of four points
// or more, closed (first point = last), every coordinate a finite number on
// the globe. [Validate] checks more, and any geometry.
func CheckRings(mp orb.MultiPolygon) error {
	for i, p := range mp {
		if len(p) == 0 {
			return fmt.Errorf("polygon %d has no ring", i)
		}
		for j, r := range p {
			if err := checkRing(r); err != nil {
				return fmt.Errorf("polygon %d ring %d: %w", i, j, err)
			}
		}
	}
	return nil
}

func checkRing(r orb.Ring) error {
	if err := checkPoints(r); err != nil {
		return err
	}
	if len(r) < 4 {
		return fmt.Errorf("%w: %d, a ring needs 4", ErrTooFewPoints, len(r))
	}
	if r[0] != r[len(r)-1] {
		return fmt.Errorf("%w: starts at %s and ends at %s", ErrUnclosed, place(r[0]), place(r[len(r)-1]))
	}
	return nil
}

func checkPoints(ps []orb.Point) error {
	for i, p := range ps {
		if err := checkPoint(p); err != nil {
			return fmt.Errorf("point %d: %w", i, err)
		}
	}
	return nil
}

func checkPoint(p orb.Point) error {
	for _, v := range p {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("%w: %s", ErrNotFinite, place(p))
		}
	}
	if math.Abs(p[0]) > 180 || math.Abs(p[1]) > 90 {
		return fmt.Errorf("%w: %s; expected lon -180…180, lat -90…90", ErrOffGlobe, place(p))
	}
	return nil
}

func place(p orb.Point) string { return fmt.Sprintf("(%.7g %.7g)", p[0], p[1]) }
