package forms

import (
	"context"
	"errors"
	"testing"

	"onecity/gov/incident"
	"onecity/internal/database"
)

// album is a case with one proof that its sender calls a form; files has the file.
type album struct{ Cases }

func (album) Proofs(context.Context, database.Scope, string) ([]incident.Proof, error) {
	return []incident.Proof{{ID: "p1", Case: "c1", Phase: Phase, Media: "/media/x"}}, nil
}

type files struct{ kind string }

func (f files) PutMedia(context.Context, string, string, []byte) error { return nil }
func (f files) Media(context.Context, string) ([]byte, string, error) {
	return []byte("\xff\xd8\xff\xe1Exif<h1>"), f.kind, nil
}

func TestAPhotoThatSomebodyCallsAFormIsNotShownAsADocument(t *testing.T) {
	for kind, want := range map[string]error{"image/jpeg": ErrNoForm, ContentType: nil} {
		s := New(Options{Cases: album{}, Media: files{kind}})
		if _, err := s.Document(t.Context(), database.Scope{}, "c1", "p1"); !errors.Is(err, want) {
			t.Errorf("%s: %v", kind, err)
		}
	}
}
