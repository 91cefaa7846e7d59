package watch_test

import (
	"testing"

	"onecity/internal/watch"
)

func TestWhoStoppedIsNotTold(t *testing.T) {
	var l watch.List
	l.Tell()
	var first, second int
	stop := l.Add(func() { first++ })
	l.Add(func() { second++ })
	l.Tell()
	stop()
	stop()
	l.Tell()
	if first != 1 || second != 2 {
		t.Errorf("told %d and %d times, want 1 and 2", first, second)
	}
}

func TestWhoIsToldMayStopAndAdd(t *testing.T) {
	var l watch.List
	var told int
	var stop func()
	stop = l.Add(func() {
		stop()
		l.Add(func() { told++ })
	})
	l.Tell()
	l.Tell()
	if told != 1 {
		t.Errorf("told %d times, want once", told)
	}
}
