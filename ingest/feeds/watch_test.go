package feeds_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"onecity/cim"
	"onecity/ingest/feeds"
	"onecity/ingest/ingesttest"
	"onecity/streams"
)

func (c city) exists(parts ...string) bool {
	_, err := os.Stat(filepath.Join(append([]string{c.dir}, parts...)...))
	return err == nil
}

func put(t *testing.T, file string, body []byte) {
	t.Helper()
	if err := os.WriteFile(file, body, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestAFileInTheFolderIsTakenAndMovedWithItsReport(t *testing.T) {
	c := start(t)
	stations(t, c)
	c.watch(t)
	put(t, filepath.Join(c.dir, "air-hourly", "8点.csv"), file(t, "air-gb18030-bom.csv"))
	ingesttest.Eventually(t, "the file is in done", func() bool { return c.exists("air-hourly", "done", "8点.csv") })
	ingesttest.Eventually(t, "and gone from the folder", func() bool { return !c.exists("air-hourly", "8点.csv") })
	data, err := os.ReadFile(filepath.Join(c.dir, "air-hourly", "done", "8点.csv.report.json"))
	if err != nil {
		t.Fatal(err)
	}
	var r feeds.Report
	if err := json.Unmarshal(data, &r); err != nil || r.Rows != 6 || r.Accepted != 2 || r.Rejected != 4 {
		t.Errorf("got %s, %v", data, err)
	}
	c.Until(t, "35 is in the city", func(cim.Reader) bool { v, _ := c.Value("air-1", "pm2_5"); return v == 35 })
}

func TestAFileThatIsRenamedIntoTheFolderIsTakenAndAPartIsNot(t *testing.T) {
	c := start(t)
	stations(t, c)
	c.watch(t)
	inbox := filepath.Join(c.dir, "air-hourly")
	for _, name := range []string{"a.csv.part", ".hidden.csv", "~$a.xlsx"} {
		put(t, filepath.Join(inbox, name), file(t, "air-utf8.csv"))
	}
	put(t, filepath.Join(inbox, "b.tmp"), file(t, "air-utf8.csv"))
	if err := os.Rename(filepath.Join(inbox, "b.tmp"), filepath.Join(inbox, "b.csv")); err != nil {
		t.Fatal(err)
	}
	ingesttest.Eventually(t, "b is in done", func() bool { return c.exists("air-hourly", "done", "b.csv") })
	for _, name := range []string{"a.csv.part", ".hidden.csv", "~$a.xlsx"} {
		if !c.exists("air-hourly", name) {
			t.Errorf("%s was taken", name)
		}
	}
}

func TestAFileThatCannotBeReadEndsInFailed(t *testing.T) {
	c := start(t)
	c.watch(t)
	put(t, filepath.Join(c.dir, "air-hourly", "bad.csv"), []byte("nothing,of,use\n"))
	ingesttest.Eventually(t, "it is in failed", func() bool { return c.exists("air-hourly", "failed", "bad.csv.report.json") })
}

func TestTheSameFileDroppedTwiceIsKeptTwiceAndTakenOnce(t *testing.T) {
	c := start(t)
	stations(t, c)
	c.watch(t)
	for _, want := range []string{"a.csv", "a-2.csv"} {
		put(t, filepath.Join(c.dir, "air-hourly", "a.csv"), file(t, "air-utf8.csv"))
		ingesttest.Eventually(t, want+" is in done", func() bool { return c.exists("air-hourly", "done", want) })
		ingesttest.Eventually(t, "and gone from the folder", func() bool { return !c.exists("air-hourly", "a.csv") })
	}
	if n := len(c.DeadLetters(t)); n != 4 {
		t.Errorf("%d dead letters, want 4", n)
	}
}

func TestADeliveryWaitsInItsFolderWhileTheStreamIsFull(t *testing.T) {
	var closed atomic.Bool
	closed.Store(true)
	c := start(t, func(o *feeds.Options) {
		bury := o.Bury
		o.Bury = func(ctx context.Context, l streams.DeadLetter) error {
			if closed.Load() {
				return streams.ErrFull
			}
			return bury(ctx, l)
		}
	})
	stations(t, c)
	c.watch(t)
	put(t, filepath.Join(c.dir, "air-hourly", "a.csv"), file(t, "air-utf8.csv"))
	c.Until(t, "the good rows are in the city", func(cim.Reader) bool { v, _ := c.Value("air-1", "pm2_5"); return v == 35 })
	if c.exists("air-hourly", "done", "a.csv") || !c.exists("air-hourly", "a.csv") {
		t.Error("the file was put away although its bad rows are nowhere")
	}
	closed.Store(false)
	ingesttest.Eventually(t, "it is in done", func() bool { return c.exists("air-hourly", "done", "a.csv") })
	if n := len(c.DeadLetters(t)); n != 4 {
		t.Errorf("%d dead letters, want 4", n)
	}
}

func TestANameFromASenderCannotLeaveTheFolder(t *testing.T) {
	c := start(t)
	stations(t, c)
	for _, name := range []string{"../../x.csv", `..\..\x.csv`, "/etc/x.csv", "", "..", strings.Repeat("长", 400) + ".csv"} {
		r := c.deliver(t, "air-hourly", name, []byte("站点编码,监测时间,PM2.5\nair-1,2026-01-31 07:00,20\n# "+name+"\n"))
		if r.File == "" || strings.ContainsAny(r.File, `/\`) || !c.exists("air-hourly", "done", r.File) && !c.exists("air-hourly", "done", strings.TrimSuffix(r.File, ".csv")+"-2.csv") && !c.exists("air-hourly", "done", strings.TrimSuffix(r.File, ".csv")+"-3.csv") {
			t.Errorf("%q became %q", name, r.File)
		}
	}
}
