package streams

import (
	"errors"
	"fmt"

	"github.com/nats-io/nats-server/v2/server"
)

// ErrExternal: the NATS server is not ours to ask.
var ErrExternal = errors.New("the NATS server is external")

// Disconnect ends the MQTT sessions that are signed in as user, at once and
// also those that are just signing in, and says how many there were. What they
// had a PUBACK for stays; a will (MQTT 3.1.1, section 3.1.2.5) that a session
// left when it signed in is published, as for any line that breaks.
//
// Take the user's right to sign in away first: a device comes back at once.
//
// With an external server (Options.URL) it is ErrExternal: its operator ends
// sessions there, by an account's revocation (nats auth user) or by
// "$SYS.REQ.SERVER.<id>.KICK" {"cid":…} from the system account.
func (b *Broker) Disconnect(user string) (int, error) {
	if b.srv == nil {
		return 0, fmt.Errorf("disconnect %s: %w", user, ErrExternal)
	}
	if !ValidDeviceID(user) {
		return 0, nil // nobody signs in like that, our own connection least of all
	}
	n, err := b.dismiss(func(c *server.ConnInfo) bool { return c.AuthorizedUser == user })
	if err != nil {
		return 0, fmt.Errorf("disconnect %s: %w", user, err)
	}
	return n, nil
}

// dismiss ends the connections that are meant.
func (b *Broker) dismiss(meant func(*server.ConnInfo) bool) (n int, err error) {
	s := b.srv.now.Load()
	all, err := s.Connz(&server.ConnzOptions{Limit: 1 << 20, Username: true})
	if err != nil {
		return 0, fmt.Errorf("list the broker's connections: %w", err)
	}
	for _, c := range all.Conns {
		// An error means that it has gone by itself.
		if meant(c) && s.DisconnectClientByID(c.Cid) == nil {
			n++
		}
	}
	return n, nil
}
