package incident

import (
	"context"
	"errors"
	"time"

	"onecity/internal/database"
	"onecity/internal/flow"
)

var errSoon = errors.New("on its way")

// Take opens the case of a report; the same report again changes nothing and
// is answered with the case as it is.
func (s *Service) Take(ctx context.Context, r Report) (Case, error) { return Case{}, errSoon }

// Word is what a sender's own system says of an incident that it sent before.
type Word struct {
	Event  string    `json:"event"` // the sender's name of the message: told twice, it is kept once
	ID     string    `json:"id"`    // of the case
	Status string    `json:"status,omitempty"`
	Note   string    `json:"note,omitempty"`
	Source string    `json:"source"`
	At     time.Time `json:"at"`
}

// Told takes a sender's word of its own incident into the timeline; one that
// says that it is over ends it.
func (s *Service) Told(ctx context.Context, w Word) error { return errSoon }

// Fire does what somebody wants done with a case, and answers with the case.
func (s *Service) Fire(ctx context.Context, by flow.Actor, id string, c Command) (Case, error) {
	return Case{}, errSoon
}

// Remark is what somebody says of a case; the same ID again is the same remark.
type Remark struct {
	ID   string `json:"id,omitempty"`
	Text string `json:"text"`
}

// Note 批注, Urge 督办 and Backup 请求支援 keep a remark in the timeline.
func (s *Service) Note(ctx context.Context, by flow.Actor, id string, r Remark) (Case, error) {
	return Case{}, errSoon
}
func (s *Service) Urge(ctx context.Context, by flow.Actor, id string, r Remark) (Case, error) {
	return Case{}, errSoon
}
func (s *Service) Backup(ctx context.Context, by flow.Actor, id string, r Remark) (Case, error) {
	return Case{}, errSoon
}

// AddProof keeps a proof with a case; the same ID again is the same proof.
// sentAt is the sender's clock when it was sent (zero: not known).
func (s *Service) AddProof(ctx context.Context, by flow.Actor, p Proof, sentAt time.Time) (Proof, error) {
	return Proof{}, errSoon
}

// Alike are open cases that may be the same thing, the likeliest first.
func (s *Service) Alike(ctx context.Context, scope database.Scope, id string) ([]Alike, error) {
	return nil, errSoon
}

// Merge 并案 makes a case part of another; Split 拆案 makes it one of its own again.
func (s *Service) Merge(ctx context.Context, by flow.Actor, id, into string, version int64, why string) (Case, error) {
	return Case{}, errSoon
}
func (s *Service) Split(ctx context.Context, by flow.Actor, id string, version int64, why string) (Case, error) {
	return Case{}, errSoon
}

// Rate keeps the reporter's rating of a closed case.
func (s *Service) Rate(ctx context.Context, by flow.Actor, id, reporter string, stars int, text string) (Case, error) {
	return Case{}, errSoon
}

// Get, List, Counts, Timeline, Proofs, Related, Nearby read within a scope (Scope).
func (s *Service) Get(ctx context.Context, scope database.Scope, id string) (Case, error) {
	return Case{}, errSoon
}
func (s *Service) List(ctx context.Context, scope database.Scope, q Query) (Page, error) {
	return Page{}, errSoon
}

// Counts are of the open cases, and by state of those reported since.
type Counts struct {
	Open     int                `json:"open"`
	Late     int                `json:"late"`
	Urged    int                `json:"urged"`
	ByState  map[flow.State]int `json:"byState"`
	ByGroup  map[string]int     `json:"byGroup"` // major class 大类
	ByRegion map[string]Tally   `json:"-"`       // deepest region
}

// Tally is how many are open and late somewhere.
type Tally struct{ Open, Late int }

func (s *Service) Counts(ctx context.Context, scope database.Scope, region string, from time.Time) (Counts, error) {
	return Counts{}, errSoon
}
func (s *Service) Timeline(ctx context.Context, scope database.Scope, id string) ([]Entry, error) {
	return nil, errSoon
}
func (s *Service) Proofs(ctx context.Context, scope database.Scope, id string) ([]Proof, error) {
	return nil, errSoon
}

// Related are the cases that were merged into one.
func (s *Service) Related(ctx context.Context, scope database.Scope, id string) ([]Case, error) {
	return nil, errSoon
}

// Nearby is the history of a case's place and object.
func (s *Service) Nearby(ctx context.Context, scope database.Scope, id string, months int) ([]Case, error) {
	return nil, errSoon
}

// Mine are the open cases that wait for a person, with the units that they are
// on duty with: those that they handle, that were sent or offered to the units,
// and those that wait for their verification.
func (s *Service) Mine(ctx context.Context, scope database.Scope, who flow.Seer, units []string) ([]Case, error) {
	return nil, errSoon
}

// Offers are what an actor can do with a case now.
func (s *Service) Offers(ctx context.Context, by flow.Actor, id string) ([]flow.Offer, error) {
	return nil, errSoon
}

// Limits are the classes with the limits that hold at a time.
func (s *Service) Limits(at time.Time) []Class { return nil }

// PutLimits keeps a class's limits from its ValidFrom on.
func (s *Service) PutLimits(ctx context.Context, by flow.Actor, c Class) (Class, error) {
	return Class{}, errSoon
}

func (s *Service) keepClasses(ctx context.Context) error { return errSoon }
