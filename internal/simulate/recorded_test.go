package simulate

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"
)

const recordedHead = "seconds,class,lon,lat,description,address,channel\n"

func TestARecordedSetIsLedThroughTheLoopAtItsSpeed(t *testing.T) {
	set, err := ReadRecorded(strings.NewReader(recordedHead +
		"600,E0101,120.95,31.35,路边有垃圾,人民路 1 号,citizen\n0,C0105,120.93,31.33,路灯不亮,,grid\n300,X1,120.93,31.33,没有这一类,,\n"))
	if err != nil {
		t.Fatal(err)
	}
	rec := newRecorder(t)
	o := quick(rec, 1, 4*time.Minute)
	o.IncidentsPerHour, o.Rate, o.Recorded, o.Speed = 0, 0, set, 10
	stats, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	reports := rec.lines()["/open311/v2/requests.json"]
	if len(reports) != 2 || stats.Refused.Load() != 1 || !strings.Contains(reports[1], "E0101") {
		t.Errorf("%d refused; reported: %v", stats.Refused.Load(), reports)
	}
	for id, c := range rec.cases {
		if c.State != stateClosed && c.State != "rejected" {
			t.Errorf("%s is %s after four minutes at ten times the speed: %v", id, c.State, c.history)
		}
	}
}

func TestTheSampleThatComesWithTheProgramCanBeRead(t *testing.T) {
	set, err := ReadRecorded(Sample())
	if err != nil || len(set) < 50 {
		t.Fatalf("%d reports, %v", len(set), err)
	}
	for i := 1; i < len(set); i++ {
		if set[i].After < set[i-1].After {
			t.Fatal("it is not in the order of its times")
		}
	}
}

func TestARecordedSetThatIsWrongIsRefusedWithTheLine(t *testing.T) {
	for name, text := range map[string]string{
		"nothing": "", "no head": "1,2,3\n", "a column missing": "seconds,class,lon,lat\n",
		"a place off the globe": recordedHead + "0,E0101,500,31,说,,\n", "no number": recordedHead + "x,E0101,120,31,说,,\n",
		"no words": recordedHead + "0,E0101,120,31,,,\n", "an unknown channel": recordedHead + "0,E0101,120,31,说,,radio\n",
		"before the beginning": recordedHead + "-5,E0101,120,31,说,,\n",
	} {
		if _, err := ReadRecorded(strings.NewReader(text)); !errors.Is(err, ErrRecorded) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzReadRecorded(f *testing.F) {
	f.Add([]byte(recordedHead + "0,E0101,120,31,说,,\n"))
	f.Add(sample[:300])
	f.Fuzz(func(t *testing.T, body []byte) {
		set, err := ReadRecorded(bytes.NewReader(body))
		if err != nil && !errors.Is(err, ErrRecorded) {
			t.Errorf("an error of another kind: %v", err)
		}
		for _, r := range set {
			if r.After < 0 || r.Class == "" || r.Says == "" {
				t.Errorf("%+v", r)
			}
		}
	})
}
