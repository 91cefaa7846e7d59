package audit

import (
	"fmt"
	"testing"
	"time"
)

func TestWindowsAreBoundedAndWhatHasNoneIsStillToBeWritten(t *testing.T) {
	r := newReads(time.Minute)
	now := time.Now()
	read := func(i int) Entry {
		return Entry{Actor: "person:a", Action: "object.read", Object: fmt.Sprint("camera:", i), Outcome: Done}
	}
	const many = maxWindows + 10_000
	for i := range many {
		r.take(read(i), now)
	}
	if len(r.open) != maxWindows || len(r.queue) != many {
		t.Fatalf("%d windows, %d to be written", len(r.open), len(r.queue))
	}
	r.take(read(0), now) // has a window: counted
	if len(r.queue) != many {
		t.Fatal("an equal read was not counted with the first")
	}
	r.take(read(many-1), now) // has none: written once more
	if len(r.queue) != many+1 {
		t.Fatal("a read without a window was dropped")
	}
	// When the windows' time is over there is room again, and the repetition is told.
	r.take(read(-1), now.Add(2*time.Minute))
	if len(r.open) != 1 || len(r.queue) != many+3 {
		t.Fatalf("%d windows, %d to be written", len(r.open), len(r.queue)-many)
	}
}
