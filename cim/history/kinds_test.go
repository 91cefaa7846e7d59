package history

import (
	"testing"

	"onecity/internal/postgres/pgtest"

	"github.com/jackc/pgx/v5"
)

// onEveryKind are the tests that say what the recorder writes and the restart
// reads; they run on each PostgreSQL that the program may be given.
var onEveryKind = []struct {
	name string
	test func(*testing.T)
}{
	{"the migrations", TestTheMigrationsGoDownToNothingAndUpToTheSameTables},
	{"recording", TestWhatHappensIsRecordedAndReadBack},
	{"repeats", TestARepeatIsRecordedOnce},
	{"incidents", TestIncidentsKeepTheirNewestVersionAndEveryStep},
	{"a stop in mid-batch", TestARecorderStoppedInMidBatchGoesOnWithoutLossOrRepeat},
	{"a refused event", TestAnEventThatTheDatabaseRefusesIsLeftOutAndNoted},
	{"partitions", TestPartitionsPastKeepingAreDropped},
	{"restoring", TestARestoredModelIsTheFoldedModel},
	{"a device that moved", TestADeviceThatMovedAfterTheCheckpointCountsWhereItSpoke},
	{"restarts", TestARestartAtAnyMomentIsAsIfThereHadBeenNone},
	{"a graceful stop", TestAGracefulStopLeavesNothingToFold},
	{"a broken checkpoint", TestACheckpointThatCannotBeReadIsReplacedByTheStream},
}

func TestTheRecordIsTheSameOnEveryKindOfPostgreSQL(t *testing.T) {
	for _, kind := range pgtest.Kinds() {
		t.Run(kind, func(t *testing.T) {
			other := pgtest.StartKind(t, kind)
			if v := version(t, other.DSN()); v == version(t, pgtest.Server(t).DSN()) {
				t.Logf("all tests ran on version %s already", v)
				return
			}
			pgtest.Use(t, other)
			for _, c := range onEveryKind {
				t.Run(c.name, c.test)
			}
		})
	}
}

func version(t testing.TB, dsn string) (v string) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	if err := c.QueryRow(t.Context(), "show server_version").Scan(&v); err != nil {
		t.Fatal(err)
	}
	return v
}
