package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"onecity/cim"
	"onecity/cim/history"
	"onecity/geo"
	"onecity/gov/incident/alarm"
	"onecity/internal/audit"
	"onecity/internal/database"
	"onecity/internal/postgres/pgtest"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/paulmach/orb"
)

// alarmTown is a town with alarm rules in a real database, beside a real record
// of what its devices have observed.
type alarmTown struct {
	*town
	pool  *pgxpool.Pool
	store *history.Store
	mu    sync.Mutex
	log   []audit.Entry
}

func newAlarmTown(t *testing.T) *alarmTown {
	t.Helper()
	w := &alarmTown{town: newTown(t, townOptions{who: asRole})}
	w.settle()
	dsn := pgtest.Database(t)
	var err error
	if w.pool, err = database.Open(t.Context(), dsn, "test"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.pool.Close)
	if w.store, err = history.Open(t.Context(), dsn, history.Options{Log: slog.New(slog.DiscardHandler)}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.store.Close)
	if w.server.Alarms, err = alarm.Open(t.Context(), w.pool, alarm.ServiceOptions{
		Audit: w.append, Names: w, Register: w, Past: w, Log: slog.New(slog.DiscardHandler),
	}); err != nil {
		t.Fatal(err)
	}
	w.openCameras()
	return w
}

// What the rules ask of the city is answered out of the model and the record.

func (w *alarmTown) reader() cim.Reader { return w.city.Snapshot().In(cim.Whole()) }

func (w *alarmTown) append(_ context.Context, _ pgx.Tx, e audit.Entry) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.log = append(w.log, e)
	return nil
}

func (w *alarmTown) logged() []audit.Entry {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.log)
}

func (w *alarmTown) Property(id string) (name, unit string, decimals int, ok bool) {
	p, ok := cim.PropertyOf(cim.Property(id))
	return p.Name, p.Unit, p.Decimals, ok
}

func (w *alarmTown) Class(code string) (string, bool) {
	c, ok := cim.ClassOf(code)
	return c.Name, ok
}

func (w *alarmTown) Region(code string) string { return w.RegionName(code) }

func (w *alarmTown) RegionName(code string) string {
	if r, ok := w.reader().Regions().Get(geo.Code(code)); ok {
		return r.Name
	}
	return ""
}

func (w *alarmTown) At(lon, lat float64) string {
	if r, ok := w.reader().Regions().At(orb.Point{lon, lat}); ok {
		return string(r.Code)
	}
	return ""
}

func (w *alarmTown) All() (all alarm.Registered) {
	w.reader().DevicesAfter("", func(d *cim.DeviceState) bool {
		all.Devices = append(all.Devices, alarm.Device{
			ID: d.Device.ID, Name: d.Device.Name, Kind: d.Device.Kind, Lon: d.Device.Lon, Lat: d.Device.Lat, Region: w.At(d.Device.Lon, d.Device.Lat),
		})
		return true
	})
	return all
}

func (w *alarmTown) Observations(ctx context.Context, devices []string, property string, from, to time.Time, most int, fn func([]alarm.Observation) error) (bool, error) {
	return w.store.In(cim.Whole()).Observations(ctx, devices, cim.Property(property), from, to, most, func(list []cim.Observation) error {
		out := make([]alarm.Observation, len(list))
		for i, o := range list {
			out[i] = alarm.Observation{Device: o.Device, Property: string(o.Property), Time: o.Time, Value: o.Value}
		}
		return fn(out)
	})
}

func (w *alarmTown) Positions(context.Context, []string, time.Time, time.Time, func([]alarm.Position) error) error {
	return nil // no rule here watches units
}

// recorded keeps the record until everything that was sent is in it.
func (w *alarmTown) recorded() {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		if err := w.store.Recorder(w.broker, history.RecorderOptions{}).Run(ctx); !errors.Is(err, context.Canceled) {
			w.t.Errorf("the recorder ended with %v", err)
		}
	})
	defer running.Wait()
	defer cancel()
	last, err := w.broker.Last(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	eventually(w.t, "the record at the end of the stream", func() bool {
		_, seq, _, err := w.store.Position(w.t.Context())
		return err == nil && seq >= last
	})
}

