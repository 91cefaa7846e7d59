package duty_test

import (
	"errors"
	"testing"
	"time"

	"onecity/gov/incident/duty"
)

func TestWhoIsOnDutyMayActForTheirUnitUntilTheShiftEnds(t *testing.T) {
	o := open(t)
	if u := o.units(t, "person:ding"); len(u) != 0 {
		t.Fatalf("before: %v", u)
	}
	s := o.begin(t, "person:ding", ding, time.Time{}, o.right())
	if len(o.registered) != 1 || o.registered[0] != ding {
		t.Errorf("registered %v", o.registered)
	}
	o.now = o.now.Add(time.Hour)
	if again := o.begin(t, "person:ding", ding, time.Time{}, o.right()); again != s {
		t.Errorf("begun twice: %+v and %+v", s, again)
	}
	if u := o.units(t, "person:ding"); len(u) != 1 || u[0] != "p-ding" {
		t.Errorf("during: %v", u)
	}
	if ended := o.end(t, "person:ding", time.Time{}, o.right()); ended == nil || ended.Ended.Sub(ended.Began) != time.Hour {
		t.Errorf("ended %+v", ended)
	}
	if again := o.end(t, "person:ding", time.Time{}, o.right()); again != nil {
		t.Errorf("ended twice: %+v", again)
	}
	if u := o.units(t, "person:ding"); len(u) != 0 {
		t.Errorf("after: %v", u)
	}
}

func TestAUnitIsOnePersonsAtATime(t *testing.T) {
	o := open(t)
	o.begin(t, "person:ding", car, time.Time{}, o.right())
	if _, err := o.Begin(t.Context(), "person:lu", car, time.Time{}, o.right()); !errors.Is(err, duty.ErrTaken) {
		t.Errorf("%v", err)
	}
	// Who takes another unit leaves the first.
	o.begin(t, "person:ding", ding, time.Time{}, o.right())
	o.begin(t, "person:lu", car, time.Time{}, o.right())
	all, err := o.Everybody(t.Context())
	if err != nil || len(all) != 2 || all[0].Unit != "car-1" || all[0].Subject != "person:lu" || all[1].Subject != "person:ding" {
		t.Errorf("%+v %v", all, err)
	}
}

func TestAShiftWithoutNetworkComesInAfterwardsOnce(t *testing.T) {
	o := open(t)
	began, ended := o.now.Add(-9*time.Hour), o.now.Add(-time.Hour)
	for range 3 { // the answers are lost, the phone sends it all again
		o.begin(t, "person:ding", ding, began, o.right())
		if taken := o.put(t, "person:ding", o.right(), began.Add(time.Hour), began.Add(2*time.Hour)); taken.Dropped != 0 || len(taken.Fixes) != 2 {
			t.Errorf("%+v", taken)
		}
		o.end(t, "person:ding", ended, o.right())
	}
	if taken := o.put(t, "person:ding", o.right(), ended.Add(30*time.Minute)); taken.Dropped != 1 {
		t.Errorf("after the end: %+v", taken)
	}
	all, err := o.Everybody(t.Context())
	if err != nil || len(all) != 0 {
		t.Errorf("on duty still: %+v %v", all, err)
	}
	track, err := o.Track(t.Context(), "person:ding", began, o.now)
	if err != nil || len(track) != 2 || track[0].Unit != "p-ding" || track[0].Doubtful {
		t.Errorf("%+v %v", track, err)
	}
	if sum, err := o.Seconds(t.Context(), "person:ding", began, o.now); err != nil || sum != 8*time.Hour {
		t.Errorf("%s %v", sum, err)
	}
}

func TestAWrongClockIsPutRightAndMarked(t *testing.T) {
	o := open(t)
	// The phone thinks it is a day later, and has been on duty for an hour.
	const wrong = 26 * time.Hour
	phone := o.now.Add(wrong)
	s := o.begin(t, "person:ding", ding, phone.Add(-time.Hour), duty.ClockOf(phone, o.now))
	if !s.Doubtful || !s.Began.Equal(o.now.Add(-time.Hour)) {
		t.Errorf("%+v", s)
	}
	taken := o.put(t, "person:ding", duty.ClockOf(phone, o.now), phone.Add(-10*time.Minute))
	if taken.Skew != wrong || len(taken.Fixes) != 1 || !taken.Fixes[0].Doubtful || !taken.Fixes[0].Time.Equal(o.now.Add(-10*time.Minute)) {
		t.Errorf("%+v", taken)
	}
	// Sent again two seconds slower: the skew comes out otherwise, the position is the same.
	again := o.put(t, "person:ding", duty.ClockOf(phone, o.now.Add(2*time.Second)), phone.Add(-10*time.Minute))
	if again.New != 0 || len(again.Fixes) != 1 {
		t.Errorf("%+v", again)
	}
	// A few seconds are the line's, not the clock's.
	if c := duty.ClockOf(o.now.Add(-8*time.Second), o.now); c.Doubtful() || !c.Right(o.now.Add(-time.Minute)).Equal(o.now.Add(-time.Minute)) {
		t.Error("a slow line is taken for a wrong clock")
	}
}

func TestNobodyIsFollowedOutsideOfTheirShift(t *testing.T) {
	o := open(t)
	if taken := o.put(t, "person:ding", o.right(), o.now); taken.Dropped != 1 || len(taken.Fixes) != 0 {
		t.Errorf("%+v", taken)
	}
	track, err := o.Track(t.Context(), "person:ding", o.now.Add(-time.Hour), o.now.Add(time.Hour))
	if err != nil || len(track) != 0 {
		t.Errorf("%+v %v", track, err)
	}
}

func TestAForgottenShiftEndsByItself(t *testing.T) {
	o := open(t)
	o.begin(t, "person:ding", ding, time.Time{}, o.right())
	o.put(t, "person:ding", o.right(), o.now)
	o.now = o.now.Add(duty.MaxShift + time.Minute)
	if u := o.units(t, "person:ding"); len(u) != 0 {
		t.Errorf("still on duty: %v", u)
	}
	if err := o.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.begin(t, "person:ding", ding, time.Time{}, o.right())
	o.now = o.now.Add(duty.KeepTrack)
	if err := o.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if track, err := o.Track(t.Context(), "person:ding", time.Time{}, o.now); err != nil || len(track) != 0 {
		t.Errorf("kept too long: %+v %v", track, err)
	}
	if _, err := o.Begin(t.Context(), "person:ding", ding, o.now.Add(-duty.MaxLate-time.Hour), o.right()); !errors.Is(err, duty.ErrTooLate) {
		t.Errorf("%v", err)
	}
}
