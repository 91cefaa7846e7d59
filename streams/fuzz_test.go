package streams

import (
	"strings"
	"testing"
)

func FuzzASubjectIsNeverAWildcard(f *testing.F) {
	for _, s := range []string{"onecity.observations.v1", "onecity.objects-removed.v1", "a.b.c", "", ".", "onecity..v1", "x.>", "*", "com.example.读数"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typ string) {
		subject, ok := subjectOf(typ)
		if !ok {
			return
		}
		rest, inside := strings.CutPrefix(subject, citySubject)
		if !inside || rest == "" || strings.ContainsAny(rest, "*> \t\r\n\x00") || strings.Contains("."+rest+".", "..") {
			t.Errorf("type %q goes to subject %q", typ, subject)
		}
	})
}

func FuzzADeviceIDStaysInItsPlace(f *testing.F) {
	for _, s := range []string{"dev-1", "a:b", "", "a.b", "a/b", "+", "#", ">", "*", "读数", "a b", "a\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, id string) {
		if ValidDeviceID(id) && strings.ContainsAny(id, "./+#*> \r\n\t\x00$") {
			t.Errorf("%q may sign in", id)
		}
	})
}
