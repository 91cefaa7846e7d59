package streams

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"
)

func TestDeadLettersAreListedNewestFirstAndDugUp(t *testing.T) {
	b := open(t, Options{})
	for i := range 5 {
		err := b.Bury(t.Context(), DeadLetter{
			At: time.Now(), Way: "feeds/air", Source: "a.csv", Row: i + 1, Body: []byte("坏行"), Why: json.RawMessage(`[{"code":"malformed"}]`),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	rows := func(skip, limit int) (rows []int, total int) {
		ls, total, err := b.DeadLetters(t.Context(), skip, limit)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range ls {
			if l.Way != "feeds/air" || string(l.Body) != "坏行" || string(l.Why) != `[{"code":"malformed"}]` {
				t.Errorf("letter %+v", l)
			}
			rows = append(rows, l.Row)
		}
		return rows, total
	}
	if got, total := rows(0, 3); fmt.Sprint(got) != "[5 4 3]" || total != 5 {
		t.Errorf("listed %v of %d", got, total)
	}
	ls, _, err := b.DeadLetters(t.Context(), 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Dig(t.Context(), ls[0].Seq); err != nil {
		t.Fatal(err)
	}
	if err := b.Dig(t.Context(), ls[0].Seq); !errors.Is(err, ErrGone) {
		t.Errorf("dug twice: %v, want ErrGone", err)
	}
	if _, err := b.DeadLetter(t.Context(), ls[0].Seq); !errors.Is(err, ErrGone) {
		t.Errorf("read after digging: %v, want ErrGone", err)
	}
	if got, total := rows(1, 10); fmt.Sprint(got) != "[3 2 1]" || total != 4 {
		t.Errorf("after digging row 4: %v of %d", got, total)
	}
}

func TestAPhotoIsReadBack(t *testing.T) {
	b := open(t, Options{})
	body := bytes.Repeat([]byte{0xff, 0xd8, 0}, 1<<20)
	if err := b.PutMedia(t.Context(), "incident 1/照片.jpg", "image/jpeg", body); err != nil {
		t.Fatal(err)
	}
	got, typ, err := b.Media(t.Context(), "incident 1/照片.jpg")
	if err != nil || typ != "image/jpeg" || !bytes.Equal(got, body) {
		t.Errorf("read %d bytes of %s (%v)", len(got), typ, err)
	}
	if _, _, err := b.Media(t.Context(), "*"); !errors.Is(err, ErrGone) {
		t.Errorf("a photo that is not there: %v, want ErrGone", err)
	}
	if err := b.PutMedia(t.Context(), "max", "image/jpeg", make([]byte, MaxMediaBytes)); err != nil {
		t.Errorf("a photo at the limit: %v", err)
	}
	if err := b.PutMedia(t.Context(), "big", "image/jpeg", make([]byte, MaxMediaBytes+1)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a photo over the limit: %v, want ErrTooLarge", err)
	}
}

func TestAnEndedContextEndsTheReaders(t *testing.T) {
	b := open(t, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.Consume(ctx, 0, func(Received) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("Consume: %v", err)
	}
	if err := b.ConsumeDevices(ctx, 1, func([]DeviceMessage) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("ConsumeDevices: %v", err)
	}
}
