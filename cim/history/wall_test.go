package history

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"onecity/cim"
	"onecity/geo"
	"onecity/internal/database"
	"onecity/internal/postgres/pgtest"

	"github.com/jackc/pgx/v5"
)

// wallCity is a record of things in several regions, of several grades.
func wallCity(t testing.TB, s *Store) {
	t.Helper()
	_, err := s.pool.Exec(t.Context(), `
		insert into incidents select 'i'||n, 1, 'c', 'new', 1, now() - n * interval '1 minute', null, null, '',
			(array['', '320583', '320583100', '320583101', '320583102', '320583100001'])[1 + n % 6], n, (array[0, 1, 2, 3, 7])[1 + n / 6 % 5], '{}', n
			from generate_series(1, 120) n;
		insert into incident_steps select id, 1, now(), 'new', '', '' from incidents;
		insert into devices select 'd'||n, '', '', 0, 0, '[]', (array['320583100', '320583101', '320583102'])[1 + n % 3], n, n / 3 % 4, false, n
			from generate_series(1, 36) n;
		insert into properties (name) values ('pm2_5');
		insert into datastreams (device, property, cell) select id, (select id from properties), cell from devices;
		insert into cells select n, (array['320583100', '320583101', '320583102'])[1 + n % 3] from generate_series(1, 36) n;
		create table cell_minutes_t partition of cell_minutes default;
		create table cell_states_t partition of cell_states default;
		create table unit_tracks_t partition of unit_tracks default;
		create table observations_t partition of observations default;
		insert into cell_minutes select cell, 1, now(), 1, 1, 1, 1 from cells;
		insert into cell_states select cell, now(), region, 0, 0, 0, 0, 0, null from cells;
		insert into observations select id, now(), 1 from datastreams;
		insert into units (id, name, kind, org, home, grade, simulated, seq) select 'u'||n, '', '', '', '', n % 4, false, 0 from generate_series(1, 8) n;
		insert into unit_tracks select n, now() + r * interval '1 s', 0, 0, 0, 0, '', (array['320583100', '320583101', '320583102'])[1 + r % 3]
			from units, generate_series(1, 6) r;
		analyze`)
	if err != nil {
		t.Fatal(err)
	}
}

