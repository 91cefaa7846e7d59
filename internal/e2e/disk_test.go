//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"onecity/internal/need"
	"onecity/internal/postgres"

	"github.com/jackc/pgx/v5"
)

// batches sends readings in batches, each reading at a second of its own.
type batches struct {
	p     *program
	book  *ledger
	began time.Time
	next  int
}

func newBatches(p *program) *batches {
	return &batches{p: p, book: newLedger(), began: time.Now().Add(-12 * time.Hour).Truncate(time.Second)}
}

// send sends a batch of n and notes it when it was accepted; the answer is read
// whole. A batch that was refused is the next one again.
func (b *batches) send(n int) (*http.Response, []byte) {
	b.p.t.Helper()
	const device = "t-001"
	var text strings.Builder
	fmt.Fprintf(&text, `{"id":"%d-%d","source":"/disk","observations":[`, b.next, n)
	for i := b.next; i < b.next+n; i++ {
		at := b.began.Add(time.Duration(i) * time.Second)
		fmt.Fprintf(&text, `{"device":%q,"property":"temperature","time":%q,"value":%d},`, device, at.Format(time.RFC3339), i%40)
	}
	res, err := b.p.client().Post(b.p.url+"/api/v1/observations", "application/json", strings.NewReader(strings.TrimSuffix(text.String(), ",")+"]}"))
	if err != nil {
		b.p.t.Fatalf("send readings: %v", err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		b.p.t.Fatalf("send readings: %v", err)
	}
	if res.StatusCode == http.StatusOK {
		for i := b.next; i < b.next+n; i++ {
			b.book.accepted(device, b.began.Add(time.Duration(i)*time.Second), float64(i%40))
		}
		b.next += n
	}
	return res, answer
}

// accept sends a batch that must be accepted.
func (b *batches) accept(n int) {
	b.p.t.Helper()
	if res, answer := b.send(n); res.StatusCode != http.StatusOK {
		b.p.t.Fatalf("readings from %d on were refused: %s %s", b.next, res.Status, answer)
	}
}

// resume waits until there is room again, and sends some more.
func (b *batches) resume() {
	b.p.t.Helper()
	eventually(b.p.t, 60*time.Second, "there is room again", func() error {
		if res, answer := b.send(1); res.StatusCode != http.StatusOK {
			return fmt.Errorf("%s %s", res.Status, answer)
		}
		return nil
	})
	for range 50 {
		b.accept(1)
	}
}

// shown waits until the model shows the newest reading.
func (b *batches) shown() {
	b.p.t.Helper()
	last := float64((b.next - 1) % 40)
	eventually(b.p.t, 20*time.Second, "the newest reading is shown", func() error {
		var device struct {
			Datastreams []struct {
				Value *float64 `json:"value"`
			} `json:"datastreams"`
		}
		if _, err := b.p.get("/api/v1/devices/t-001", &device); err != nil {
			return err
		}
		if len(device.Datastreams) != 1 || device.Datastreams[0].Value == nil || *device.Datastreams[0].Value != last {
			return fmt.Errorf("it shows %+v, not %v", device, last)
		}
		return nil
	})
}

// Streams, database and feeds are all on the disk that fills up.
func TestAFullDiskIsAnswered507AndWhatWasAcceptedIsThere(t *testing.T) {
	disk := need.SmallDisk(t, 640)
	p := newProgram(t, "--city", "kunshan")
	p.dir = filepath.Join(disk, "data")
	p.start()
	p.register(3)
	b := newBatches(p)
	for range 50 {
		b.accept(1)
	}
	empty := need.Fill(t, disk)
	for range 20 {
		res, answer := b.send(1)
		var problem struct {
			Status int    `json:"status"`
			Title  string `json:"title"`
		}
		err := json.Unmarshal(answer, &problem)
		if res.StatusCode != http.StatusInsufficientStorage || res.Header.Get("Content-Type") != "application/problem+json" ||
			err != nil || problem.Status != http.StatusInsufficientStorage || problem.Title == "" {
			t.Fatalf("a reading on a full disk is answered %s %s: %s", res.Status, res.Header.Get("Content-Type"), answer)
		}
	}
	b.shown()
	empty()
	b.resume()
	b.book.check(t, p, b.began, b.began.Add(time.Hour))

	// Killed and started while the disk is full, the program says why it does not
	// come up (the database waits for room, the broker may not); with room it does.
	empty = need.Fill(t, disk)
	p.kill()
	before := len(p.log.String())
	p.launch()
	eventually(t, 60*time.Second, "the program says that the disk is full", func() error {
		if !strings.Contains(strings.ToLower(p.log.String()[before:]), "no space left on device") {
			return errors.New("it says nothing")
		}
		return nil
	})
	p.kill()
	empty()
	p.start()
	b.resume()
	b.book.check(t, p, b.began, b.began.Add(time.Hour))
}

// Only the database's disk is full: the city goes on, and its history is
// written when there is room. PostgreSQL fails in two ways: it refuses what
// needs another page, and it dies when its log needs another file, and then
// cannot start for as long as there is no room.
func TestAFullDiskOfTheDatabaseStopsNothingButTheHistory(t *testing.T) {
	for what, spoil := range map[string]func(*testing.T, *postgres.Server){
		"no room for rows":    func(*testing.T, *postgres.Server) {},
		"no room for its log": exhaustLog,
	} {
		t.Run(what, func(t *testing.T) {
			disk := need.SmallDisk(t, 512)
			database, err := postgres.Start(context.Background(), postgres.Options{DataDir: filepath.Join(disk, "pg")})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = database.Stop() }()
			p := newProgram(t, "--city", "kunshan")
			p.env = []string{"ONECITY_DATABASE_URL=" + database.DSN()}
			p.start()
			p.register(3)
			b := newBatches(p)
			b.accept(50)
			b.book.check(t, p, b.began, b.began.Add(time.Hour))

			empty := need.Fill(t, disk)
			failures := func() int { return strings.Count(p.log.String(), "history cannot be written now") }
			before := failures()
			spoil(t, database)
			eventually(t, 90*time.Second, "the recorder has tried in vain, and again", func() error {
				if b.next < 10_000 { // a table grows when its last page is full
					b.accept(500)
				}
				if n := failures() - before; n < 3 {
					return fmt.Errorf("%d failures", n)
				}
				return nil
			})
			for range 20 {
				b.accept(10)
			}
			b.shown()
			if status, err := p.get("/readyz", nil); err != nil || status != http.StatusOK {
				t.Errorf("not ready, for lack of a history: %d %v", status, err)
			}
			empty()
			n, _ := b.book.size()
			t.Logf("%d readings were accepted, most of them with the database's disk full", n)
			b.book.check(t, p, b.began, b.began.Add(12*time.Hour))
		})
	}
}

// exhaustLog writes to PostgreSQL's write-ahead log until that needs a file for
// which there is no room, and PostgreSQL ends itself.
func exhaustLog(t *testing.T, s *postgres.Server) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), s.DSN())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close(t.Context()) }()
	for range 100 { // files of the log that are there already are used up first
		if _, err = c.Exec(t.Context(), "select pg_logical_emit_message(false, 'test', 'a line'), pg_switch_wal()"); err != nil {
			break
		}
	}
	if err == nil || !c.IsClosed() {
		t.Fatalf("PostgreSQL lives on with no room for its log (%v)", err)
	}
}
