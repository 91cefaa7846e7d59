package evidence_test

import (
	"testing"

	"onecity/internal/postgres/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }
