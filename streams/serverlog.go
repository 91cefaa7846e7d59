package streams

import (
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
)

// serverLog hands the embedded server's log to slog. Its notices are for the
// administrators of a server of its own and become debug lines here. It is
// also the only place where the server says that it gave a stream up.
type serverLog struct {
	to   *slog.Logger
	hurt *atomic.Bool
}

func (l serverLog) Noticef(f string, v ...any) { l.to.Debug("nats-server: " + fmt.Sprintf(f, v...)) }
func (l serverLog) Warnf(f string, v ...any)   { l.to.Warn("nats-server: " + fmt.Sprintf(f, v...)) }
func (l serverLog) Fatalf(f string, v ...any)  { l.to.Error("nats-server: " + fmt.Sprintf(f, v...)) }
func (l serverLog) Debugf(string, ...any)      {}
func (l serverLog) Tracef(string, ...any)      {}

func (l serverLog) Errorf(f string, v ...any) {
	if strings.Contains(f, "critical write error") {
		l.hurt.Store(true)
	}
	l.to.Warn("nats-server: " + fmt.Sprintf(f, v...))
}
