package streams

import (
	"crypto/rand"
	"crypto/subtle"
	"regexp"
	"sync"
	"sync/atomic"

	"github.com/nats-io/nats-server/v2/server"
)

// insider is the user name of the program's own connection. It is not a
// possible device id.
const insider = "onecity internal"

// deviceID is what an id may look like. The MQTT listener turns "/" into "."
// and "+", "#" are wildcards, so none of them may be in an id.
var deviceID = regexp.MustCompile(`^[A-Za-z0-9_:-]{1,64}$`)

// ValidDeviceID reports whether a device or unit may sign in over MQTT under
// this id: letters, digits, "_", "-" and ":", 1 to 64 of them.
func ValidDeviceID(id string) bool { return deviceID.MatchString(id) }

// door decides who may connect to the embedded server: the program itself,
// which may do everything, and devices, each within its own topics.
type door struct {
	secret string // of the program's own connection, new at each start
	allow  func(id, password string) bool
	ready  chan struct{}
	once   sync.Once
	full   atomic.Bool // no room on the disk: devices have to come again later
}

var _ server.Authentication = (*door)(nil)

func newDoor(allow func(id, password string) bool) *door {
	if allow == nil {
		allow = func(string, string) bool { return false }
	}
	return &door{secret: rand.Text(), allow: allow, ready: make(chan struct{})}
}

// open lets devices in, once what they say can be kept.
func (d *door) open() { d.once.Do(func() { close(d.ready) }) }

// Check is called by the server for each client that connects.
func (d *door) Check(c server.ClientAuthentication) bool {
	o := c.GetOpts()
	if o.Username == insider {
		return subtle.ConstantTimeCompare([]byte(o.Password), []byte(d.secret)) == 1
	}
	select {
	case <-d.ready:
	default:
		return false
	}
	if d.full.Load() || !ValidDeviceID(o.Username) || !d.allow(o.Username, o.Password) {
		return false
	}
	c.RegisterUser(&server.User{Username: o.Username, Permissions: devicePermissions(o.Username)})
	return true
}

// devicePermissions let a device speak below its own topic, and listen there
// and on the server's own delivery subject of QoS 1 subscriptions.
func devicePermissions(id string) *server.Permissions {
	own := topicSubject + id + ".>"
	return &server.Permissions{
		Publish:   &server.SubjectPermission{Allow: []string{own}},
		Subscribe: &server.SubjectPermission{Allow: []string{own, "$MQTT.sub.>"}},
	}
}
