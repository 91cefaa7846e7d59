package history

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"onecity/cim"
	"onecity/geo"

	"github.com/jackc/pgx/v5"
)

// tables emits what some of the standing tables hold.
type tables func(ctx context.Context, q querier, emit func(cim.Fact) error) error

// everything emits all that stands.
func everything(ctx context.Context, q querier, emit func(cim.Fact) error) error {
	if err := loadRegister(ctx, q, emit); err != nil {
		return err
	}
	return loadObjects(ctx, q, emit)
}

// loadRegister emits what stands apart from the objects, the regions first:
// they are what the others are counted in.
func loadRegister(ctx context.Context, q querier, emit func(cim.Fact) error) error {
	var profile, formula []byte
	err := q.QueryRow(ctx, "select profile, formula from city").Scan(&profile, &formula)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("load the city's profile: %w", err)
	}
	if profile != nil {
		var p cim.Profile
		if err := json.Unmarshal(profile, &p); err != nil {
			return fmt.Errorf("load the city's profile: %w", err)
		}
		if err := emit(p); err != nil {
			return err
		}
	}
	regions, err := loadRegions(ctx, q)
	if err != nil {
		return err
	}
	if len(regions) > 0 {
		if err := emit(cim.RegionsPut{Regions: regions}); err != nil {
			return err
		}
	}
	if formula != nil {
		var f cim.FormulaPut
		if err := json.Unmarshal(formula, &f.Formula); err != nil {
			return fmt.Errorf("load the formula: %w", err)
		}
		if err := emit(f); err != nil {
			return err
		}
	}
	privacy, ok, err := loadPrivacy(ctx, q)
	if err != nil {
		return err
	}
	if ok {
		if err := emit(cim.PrivacyPut{Privacy: privacy}); err != nil {
			return err
		}
	}
	if err := loadDevices(ctx, q, emit); err != nil {
		return err
	}
	return loadUnits(ctx, q, emit)
}

// page is how many things one fact of the restart holds.
const page = 4096

func loadDevices(ctx context.Context, q querier, emit func(cim.Fact) error) error {
	rows, err := q.Query(ctx, "select id, name, kind, lon, lat, datastreams, grade, simulated from devices order by id")
	if err != nil {
		return fmt.Errorf("load devices: %w", err)
	}
	defer rows.Close()
	var list []cim.Device
	var streams []byte
	for rows.Next() {
		var d cim.Device
		var grade int16
		if err := rows.Scan(&d.ID, &d.Name, &d.Kind, &d.Lon, &d.Lat, &streams, &grade, &d.Simulated); err != nil {
			return fmt.Errorf("load devices: %w", err)
		}
		d.Grade = cim.Grade(grade)
		if err := json.Unmarshal(streams, &d.Datastreams); err != nil {
			return fmt.Errorf("load device %s: %w", d.ID, err)
		}
		if list = append(list, d); len(list) == page {
			if err := emit(cim.DevicesPut{Devices: list}); err != nil {
				return err
			}
			list = nil
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("load devices: %w", err)
	}
	return emit(cim.DevicesPut{Devices: list})
}

func loadUnits(ctx context.Context, q querier, emit func(cim.Fact) error) error {
	rows, err := q.Query(ctx, "select id, name, kind, org, home, grade, simulated from units order by id")
	if err != nil {
		return fmt.Errorf("load units: %w", err)
	}
	units, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (u cim.Unit, err error) {
		var grade int16
		var home string
		err = row.Scan(&u.ID, &u.Name, &u.Kind, &u.Org, &home, &grade, &u.Simulated)
		u.Grade, u.Home = cim.Grade(grade), geo.Code(home)
		return u, err
	})
	if err != nil {
		return fmt.Errorf("load units: %w", err)
	}
	return emit(cim.UnitsPut{Units: units})
}
