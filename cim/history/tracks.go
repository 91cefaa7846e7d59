package history

import (
	"context"
	"fmt"
	"time"

	"onecity/cim"

	"github.com/jackc/pgx/v5"
)

// Track is where a unit was from from on, before to, oldest first; only the
// places within the scope's region. Status is empty where the unit did not say.
// At most MaxPoints.
func (r Reader) Track(ctx context.Context, unit string, from, to time.Time) ([]cim.Position, error) {
	x, ok := r.reach(cim.LayerUnits, "")
	if !ok {
		return nil, nil
	}
	ps, err := read(ctx, r, `
		select u.id, t.time, t.lon, t.lat, t.speed, t.heading, t.status
		from units u join unit_tracks t on t.unit = u.n
		where u.id = $5 and `+seen("t.region", "u.grade")+` and t.time >= $6 and t.time < $7
		order by t.time limit $8`, x.args(clean(unit), from, to, MaxPoints), pgx.RowToStructByPos[cim.Position])
	if err != nil {
		return nil, fmt.Errorf("read history: track of %s: %w", unit, err)
	}
	return ps, nil
}