var (
	inCity = []string{"X-Role", "operator", "X-Region", "320583"}
	inWest = []string{"X-Role", "operator", "X-Region", atWest}
	inEast = []string{"X-Role", "operator", "X-Region", atEast}
)

// haze is a rule of a region, with more JSON at its end.
func haze(region string, limit float64, more string) string {
	return fmt.Sprintf(`{"name":"细颗粒物","region":%q,"kind":"threshold","filter":{"of":"device","property":"pm2_5"},`+
		`"threshold":{"compare":">","limit":%g},"open":{"class":"E0106","severity":3,"text":"{device} {value}"},"coolDown":30%s}`, region, limit, more)
}

func (w *alarmTown) add(body string, who []string) string {
	w.t.Helper()
	return w.expect("POST", "/api/v1/alarm-rules", body, 200, who...).json(w.t)["id"].(string)
}

func TestAnOperatorOfATownSeesAndLeadsOnlyTheAlarmRulesInIt(t *testing.T) {
	w := newAlarmTown(t)
	whole, west, east := w.add(haze("320583", 75, ""), inCity), w.add(haze(atWest, 75, ""), inWest), w.add(haze(atEast, 75, ""), inCity)
	listed := func(who []string) string {
		var ids []string
		for _, r := range w.expect("GET", "/api/v1/alarm-rules", "", 200, who...).json(t)["items"].([]any) {
			ids = append(ids, r.(map[string]any)["id"].(string))
		}
		return strings.Join(ids, " ")
	}
	if got := listed(inWest); got != west {
		t.Errorf("the west lists %s, and not only %s", got, west)
	}
	if got := listed(inCity); strings.Count(got, " ") != 2 {
		t.Errorf("the city lists %s", got)
	}
	hour := fmt.Sprintf(`{"from":%q,"to":%q}`, time.Now().Add(-time.Hour).Format(time.RFC3339), time.Now().Format(time.RFC3339))
	for _, id := range []string{whole, east, "nothing"} {
		path := "/api/v1/alarm-rules/" + id
		w.expect("GET", path, "", 404, inWest...)
		w.expect("PUT", path, haze(atWest, 80, `,"version":1`), 404, inWest...)
		w.expect("POST", path+"/switch", `{"on":true,"why":"试试"}`, 404, inWest...)
		w.expect("POST", path+"/try", hour, 404, inWest...)
		w.expect("DELETE", path, "", 404, inWest...)
	}
	w.expect("POST", "/api/v1/alarm-rules", haze(atEast, 75, ""), 403, inWest...)
	w.expect("PUT", "/api/v1/alarm-rules/"+west, haze("320583", 75, `,"version":1`), 403, inWest...)
	for _, role := range []string{"grid", "leader", "viewer"} {
		w.expect("GET", "/api/v1/alarm-rules", "", 403, "X-Role", role, "X-Region", "320583")
	}
	w.expect("DELETE", "/api/v1/alarm-rules/"+west+"?why=%E4%B8%8D%E5%86%8D%E9%9C%80%E8%A6%81", "", 204, inWest...)
	w.expect("GET", "/api/v1/alarm-rules/"+west, "", 404, inCity...)
	log := w.logged()
	if e := log[len(log)-1]; e.Action != "incident.rule.remove" || e.Region != atWest || e.Why != "不再需要" || e.Actor != "person:operator" {
		t.Errorf("the log says %+v", e)
	}
}

func TestABadExpressionIsRefusedWithThePlaceOfTheMistake(t *testing.T) {
	w := newAlarmTown(t)
	body := func(when string) string {
		text, err := json.Marshal(when)
		if err != nil {
			t.Fatal(err)
		}
		return `{"name":"雾","region":"320583","kind":"expression","filter":{"of":"device","property":"pm2_5"},"expression":{"when":` + string(text) +
			`},"open":{"class":"E0106","severity":3,"text":"{device}"},"coolDown":0}`
	}
	for when, place := range map[string]string{
		"value > 75 &&\n  vale > 2": `{"column":2,"line":2}`,
		"value >":                   `{"column":6,"line":1}`,
	} {
		p := w.expect("POST", "/api/v1/alarm-rules", body(when), 422, inCity...).json(t)["errors"].([]any)[0].(map[string]any)
		if p["field"] != "/expression/when" || p["expected"] != place || p["message"] == "" {
			t.Errorf("%q is refused with %v", when, p)
		}
		text, _ := json.Marshal(map[string]string{"expression": when})
		said := w.expect("POST", "/api/v1/alarm-rules/check", string(text), 200, inCity...).json(t)
		if said["ok"] != false || said["fault"].(map[string]any)["message"] != p["message"] {
			t.Errorf("while it is typed, %q is told %v", when, said)
		}
	}
	w.add(body("value > 75 && mean15m > 50"), inCity)
	if list := w.expect("GET", "/api/v1/alarm-rules", "", 200, inCity...).json(t)["items"].([]any); len(list) != 1 {
		t.Errorf("kept are %v", list)
	}
}

