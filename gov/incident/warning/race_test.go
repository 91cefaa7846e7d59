package warning

import (
	"errors"
	"strings"
	"testing"
	"time"

	"onecity/internal/flow"

	"github.com/jackc/pgx/v5"
)

func TestATextThatIsChangedWhileItIsBeingIssuedIsNotIssued(t *testing.T) {
	w := open(t)
	d := w.draft(wang, rain(Red))
	edited := false
	slow := flow.Actor{Subject: "person:zhao", Allow: func(action string, it flow.Item) bool {
		if !edited { // zhao has been found to have read the newest; now wang changes it
			edited = true
			x := d
			x.Text = "另一段文字"
			if _, err := w.Edit(t.Context(), wang, x, ""); err != nil {
				t.Error(err)
			}
		}
		return action == Action && strings.HasPrefix(it.Region, "320583")
	}}
	if got, err := w.fire(slow, d, Issue, ""); !errors.Is(err, ErrConflict) {
		t.Errorf("zhao has issued what they have not read: %q, %v", got.Text, err)
	}
	if len(w.current()) != 0 || len(w.told()) != 0 {
		t.Error("it holds")
	}
}

func TestAnEditTakesTheKernelsItemFirstAsAnIssueDoes(t *testing.T) {
	w := open(t)
	d := w.draft(wang, rain(Red))
	done := make(chan error, 1)
	err := pgx.BeginFunc(t.Context(), w.pool, func(tx pgx.Tx) error {
		if _, err := w.flow.LockTx(t.Context(), tx, MachineName, d.ID); err != nil {
			return err
		}
		go func() {
			_, err := w.Edit(t.Context(), wang, d, "")
			done <- err
		}()
		for waits := false; !waits; time.Sleep(5 * time.Millisecond) {
			if err := w.pool.QueryRow(t.Context(), `select exists (select from pg_locks where not granted)`).Scan(&waits); err != nil {
				return err
			}
		}
		_, err := tx.Exec(t.Context(), `select from warning.warning where id = $1 for update nowait`, d.ID)
		return err
	})
	if err != nil {
		t.Errorf("an edit that waits for the item holds the warning: %v", err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}
