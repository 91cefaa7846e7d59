package city

import (
	"context"
	"errors"
	"fmt"

	"onecity/cim"
	"onecity/ingest/citymodel"
)

var andorraNotices = []string{
	"地图数据 © OpenStreetMap 贡献者，ODbL 1.0（https://www.openstreetmap.org/copyright），随 github.com/paulmach/osm v0.8.0 分发的摘录；全部为真实数据。",
	"Map data © OpenStreetMap contributors, ODbL 1.0 (https://www.openstreetmap.org/copyright), the extract distributed with github.com/paulmach/osm v0.8.0; all of it is real.",
}

// loadAndorra reads the country out of OpenStreetMap's extract: the country is
// the city, its seven parishes are the districts, and there are no villages.
func loadAndorra(ctx context.Context, o Options, emit Emit) error {
	if o.OSM == "" {
		return errors.New("the path of an OpenStreetMap extract is needed")
	}
	if err := emit(cim.FormulaPut{Formula: defaultFormula()}); err != nil {
		return err
	}
	report, err := citymodel.Import(ctx, o.OSM, citymodel.Andorra(), emit, nil)
	if err != nil {
		return err
	}
	if report.Regions == 0 || report.Total() == 0 {
		return fmt.Errorf("%s holds %d regions and %d objects; is it the extract of Andorra?", o.OSM, report.Regions, report.Total())
	}
	return emit(cim.Profile{City: "AD", Name: "安道尔", NameEn: "Andorra", TimeZone: "Europe/Andorra", Notices: andorraNotices})
}
