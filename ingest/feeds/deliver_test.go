package feeds_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"onecity/cim"
	"onecity/geo"
	"onecity/ingest"
	"onecity/ingest/feeds"

	"github.com/paulmach/orb"
)

func TestATableIsTakenInEveryEncoding(t *testing.T) {
	c := start(t)
	stations(t, c)
	for name, encoding := range map[string]string{
		"air-gb18030-bom.csv": "gb18030",
		"air-gb18030.csv":     "gb18030",
		"air-utf8-bom.csv":    "utf-8",
		"air-utf8.csv":        "utf-8", // with ; between
	} {
		r := c.deliver(t, "air-hourly", name, file(t, name))
		if r.Encoding != encoding || r.Rows != 6 || r.Accepted != 2 || r.Rejected != 4 {
			t.Errorf("%s: got %+v", name, r)
		}
	}
}

// stations registers the stations of the air feed with all they observe.
func stations(t *testing.T, c city) {
	t.Helper()
	r := c.deliver(t, "air-stations", "stations.csv", []byte(
		"站点编码,站点名称,经度,纬度\nair-1,昆山第二中学,120.98,31.38\nair-2,震川中学,121.02,31.41\nair-3,𠮷祥路,121.05,31.35\n"))
	if r.Accepted != 3 || r.Rejected != 0 {
		t.Fatalf("got %+v", r)
	}
	c.Until(t, "the stations are there", func(r cim.Reader) bool { _, ok := r.Device("air-3"); return ok })
}

func TestGoodRowsGoInAndBadRowsAreDeadLettersWithTheReason(t *testing.T) {
	c := start(t)
	stations(t, c)
	r := c.deliver(t, "air-hourly", "2026013108.csv", file(t, "air-gb18030-bom.csv"))
	want := `3 D3 PM2.5 out-of-range
4 A4 站点编码 unknown-device
5 G5 NO2 not-finite
7 A7 站点编码 duplicate`
	if r.Rows != 6 || r.Accepted != 2 || r.Rejected != 4 || wrong(sorted(r.Problems)) != want {
		t.Errorf("got %d rows, %d accepted, %d rejected:\n%s", r.Rows, r.Accepted, r.Rejected, wrong(r.Problems))
	}
	c.Until(t, "35 is in the city", func(cim.Reader) bool { v, _ := c.Value("air-1", "pm2_5"); return v == 35 })
	c.Until(t, "the midnight value is in the city", func(r cim.Reader) bool {
		d, _ := r.Device("air-3")
		return d.Seen.Equal(eight.Add(-8 * time.Hour)) // 24:00 of the day before
	})
	ls := c.DeadLetters(t)
	if len(ls) != 4 {
		t.Fatalf("%d dead letters", len(ls))
	}
	for _, l := range ls {
		if l.Way != "feeds/air-hourly" || l.Source != "2026013108.csv" {
			t.Errorf("got %+v", l)
		}
		var cells map[string]string
		if err := json.Unmarshal(l.Body, &cells); err != nil {
			t.Fatal(err)
		}
		if l.Row == 5 && (cells["站点名称"] != "𠮷祥路（花桥）" || cells["NO2"] != "NaN" || problems(t, l.Why)[0].Cell != "G5") {
			t.Errorf("row 5 is kept as %v because of %s", cells, l.Why)
		}
	}
}

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func sorted(ps []ingest.Problem) []ingest.Problem {
	out := append([]ingest.Problem(nil), ps...)
	for i := range out {
		for j := i; j > 0 && out[j].Item < out[j-1].Item; j-- {
			out[j], out[j-1] = out[j-1], out[j]
		}
	}
	return out
}

