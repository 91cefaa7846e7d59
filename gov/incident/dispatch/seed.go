package dispatch

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
)

// seedData is what a city to try the program out begins with. All of it is made
// up, and every row says so.
//
//go:embed data/seed.json
var seedData []byte

// SeedOrg is an organisation of the directory, as the seed needs it.
type SeedOrg struct{ Path, Name, Region string }

// Seed fills an empty Book for a city: who answers for what, of those
// organisations that are there, and a week of a roster for the city and some of
// its towns. A town's own organisation is the one whose Region is the town's.
// It does nothing where there is a responsibility list already.
func (b *Book) Seed(ctx context.Context, city string, towns []string, orgs []SeedOrg) error {
	var there bool
	if err := b.pool.QueryRow(ctx, `select exists (select from dispatch.mandate) or exists (select from dispatch.day)`).Scan(&there); err != nil {
		return fmt.Errorf("look into the responsibility list: %w", err)
	}
	if there {
		return nil
	}
	var seed struct {
		Note     string
		Mandates []struct {
			Class, Org string
			Kinds      []string
		}
		TownMandates []struct {
			Class string
			Kinds []string
		}
		Days, Towns int
		People      []string
		CityUnits   map[string][]Turn
	}
	if err := json.Unmarshal(seedData, &seed); err != nil {
		return fmt.Errorf("read the first responsibility list: %w", err)
	}
	by := System("初始数据 the first content")
	entrust := func(class, region string, kinds []string, o SeedOrg) error {
		_, err := b.Entrust(ctx, by, Mandate{Class: class, Region: region, Org: o.Path, OrgName: o.Name, Kinds: kinds, Note: seed.Note, Made: true})
		return err
	}
	for _, m := range seed.Mandates {
		for _, o := range orgs {
			if strings.HasSuffix(o.Name, m.Org) {
				if err := entrust(m.Class, city, m.Kinds, o); err != nil {
					return err
				}
				break
			}
		}
	}
	for _, town := range towns {
		for _, o := range orgs {
			if o.Region != town {
				continue
			}
			for _, m := range seed.TownMandates {
				if err := entrust(m.Class, town, m.Kinds, o); err != nil {
					return err
				}
			}
			break
		}
	}
	return b.seedRoster(ctx, by, append([]string{city}, towns[:min(len(towns), seed.Towns)]...), seed.Days, seed.People, seed.CityUnits, seed.Note)
}

// seedRoster puts one person into each slot of each day and region, and units
// into those of the first region.
func (b *Book) seedRoster(ctx context.Context, by By, regions []string, days int, people []string, units map[string][]Turn, note string) error {
	list, err := b.Slots(ctx)
	if err != nil {
		return err
	}
	today, err := b.day("")
	if err != nil {
		return err
	}
	for d := range days {
		for r, region := range regions {
			day := RosterDay{Region: region, Date: today.AddDate(0, 0, d).Format("2006-01-02")}
			for s, slot := range list {
				name := people[(r*len(list)+s+d)%len(people)]
				day.Turns = append(day.Turns, Turn{Shift: slot.Code, PersonName: name, Note: note, Made: true})
				if r == 0 {
					for _, u := range units[slot.Code] {
						day.Turns = append(day.Turns, Turn{Shift: slot.Code, Unit: u.Unit, UnitName: u.UnitName, Note: note, Made: true})
					}
				}
			}
			if _, err := b.SetRoster(ctx, by, day); err != nil {
				return err
			}
		}
	}
	return nil
}
