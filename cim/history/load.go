package history

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"

	"onecity/cim"
	"onecity/geo"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"
)

// Load makes the model as it was at the last checkpoint of the stream of that
// epoch; the caller folds on from pos. Without a checkpoint of that stream, or
// with one that this program cannot read, the model holds what stands alone,
// with the open incidents, and pos is 0.
//
// What stands is as of the recorder's position, which is never behind the
// checkpoint: folding the events in between again changes nothing of it. But
// what a device said in between, before it was moved, is folded as said where
// it stands now; see [cim.Restore].
func (s *Store) Load(ctx context.Context, epoch string) (m *cim.Model, pos uint64, err error) {
	m, err = s.load(ctx, epoch)
	if errors.Is(err, cim.ErrCheckpoint) {
		s.log.Error("the live state cannot be restored; the city is made of what stands and of what the stream still has", "error", err)
		m, err = s.load(ctx, "")
	}
	if err != nil {
		return nil, 0, fmt.Errorf("load the model: %w", err)
	}
	if n := m.LeftOut(); n > 0 {
		s.log.Error("the checkpoint knows devices and units that the tables do not; they are left out", "count", n)
	}
	return m, m.Snapshot().Seq(), nil
}

// load is Load from the checkpoint of that epoch, from none for "".
func (s *Store) load(ctx context.Context, epoch string) (m *cim.Model, err error) {
	err = pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		checkpoint, err := readCheckpoint(ctx, tx, epoch)
		if err != nil {
			return err
		}
		// One goroutine reads rows and decodes them, this one builds the model.
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		group, ctx := errgroup.WithContext(ctx)
		facts := make(chan cim.Fact, 4)
		group.Go(func() error {
			defer close(facts)
			emit := func(f cim.Fact) error {
				select {
				case facts <- f:
					return nil
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			if err := standingFacts(ctx, tx, emit); err != nil || checkpoint != nil {
				return err
			}
			return loadOpenIncidents(ctx, tx, emit)
		})
		m, err = cim.Restore(received(group, facts), checkpoint)
		if err != nil {
			cancel()
		}
		for range facts { // the reader must end before tx does
		}
		return errors.Join(err, group.Wait())
	})
	return m, err
}

// Resume is Load for a stream, and moves the model past events that have aged
// out of it since the checkpoint: after a long stop they can be had from
// nowhere, and a reader that asks for them gets [streams.ErrGone]. From a
// stream that ends before the checkpoint, because it has lost what came last,
// the model is what stands, and takes in anew what the stream has.
func (s *Store) Resume(ctx context.Context, source Source) (*cim.Model, error) {
	m, pos, err := s.Load(ctx, source.Epoch())
	if err != nil {
		return nil, err
	}
	last, err := source.Last(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the model: %w", err)
	}
	if pos > last {
		s.log.Error("the stream has lost its newest events; the city is made of what stands and of what the stream still has", "checkpoint", pos, "last", last)
		if m, err = s.load(ctx, ""); err != nil {
			return nil, fmt.Errorf("load the model: %w", err)
		}
		return m, nil
	}
	first, err := source.First(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the model: %w", err)
	}
	if pos > 0 && pos+1 < first {
		s.log.Error("events aged out of the stream while the city was stopped; its live state lacks them", "first", pos+1, "last", first-1)
		m.Fold(cim.Event{Seq: first - 1, Fact: cim.Tick{}})
	}
	return m, nil
}

// received is the facts of a channel, and at its end the error of the group
// that filled it.
func received(group *errgroup.Group, facts <-chan cim.Fact) iter.Seq2[cim.Fact, error] {
	return func(yield func(cim.Fact, error) bool) {
		for f := range facts {
			if !yield(f, nil) {
				return
			}
		}
		if err := group.Wait(); err != nil {
			yield(nil, err)
		}
	}
}

// standingFacts emits what stands, the regions first: they are what the others
// are counted in.
func standingFacts(ctx context.Context, q querier, emit func(cim.Fact) error) error {
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
	if err := loadObjects(ctx, q, emit); err != nil {
		return err
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
