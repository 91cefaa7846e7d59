package web

import "testing"

func TestNobodyIsLedElsewhereByALinkToTheSignIn(t *testing.T) {
	for in, want := range map[string]string{
		"/": "/", "/desk?x=1": "/desk?x=1", "": "/", "//evil.example": "/", "https://evil.example": "/",
		`/\evil.example`: "/", "/a\r\nSet-Cookie: x": "/", "desk": "/",
	} {
		if got := localPath(in); got != want {
			t.Errorf("%q leads to %q", in, got)
		}
	}
}