func TestTheSameFileAgainChangesNothing(t *testing.T) {
	c := start(t)
	stations(t, c)
	body := file(t, "air-utf8.csv")
	first := c.deliver(t, "air-hourly", "a.csv", body)
	before, err := c.Broker.Last(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	again := c.deliver(t, "air-hourly", "b.csv", body)
	if !again.Repeated || again.Rows != first.Rows || again.Accepted != first.Accepted {
		t.Errorf("got %+v after %+v", again, first)
	}
	if n := len(c.DeadLetters(t)); n != first.Rejected {
		t.Errorf("%d dead letters, want %d", n, first.Rejected)
	}
	if after, err := c.Broker.Last(t.Context()); err != nil || after != before {
		t.Errorf("the stream went from %d to %d, %v", before, after, err)
	}
	// A file without any fault is not even read again.
	good := []byte("站点编码,监测时间,PM2.5\nair-1,2026-01-31 07:00,20\n")
	c.deliver(t, "air-hourly", "c.csv", good)
	if r := c.deliver(t, "air-hourly", "d.csv", good); !r.Repeated || r.File != "d.csv" || r.Accepted != 1 {
		t.Errorf("got %+v", r)
	}
}

func TestAMendedRowIsTakenOnTheSamePath(t *testing.T) {
	c := start(t)
	stations(t, c)
	c.deliver(t, "air-hourly", "a.csv", []byte("站点编码,监测时间,PM2.5\nair-1,2026-01-31 07:00,2O\n"))
	letter := c.DeadLetters(t)[0]
	r, err := c.Resend(t.Context(), letter, nil)
	if err != nil || r.Rejected != 1 || r.Problems[0].Field != "PM2.5" || r.Problems[0].Item != 2 {
		t.Fatalf("as it was: %+v, %v", r, err)
	}
	r, err = c.Resend(t.Context(), letter, []byte(strings.Replace(string(letter.Body), "2O", "20", 1)))
	if err != nil || r.Accepted != 1 {
		t.Fatalf("mended: %+v, %v", r, err)
	}
	c.Until(t, "20 is in the city", func(cim.Reader) bool { v, _ := c.Value("air-1", "pm2_5"); return v == 20 })
	for _, body := range []string{`nonsense`, `{"站点编码":{}}`, `{}`} {
		if r, err := c.Resend(t.Context(), letter, []byte(body)); err != nil || r.Accepted != 0 || r.Rejected != 1 {
			t.Errorf("%s: got %+v, %v", body, r, err)
		}
	}
}

func TestAWholeFileInGCJ02ThatIsDeclaredAsCGCS2000IsRefused(t *testing.T) {
	c := start(t)
	stations(t, c)
	var b strings.Builder
	b.WriteString("站点编码,站点名称,经度,纬度\n")
	for id, p := range map[string]orb.Point{"air-1": {120.98, 31.38}, "air-2": {121.02, 31.41}, "air-3": {121.05, 31.35}} {
		g := geo.ToGCJ02(p)
		b.WriteString(id + ",站," + number(g[0]) + "," + number(g[1]) + "\n")
	}
	r := c.deliver(t, "air-stations", "gcj.csv", []byte(b.String()))
	if r.Accepted != 0 || !strings.Contains(r.Error, "GCJ-02") {
		t.Errorf("got %+v", r)
	}
	// Declared as what it is, it is taken.
	d := start(t, inCRS("air-stations", geo.GCJ02))
	if r := d.deliver(t, "air-stations", "gcj.csv", []byte(b.String())); r.Accepted != 3 {
		t.Errorf("got %+v", r)
	}
}

func TestPlaneCoordinatesAreConverted(t *testing.T) {
	c := start(t)
	xy := geo.CRS(4549).FromCGCS2000(orb.Point{121, 31.4})
	r := c.deliver(t, "pump-stations", "p.csv", []byte("泵站编码,采集时间,X坐标,Y坐标,内河水位\np-1,2026/1/31 8:00,"+
		number(xy[0])+","+number(xy[1])+",2.5\np-2,2026/1/31 8:00,31.4,121,2.5\n"))
	if r.Accepted != 1 || r.Rejected != 1 || r.Problems[0].Field != "X坐标" {
		t.Errorf("got %+v", r)
	}
	c.Until(t, "the level is in its cell", func(rd cim.Reader) bool {
		cell, ok := rd.Cell(geo.CellAt(orb.Point{121, 31.4}, geo.BaseResolution))
		return ok && len(cell.Indicators) == 1 && cell.Indicators[0].Value == 2.5
	})
}

func TestAPolygonThatCrossesItselfIsADeadLetterThatSaysWhere(t *testing.T) {
	c := start(t, inCRS("pump-stations", geo.CGCS2000))
	r := c.deliver(t, "pump-stations", "pumps.geojson", file(t, "pumps.geojson"))
	want := "2  geometry self-crossing\n4  geometry missing\n5  / malformed\n6  / malformed"
	if r.Accepted != 2 || r.Rejected != 4 || wrong(sorted(r.Problems)) != want {
		t.Errorf("got %d, %d:\n%s", r.Accepted, r.Rejected, wrong(sorted(r.Problems)))
	}
	for _, l := range c.DeadLetters(t) {
		if l.Row == 2 && !strings.Contains(string(l.Why), "121.005 31.405") {
			t.Errorf("it does not say where: %s", l.Why)
		}
	}
	// Mended by hand, the feature is taken.
	for _, l := range c.DeadLetters(t) {
		if l.Row != 4 {
			continue
		}
		mended := strings.Replace(string(l.Body), `"geometry":null`, `"geometry":{"type":"Point","coordinates":[121,31.4]}`, 1)
		if r, err := c.Resend(t.Context(), l, []byte(mended)); err != nil || r.Accepted != 1 {
			t.Errorf("got %+v, %v", r, err)
		}
	}
}

func TestWorkOrdersAreIncidentsAndFollowTheDepartment(t *testing.T) {
	c := start(t)
	at := geo.ToGCJ02(orb.Point{121, 31.4})
	row := func(status, content string) []byte {
		return []byte("工单编号,诉求类别,诉求内容,发生地址,受理时间,办理状态,经度,纬度\nGD-1,路灯," + content + ",人民路,2026-01-31 07:30," + status +
			"," + number(at[0]) + "," + number(at[1]) + "\nGD-2,外星人,来了,人民路,2026-01-31 07:30,待受理," + number(at[0]) + "," + number(at[1]) + "\n")
	}
	r := c.deliver(t, "hotline-orders", "1.csv", row("待受理", "灯不亮"))
	if r.Accepted != 1 || wrong(r.Problems) != "3 B3 诉求类别 unknown-code" {
		t.Fatalf("got %+v", r)
	}
	in, ok := c.Gate.FindIncident("hotline-orders-GD-1")
	if !ok || in.Class != "C0105" || in.Version != 1 || in.Channel != "department" || in.Due.Sub(in.Reported) != 24*time.Hour ||
		in.Lon < 120.9999 || in.Lon > 121.0001 {
		t.Errorf("got %+v", in)
	}
	c.deliver(t, "hotline-orders", "2.csv", row("办理中", "灯不亮"))
	// The same order in another file says nothing new.
	c.deliver(t, "hotline-orders", "3.csv", append(row("办理中", "灯不亮"), '\n'))
	c.deliver(t, "hotline-orders", "4.csv", row("办理中", "灯不亮，已三天"))
	if in, _ := c.Gate.FindIncident("hotline-orders-GD-1"); in.Version != 1 || in.Status != cim.StatusReported {
		t.Errorf("the department moved the city's own record: %+v", in)
	}
	said := c.told(t, 2)
	if said[0].Status != cim.StatusHandling || said[0].Note != "" || said[1].Note != "灯不亮，已三天" || said[0].ID != "hotline-orders-GD-1" {
		t.Errorf("the department said %+v", said)
	}
}

func TestAWorkOrderThatWasDoneWithLongAgoIsNoNewIncident(t *testing.T) {
	c := start(t)
	r := c.deliver(t, "hotline-orders", "1.csv", []byte("工单编号,诉求类别,受理时间,办理状态,经度,纬度\n"+
		"GD-1,路灯,2026-01-01 07:30,已归档,121.004,31.398\nGD-2,路灯,2026-01-31 07:30,已归档,121.004,31.398\n"))
	if r.Accepted != 2 || r.Rejected != 0 {
		t.Errorf("got %+v", r)
	}
	if _, ok := c.Gate.FindIncident("hotline-orders-GD-1"); ok {
		t.Error("it is one")
	}
	if in, ok := c.Gate.FindIncident("hotline-orders-GD-2"); !ok || in.Status != cim.StatusReported {
		t.Errorf("the one of today: %+v, %v", in, ok)
	}
	if said := c.told(t, 1); said[0].Status != cim.StatusClosed {
		t.Errorf("of the one of today was said %+v", said)
	}
}

func TestAFileThatCannotBeReadIsRefusedAsAWhole(t *testing.T) {
	c := start(t)
	for name, tc := range map[string]struct{ body, says string }{
		"empty.csv":      {"", "empty"},
		"other.csv":      {"a,b,c\n1,2,3\n", "no header found"},
		"missing.csv":    {"站点编码,PM2.5\nair-1,3\n", "监测时间"},
		"twice.csv":      {"站点编码,监测时间,PM2.5,PM2.5\nair-1,2026-01-31 08:00,3,4\n", "C1 \"PM2.5\" or D1 \"PM2.5\""},
		"notreally.xlsx": {"hello", "is none"},
		"broken.xlsx":    {"PK\x03\x04 and nothing more", "open workbook"},
		"old.xls":        {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "save it as .xlsx"},
		"wrong.json":     {`{"type":"Topology"}`, "FeatureCollection"},
	} {
		r := c.deliver(t, "air-hourly", name, []byte(tc.body))
		if r.Accepted != 0 || !strings.Contains(r.Error, tc.says) {
			t.Errorf("%s: got %q", name, r.Error)
		}
	}
	if _, err := c.Deliver(t.Context(), "nothing", "a.csv", nil); err == nil {
		t.Error("a feed that is not there took a file")
	}
}

func TestEveryFeedIsListedWithItsLastDelivery(t *testing.T) {
	c := start(t)
	stations(t, c)
	for _, f := range c.Feeds() {
		if (f.Last != nil) != (f.ID == "air-stations") {
			t.Errorf("%s: last is %+v", f.ID, f.Last)
		}
	}
	s, err := feeds.Open(c.Options) // a restart remembers
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range s.Feeds() {
		if f.ID == "air-stations" && (f.Last == nil || f.Last.Accepted != 3) {
			t.Errorf("after a restart: %+v", f.Last)
		}
	}
}

func TestARowLargerThanADeadLetterDoesNotBlockItsFeed(t *testing.T) {
	c := start(t)
	stations(t, c)
	body := []byte("站点编码,监测时间,PM2.5\nair-1,2026-01-31 07:00,20\n\"air-2," + strings.Repeat("2026-01-31 07:00,21\nair-3,", 10<<20/26) + "\",2026-01-31 07:00,22\n")
	r := c.deliver(t, "air-hourly", "quote.csv", body)
	if r.Accepted != 1 || r.Rejected != 1 {
		t.Fatalf("got %d accepted, %d rejected, %q", r.Accepted, r.Rejected, r.Error)
	}
	ls := c.DeadLetters(t)
	if len(ls) != 1 || len(ls[0].Body) != 4<<10 {
		t.Fatalf("%d dead letters, the first of %d bytes", len(ls), len(ls[0].Body))
	}
	if r, err := c.Resend(t.Context(), ls[0], nil); err != nil || r.Rejected != 1 {
		t.Errorf("sent again as it was cut: %+v, %v", r, err)
	}
	if !c.exists("air-hourly", "done", "quote.csv") {
		t.Error("the file is not kept")
	}
}

func TestAnUploadCannotTakeTheNameOfAReportOrOfAFileBeingWritten(t *testing.T) {
	c := start(t)
	stations(t, c)
	row := func(hour string) []byte {
		return []byte("站点编码,监测时间,PM2.5\nair-1,2026-01-31 0" + hour + ":00,20\n")
	}
	c.deliver(t, "air-hourly", "a.csv", row("1"))
	for hour, name := range map[string]string{"2": "a.csv.report.json", "3": "b.csv.part", "4": "c.REPORT.JSON"} {
		if r := c.deliver(t, "air-hourly", name, row(hour)); r.File != name+"_" || r.Accepted != 1 {
			t.Errorf("%s: got %+v", name, r)
		}
		if !c.exists("air-hourly", "done", name+"_") || !c.exists("air-hourly", "done", name+"_.report.json") {
			t.Errorf("%s is not kept under another name", name)
		}
	}
	c.deliver(t, "air-hourly", "b.csv", row("5"))
	if !c.exists("air-hourly", "done", "b.csv.part_") {
		t.Error("b.csv was written over another delivery")
	}
	if r := c.deliver(t, "air-hourly", "again.csv", row("1")); !r.Repeated {
		t.Errorf("the report of a.csv was overwritten: %+v", r)
	}
}