func TestARuleIsTriedAgainstTheRecordBeforeItIsSwitchedOn(t *testing.T) {
	w := newAlarmTown(t)
	id := w.add(haze(atWest, 75, ""), inWest)
	path := "/api/v1/alarm-rules/" + id
	p := w.expect("POST", path+"/switch", `{"on":true}`, 409, inWest...).json(t)
	if f := p["errors"].([]any)[0].(map[string]any)["field"]; f != "/why" {
		t.Errorf("it was refused for %v", f)
	}
	now := time.Now().Truncate(time.Second)
	for minutes, v := range map[int]float64{50: 20, 40: 90, 30: 95, 20: 30} {
		at := now.Add(-time.Duration(minutes) * time.Minute)
		w.send(cim.Observations{Observations: []cim.Observation{{Device: "west", Property: "pm2_5", Time: at, Value: v}, {Device: "east", Property: "pm2_5", Time: at, Value: 200}}})
	}
	w.recorded()
	trial := w.expect("POST", path+"/try", fmt.Sprintf(`{"from":%q,"to":%q}`, now.Add(-time.Hour).Format(time.RFC3339), now.Format(time.RFC3339)), 200, inWest...).json(t)
	if trial["total"] != 1.0 || trial["targets"] != 1.0 || trial["observations"] != 4.0 {
		t.Fatalf("the trial says %v", trial)
	}
	if o := trial["opened"].([]any)[0].(map[string]any); o["target"] != "device:west" || o["seconds"] != 1200.0 {
		t.Errorf("it would have opened %v", o)
	}
	w.expect("POST", path+"/try", `{"from":"2020-01-01T00:00:00Z","to":"2020-06-01T00:00:00Z"}`, 422, inWest...)
	if r := w.expect("POST", path+"/switch", `{"on":true}`, 200, inWest...).json(t); r["on"] != true {
		t.Errorf("it is %v", r)
	}
}

func TestARuleIsForcedForAReasonAndOfTwoChangesTheSecondIsTold(t *testing.T) {
	w := newAlarmTown(t)
	path := "/api/v1/alarm-rules/" + w.add(haze("320583", 75, ""), inCity)
	w.expect("POST", path+"/switch", `{"on":true,"why":"  "}`, 409, inCity...)
	if r := w.expect("POST", path+"/switch", `{"on":true,"why":"重污染天气应急"}`, 200, inCity...).json(t); r["on"] != true || r["version"] != 2.0 {
		t.Errorf("forced, it is %v", r)
	}
	w.expect("PUT", path, haze("320583", 100, `,"version":1`), 409, inCity...)
	changed := w.expect("PUT", path, haze("320583", 100, `,"version":2,"why":"限值放宽"`), 200, inCity...).json(t)
	if changed["version"] != 3.0 || changed["on"] != false {
		t.Errorf("with another limit it is %v", changed)
	}
	p := w.expect("PUT", path, haze("320583", 110, `,"version":2`), 409, inCity...).json(t)
	if f := p["errors"].([]any)[0].(map[string]any); f["field"] != "/version" || f["code"] != "conflict" {
		t.Errorf("who was second is told %v", p)
	}
	is := w.expect("GET", path, "", 200, inCity...).json(t)
	history := is["history"].([]any)
	if is["threshold"].(map[string]any)["limit"] != 100.0 || len(history) != 3 || history[1].(map[string]any)["why"] != "重污染天气应急" {
		t.Errorf("the rule and its history are %v", is)
	}
}
