package web

import (
	"testing"
	"time"
)

func TestATrackIsALineHoweverFewItsPlaces(t *testing.T) {
	now := time.Now()
	for n, want := range map[int]int{0: 0, 1: 2, 3: 3} {
		points := make([]TrackPoint, n)
		for i := range points {
			points[i] = TrackPoint{Time: now.Add(time.Duration(i) * time.Second), Lon: 121, Lat: 31}
		}
		f := trackOf("car", points)
		got := 0
		if f.Geometry != nil {
			got = len(f.Geometry.Coordinates)
		}
		if got != want || len(f.Properties.Times) != want {
			t.Errorf("%d places: %d coordinates, %d times, want %d", n, got, len(f.Properties.Times), want)
		}
	}
}

func TestAStepThatIsNotGivenMakesAFewHundredPoints(t *testing.T) {
	for over, want := range map[time.Duration]time.Duration{
		time.Hour: time.Minute, 24 * time.Hour: 5 * time.Minute, 30 * 24 * time.Hour: 144 * time.Minute,
	} {
		if step, p := stepOf(0, over); p != nil || step != want {
			t.Errorf("over %v: %v, %v; want %v", over, step, p, want)
		}
	}
	if _, p := stepOf(1, 24*time.Hour); p == nil || p.Status != 422 {
		t.Errorf("a day of seconds is answered: %v", p)
	}
}
