package evidence

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"onecity/gov/incident"
	"onecity/internal/audit"
)

// What may be wrong with a link.
const (
	LinkAltered  = "link-altered"  // its fields are not those that its hash was made of
	LinkRemoved  = "link-removed"  // one that the audit log tells of is not there
	OutOfPlace   = "out-of-place"  // it does not carry the hash of the one before
	ProofAltered = "proof-altered" // the record of the proof is not what it was
	ProofRemoved = "proof-removed" // the record of the proof is not there
	ProofLoose   = "proof-loose"   // a proof that no link tells of
	BytesAltered = "bytes-altered" // the photo or form itself is another
	BytesGone    = "bytes-gone"    // it is not there any more
	LogSilent    = "log-silent"    // the audit log does not tell of it
	LogDiffers   = "log-differs"   // the audit log tells of another hash
)

var words = map[string]incident.Reason{
	LinkAltered:  {ZH: "此环内容与其哈希不符，已被改动", EN: "what the link says is not what its hash was made of"},
	LinkRemoved:  {ZH: "审计日志所载的一环已不在链中", EN: "a link that the audit log tells of is not in the chain"},
	OutOfPlace:   {ZH: "未承接上一环的哈希", EN: "it does not carry the hash of the link before"},
	ProofAltered: {ZH: "证据登记信息与入链时不一致", EN: "the record of the proof is not what it was when it was kept"},
	ProofRemoved: {ZH: "证据登记信息已不在", EN: "the record of the proof is gone"},
	ProofLoose:   {ZH: "该证据未入链", EN: "no link tells of this proof"},
	BytesAltered: {ZH: "照片或文书内容与入链时的哈希不符", EN: "the photo or form is not the one that was kept"},
	BytesGone:    {ZH: "照片或文书文件已不在", EN: "the photo or form is gone"},
	LogSilent:    {ZH: "审计日志中没有此环", EN: "the audit log does not tell of the link"},
	LogDiffers:   {ZH: "与审计日志所载哈希不一致", EN: "the audit log tells of another hash"},
}

// Fault is one thing that is wrong.
type Fault struct {
	Code string `json:"code"`
	incident.Reason
}

func fault(code string) Fault { return Fault{code, words[code]} }

// Checked is a link with what is wrong with it.
type Checked struct {
	Link
	Faults []Fault `json:"faults"`
}

// Report is what a check of a case's chain found.
type Report struct {
	Case string `json:"case"`
	// Whole is true when nothing is wrong.
	Whole bool `json:"whole"`
	// Head is the hash of the last link; empty where there is none.
	Head  string    `json:"head"`
	Links []Checked `json:"links"`
	// Others are faults that are of no link: proofs that no link tells of, links
	// that were removed; Proof names which.
	Others  []Other   `json:"others"`
	Checked time.Time `json:"checked"`
}

// Other is a fault beside the links.
type Other struct {
	Proof string `json:"proof,omitempty"`
	Fault
}

// Check computes a case's chain anew. proofs are the case's as their own table
// has them.
func (s *Chain) Check(ctx context.Context, id string, proofs []incident.Proof) (Report, error) {
	links, err := s.Links(ctx, id)
	if err != nil {
		return Report{}, err
	}
	told, err := s.told(ctx, id)
	if err != nil {
		return Report{}, err
	}
	r := Report{Case: id, Links: make([]Checked, 0, len(links)), Others: []Other{}, Checked: time.Now().UTC()}
	kept := make(map[string]*incident.Proof, len(proofs))
	for i := range proofs {
		kept[proofs[i].ID] = &proofs[i]
	}
	previous := ""
	for i, l := range links {
		c := Checked{Link: l, Faults: []Fault{}}
		if l.sum() != l.Hash {
			c.Faults = append(c.Faults, fault(LinkAltered))
		}
		if l.Seq != i+1 || l.Previous != previous {
			c.Faults = append(c.Faults, fault(OutOfPlace))
		}
		if code := l.against(kept[l.Proof]); code != "" {
			c.Faults = append(c.Faults, fault(code))
		}
		if code := l.inLog(told); code != "" {
			c.Faults = append(c.Faults, fault(code))
		}
		code, err := s.bytes(ctx, l)
		if err != nil {
			return Report{}, fmt.Errorf("check the chain of evidence of %s: %w", id, err)
		}
		if code != "" {
			c.Faults = append(c.Faults, fault(code))
		}
		delete(kept, l.Proof)
		delete(told, l.Entry)
		previous = l.Hash
		r.Links = append(r.Links, c)
	}
	r.Head = previous
	for _, p := range proofs {
		if kept[p.ID] != nil {
			r.Others = append(r.Others, Other{p.ID, fault(ProofLoose)})
		}
	}
	for range told {
		r.Others = append(r.Others, Other{"", fault(LinkRemoved)})
	}
	r.Whole = len(r.Others) == 0
	for _, c := range r.Links {
		r.Whole = r.Whole && len(c.Faults) == 0
	}
	return r, nil
}

// told are the entries of the audit log about a case's chain, by id.
func (s *Chain) told(ctx context.Context, id string) (map[string]audit.Found, error) {
	out := map[string]audit.Found{}
	for after := ""; ; {
		found, err := s.log.Search(ctx, audit.Within{All: true}, audit.Filter{Action: Action, Object: objectOf(id)}, audit.Page{Limit: 1000, After: after})
		if err != nil {
			return nil, fmt.Errorf("check the chain of evidence of %s: %w", id, err)
		}
		for _, f := range found.Entries {
			out[f.ID] = f
		}
		if after = found.Next; after == "" {
			return out, nil
		}
	}
}

// against compares a link with the record of its proof.
func (l *Link) against(p *incident.Proof) string {
	if p == nil {
		return ProofRemoved
	}
	now := linkOf(*p, l.Seq, l.Previous)
	then := *l
	if now.sum() != then.sum() {
		return ProofAltered
	}
	return ""
}

func (l *Link) inLog(told map[string]audit.Found) string {
	e, ok := told[l.Entry]
	switch {
	case !ok:
		return LogSilent
	case !e.Erased && (e.After != l.Hash || e.Before != l.Previous):
		return LogDiffers
	}
	return ""
}

// bytes hashes what is kept anew.
func (s *Chain) bytes(ctx context.Context, l Link) (string, error) {
	body, err := s.read(ctx, l.Media)
	switch {
	case errors.Is(err, ErrGone):
		return BytesGone, nil
	case err != nil:
		return "", err
	}
	if sum := sha256.Sum256(body); hex.EncodeToString(sum[:]) != l.SHA256 {
		return BytesAltered, nil
	}
	return "", nil
}
