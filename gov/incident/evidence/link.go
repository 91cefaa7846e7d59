package evidence

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"time"

	"onecity/gov/incident"
)

// linkDomain is first in every link's hash, so that a digest of another kind
// can never pass for one.
const linkDomain = "onecity evidence link 1"

// Link is one link of a case's chain.
type Link struct {
	Case string `json:"case"`
	Seq  int    `json:"seq"` // 1, 2, 3 …
	// What the proof was when it was kept; see incident.Proof.
	Proof    string    `json:"proof"`
	Phase    string    `json:"phase"`
	Media    string    `json:"media"`
	SHA256   string    `json:"sha256"`
	Bytes    int64     `json:"bytes"`
	TakenAt  time.Time `json:"takenAt"`
	Received time.Time `json:"received"`
	By       string    `json:"by"`
	// Place is "lon,lat,accuracy" where it was taken, empty when not told; Text
	// what was said of it.
	Place string `json:"place"`
	Text  string `json:"text"`
	// Previous is the Hash of the link before, empty in the first.
	Previous string `json:"previous"`
	Hash     string `json:"hash"`
	// Entry is the id of the audit log's entry that holds Hash.
	Entry string `json:"entry"`
}

func linkOf(p incident.Proof, seq int, previous string) Link {
	l := Link{Case: p.Case, Seq: seq, Proof: p.ID, Phase: p.Phase, Media: p.Media, SHA256: p.SHA256, Bytes: p.Bytes,
		TakenAt: micro(p.TakenAt), Received: micro(p.Received), By: p.By, Place: placeOf(p), Text: p.Text, Previous: previous}
	l.Hash = l.sum()
	return l
}

// sum is what Hash must be, in hex:
//
//	SHA-256(domain, case, seq, proof, phase, media, sha256, bytes, taken, received, by, place, text, previous)
//
// numbers in decimal, times as microseconds since 1970.
func (l *Link) sum() string {
	var b []byte
	for _, s := range []string{linkDomain, l.Case, strconv.Itoa(l.Seq), l.Proof, l.Phase, l.Media, l.SHA256, strconv.FormatInt(l.Bytes, 10),
		strconv.FormatInt(l.TakenAt.UnixMicro(), 10), strconv.FormatInt(l.Received.UnixMicro(), 10), l.By, l.Place, l.Text, l.Previous} {
		b = append(binary.BigEndian.AppendUint64(b, uint64(len(s))), s...)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// placeOf is where a proof was taken; the shortest digits that are the number
// are the same however often they are kept and read.
func placeOf(p incident.Proof) string {
	if p.Lon == nil || p.Lat == nil {
		return ""
	}
	d := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	return d(*p.Lon) + "," + d(*p.Lat) + "," + d(p.Accuracy)
}

// micro is a time as the database keeps it.
func micro(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
