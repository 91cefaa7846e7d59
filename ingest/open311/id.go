package open311

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"strings"
	"time"
)

// crockford is base 32 without I, L, O and U, so that an id can be read out
// over a telephone; its order is the order of its values.
var crockford = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// newID names a new incident: the day in the city, then ten letters of which
// the first six are the time of the day and the others random:
// 20260131-4RZTK9QXPA. Ids sort by time, and no database has to be asked.
func newID(now time.Time) string {
	var b [8]byte
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	// A day has fewer than 2³⁰ tenths of a millisecond: six letters.
	tenths := uint64(now.Sub(midnight)/(100*time.Microsecond)) & (1<<30 - 1)
	var r [4]byte
	if _, err := rand.Read(r[:]); err != nil { // never fails (crypto/rand)
		panic("open311: " + err.Error())
	}
	binary.BigEndian.PutUint64(b[:], tenths<<34|uint64(binary.BigEndian.Uint32(r[:]))<<2)
	return now.Format("20060102") + "-" + crockford.EncodeToString(b[:])[:10]
}

// idOf names the incident that a client reports under a key of its own: the
// day, then ten letters of the key's hash. The same key on the same day is the
// same incident.
func idOf(day time.Time, client, key string) string {
	sum := sha256.Sum256([]byte(client + "\x00" + key))
	return day.Format("20060102") + "-" + crockford.EncodeToString(sum[:])[:10]
}

// mediaName names a photo by what is in it: the same photo is stored once.
func mediaName(body []byte, extension string) string {
	sum := sha256.Sum256(body)
	return strings.ToLower(crockford.EncodeToString(sum[:16])) + extension
}