// rows asks without any condition, as if a query's own had been forgotten.
func rawRows(t testing.TB, r Reader, sql string) []string {
	t.Helper()
	list, err := read(t.Context(), r, sql, nil, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	slices.Sort(list)
	return list
}

func TestAQueryWithoutItsConditionReadsExactlyWhatTheScopeSees(t *testing.T) {
	s := openStore(t, pgtest.Database(t))
	wallCity(t, s)
	type thing struct {
		what   string
		layer  cim.Layer
		region geo.Code
		grade  cim.Grade
	}
	things := map[string][]thing{}
	asks := []struct {
		layer     cim.Layer
		raw, with string
	}{
		{cim.LayerIncidents, "select id from incidents", "select id, region, grade::int from incidents"},
		{cim.LayerIncidents, "select id from incident_steps", "select id, region, grade::int from incidents"},
		{cim.LayerDevices, "select id from devices", "select id, region, grade::int from devices"},
		{cim.LayerDevices, "select device from datastreams", "select id, region, grade::int from devices"},
		{cim.LayerCells, "select cell::text from cells", "select cell::text, region, 0 from cells"},
		{cim.LayerCells, "select cell::text from cell_minutes", "select cell::text, region, 0 from cells"},
		{cim.LayerCells, "select cell::text from cell_states", "select cell::text, region, 0 from cells"},
		{cim.LayerUnits, "select unit::text || time from unit_tracks", "select unit::text || time, region, grade::int from unit_tracks join units on n = unit"},
	}
	for _, a := range asks {
		rows, err := s.pool.Query(t.Context(), a.with)
		if err != nil {
			t.Fatal(err)
		}
		th := thing{layer: a.layer}
		if _, err := pgx.ForEachRow(rows, []any{&th.what, &th.region, &th.grade}, func() error {
			things[a.raw] = append(things[a.raw], th)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	codes := []geo.Code{"", "320583", "320583100", "320583101", "320583100001", "32058310", "99"}
	r := rand.New(rand.NewPCG(8, 15))
	shown, hidden := 0, 0
	for n := range 40 {
		var grants []cim.Grant
		for range r.IntN(4) {
			grants = append(grants, cim.Grant{Region: codes[r.IntN(len(codes))], Layers: cim.Layers(r.IntN(1 << cim.LayerCount)),
				Grade: []cim.Grade{0, 1, 2, 3, 6, 255}[r.IntN(6)]})
		}
		scope := cim.NewGrants(grants).Scope()
		if n == 0 {
			scope = cim.Whole()
		}
		for _, a := range asks {
			var want []string
			for _, th := range things[a.raw] {
				if scope.Sees(th.layer, th.region, th.grade) {
					want = append(want, th.what)
				}
			}
			slices.Sort(want)
			if got := rawRows(t, s.In(scope), a.raw); !slices.Equal(got, want) {
				t.Errorf("%s in %s: %d rows, want %d", a.raw, scope, len(got), len(want))
			}
			shown += len(want)
			hidden += len(things[a.raw]) - len(want)
		}
	}
	if shown < 1000 || hidden < 1000 {
		t.Errorf("%d shown and %d hidden: the test tries too little", shown, hidden)
	}
}

func TestWithoutAScopeAReaderSeesNothing(t *testing.T) {
	s := openStore(t, pgtest.Database(t))
	wallCity(t, s)
	ctx := t.Context()
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "set local role "+database.Reader); err != nil {
			return err
		}
		for _, g := range guarded() {
			if g.Sees == "true" {
				continue
			}
			var n int
			if err := tx.QueryRow(ctx, "select count(*) from "+g.Table).Scan(&n); err != nil || n != 0 {
				t.Errorf("%s shows %d rows to nobody (%v)", g.Table, n, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(rawRows(t, s.In(cim.Scope{}), "select id from incidents")); n != 0 {
		t.Errorf("the empty scope sees %d incidents", n)
	}
	for _, sql := range []string{
		"select value::text from observations", "select name from units", "select id from objects", "select body::text from checkpoints",
		"select value::text from observations_t", "delete from incidents returning id", "update incidents set grade = 0 returning id",
	} {
		_, err := read(ctx, s.In(cim.Whole()), sql, nil, pgx.RowTo[string])
		if err == nil || !strings.Contains(err.Error(), "permission denied") {
			t.Errorf("%s: %v, want it refused", sql, err)
		}
	}
	// The wall goes with its transaction: the connection is the program's again.
	if n := ask[int](t, s, "select count(*) from incidents"); n != 120 {
		t.Errorf("the program itself sees %d incidents", n)
	}
}

// What does not hold: who can send a statement of their own in the same
// transaction can leave the role. Within one statement they cannot.
func TestAStatementCannotLeaveTheRoleItRunsIn(t *testing.T) {
	s := openStore(t, pgtest.Database(t))
	wallCity(t, s)
	few := s.In(cim.Scope{Region: "320583101", Layers: cim.AllLayers})
	want := len(rawRows(t, few, "select id from incidents"))
	got := rawRows(t, few, "with x as materialized (select set_config('role', 'none', true) as r) select id from x, incidents where r <> ''")
	if len(got) != want || want == 0 {
		t.Errorf("a statement that resets its role sees %d incidents, want %d", len(got), want)
	}
	err := s.wall.In(t.Context(), few.rowScope(), func(tx pgx.Tx) error {
		var n int
		if _, err := tx.Exec(t.Context(), "reset role"); err != nil {
			return err
		}
		if err := tx.QueryRow(t.Context(), "select count(*) from incidents").Scan(&n); err != nil {
			return err
		}
		if n != 120 {
			t.Errorf("after RESET ROLE %d incidents: say so where the limits of the wall are described", n)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// BenchmarkLatestIncidents is the newest fifty of 200,000, behind the wall and
// before it.
func BenchmarkLatestIncidents(b *testing.B) {
	s := openStore(b, pgtest.Database(b))
	_, err := s.pool.Exec(b.Context(), `
		insert into incidents select 'i'||n, 1, 'c', 'new', 1, now() - n * interval '1 minute', null, null, '',
			'3205831' || to_char(n % 11, 'FM00') || to_char(n % 30, 'FM000'), n, n % 10 / 8, '{}', n from generate_series(1, 200000) n;
		analyze incidents`)
	if err != nil {
		b.Fatal(err)
	}
	scopes := []struct {
		name  string
		scope cim.Scope
	}{
		{"city", cim.Whole()},
		{"village", cim.Scope{Region: "320583103014", Layers: cim.AllLayers, Grade: 1}},
		{"three", cim.NewGrants([]cim.Grant{{Region: "320583103", Layers: cim.AllLayers, Grade: 1}, {Region: "320583104", Layers: cim.AllLayers}, {Region: "320583105001", Layers: cim.AllLayers, Grade: 2}}).Scope()},
	}
	for _, v := range scopes {
		x, _ := s.In(v.scope).reach(cim.LayerIncidents, "")
		sql := "select i.record, i.region from incidents i where " + seen("i.region", "i.grade") + " order by i.reported desc, i.id desc limit 50"
		b.Run(v.name+"/behind", func(b *testing.B) {
			for b.Loop() {
				if ins, err := s.In(v.scope).Incidents(b.Context(), IncidentFilter{Limit: 50}); err != nil || len(ins) != 50 {
					b.Fatal(len(ins), err)
				}
			}
		})
		b.Run(v.name+"/before", func(b *testing.B) {
			for b.Loop() {
				rows, err := s.pool.Query(b.Context(), sql, x.args()...)
				if err != nil {
					b.Fatal(err)
				}
				if ins, err := pgx.CollectRows(rows, scanIncident); err != nil || len(ins) != 50 {
					b.Fatal(len(ins), err)
				}
			}
		})
		if testing.Verbose() {
			plan, err := read(b.Context(), s.In(v.scope), "explain (analyze, costs off, buffers off) "+sql, x.args(), pgx.RowTo[string])
			if err != nil {
				b.Fatal(err)
			}
			b.Log(v.name + ":\n" + strings.Join(plan, "\n"))
		}
	}
	// How long after a report a track of an hour at a place a second takes.
	b.Run("track", func(b *testing.B) {
		from := time.Now().Truncate(time.Hour)
		if _, err := s.pool.Exec(b.Context(), fmt.Sprintf(`
			create table if not exists unit_tracks_t partition of unit_tracks default;
			insert into units (id, name, kind, org, home, grade, simulated, seq) values ('u', '', '', '', '', 1, false, 0) on conflict do nothing;
			insert into unit_tracks select (select n from units where id = 'u'), '%s'::timestamptz + n * interval '1 s', 0, 0, 0, 0, '', '320583103014' from generate_series(0, 3599) n
				on conflict do nothing; analyze unit_tracks; analyze units`, from.Format(time.RFC3339))); err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if ps, err := s.In(scopes[1].scope).Track(b.Context(), "u", from, from.Add(time.Hour)); err != nil || len(ps) != 3600 {
				b.Fatal(len(ps), err)
			}
		}
	})
}

// Where the account may not make roles, the tables' owner is bound while it
// reads for somebody, and records as ever.
func TestTheRecordIsKeptAndWalledByAnAccountThatMayNotMakeRoles(t *testing.T) {
	dsn := pgtest.Database(t)
	super, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer super.Close(t.Context())
	name := strings.TrimPrefix(dsn[strings.Index(dsn, "dbname="):], "dbname=")
	name, _, _ = strings.Cut(name, " ")
	for _, sql := range []string{"create role plain login password 'plain'", "alter database " + name + " owner to plain"} {
		if _, err := super.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	cfg := super.Config()
	s := openStore(t, fmt.Sprintf("host=%s port=%d user=plain password=plain dbname=%s sslmode=disable", cfg.Host, cfg.Port, name))
	state, err := database.RowSecurity(t.Context(), s.pool)
	if err != nil || state.Mode != database.ByOwner || len(state.Guarded) != len(guarded()) || len(state.Open) > 0 {
		t.Fatalf("%+v, %v", state, err)
	}
	b := openBroker(t)
	run(t, s.Recorder(b, RecorderOptions{}))
	now := time.Now().UTC().Truncate(time.Minute)
	send(t, b, littleCity()...)
	send(t, b, observations("west", "pm2_5", now.Add(-time.Minute), time.Second, 1, 2),
		cim.IncidentPut{Incident: cim.Incident{ID: "i", Version: 1, Class: "noise", Status: cim.StatusReported, Lon: 121.1, Lat: 31.4, Reported: now}},
		cim.IncidentPut{Incident: cim.Incident{ID: "i", Version: 2, Class: "noise", Status: cim.StatusAccepted, Lon: 121.1, Lat: 31.4, Reported: now}},
		cim.Positions{Positions: []cim.Position{{Unit: "u1", Time: now, Lon: 121.1, Lat: 31.4}}})
	caughtUp(t, s, b)
	for _, sql := range []string{"select id from incidents", "select id from incident_steps", "select status from unit_tracks", "select cell::text from cell_minutes"} {
		all := len(rawRows(t, s.In(cim.Whole()), sql))
		if all == 0 {
			t.Errorf("%s: nothing is recorded", sql)
		}
		if n := len(rawRows(t, s.In(cim.Scope{}), sql)); n != 0 {
			t.Errorf("%s: nobody sees %d rows", sql, n)
		}
	}
	west := s.In(cim.Scope{Region: "320583001", Layers: cim.AllLayers})
	if n := len(rawRows(t, west, "select id from incidents")); n != 0 {
		t.Errorf("the west sees %d incidents of the east", n)
	}
	if ps, err := west.Series(t.Context(), "west", "pm2_5", now.Add(-time.Hour), now, 0); err != nil || len(ps) != 2 {
		t.Errorf("%d observations, %v", len(ps), err)
	}
}
