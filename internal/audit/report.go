package audit

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// Evidence is what a log is compared with: things that were kept where those
// who can write to the database cannot.
type Evidence struct {
	Checkpoints []string        // signed
	Leaves      []Leaf          // a witness's; they let what was removed be named
	Keys        []note.Verifier // without any, signatures are not checked
}

// Kind is what was done to a log.
type Kind string

// Kinds of Finding.
const (
	Altered    Kind = "altered"    // 被篡改: the entry is not as it was sealed
	Removed    Kind = "removed"    // 被删除: an entry that was sealed is not there
	Inserted   Kind = "inserted"   // 被插入: an entry stands where another was sealed
	Reordered  Kind = "reordered"  // 被调序: an entry stands at another place than it was sealed at
	Unrecorded Kind = "unrecorded" // 无记录的擦除: an entry is forgotten, and no entry says by whom
	Tree       Kind = "tree"       // 叶表被改: the entry is as it was sealed, what is stored of its leaf is not
	Contradict Kind = "contradict" // 与检查点矛盾: the log does not lead to a checkpoint, and nothing says which entry it is
	Bad        Kind = "checkpoint" // 检查点无效: a checkpoint is not signed by a known key, or is of another log
)

// Finding is one thing that is wrong.
type Finding struct {
	Kind   Kind   `json:"kind"`
	Number int64  `json:"number"` // of the leaf; -1: none
	ID     string `json:"id,omitempty"`
	// Checkpoint is the size of the oldest checkpoint that this contradicts;
	// 0: none covers it.
	Checkpoint int64  `json:"checkpoint,omitempty"`
	Text       string `json:"text"`
}

// Late is an entry that is older than a checkpoint before it by more than an
// hour: its transaction was very long, the database was restored, or somebody
// put it in with an old date before it was sealed.
type Late struct {
	Number int64     `json:"number"`
	ID     string    `json:"id"`
	At     time.Time `json:"at"`
	Sealed time.Time `json:"sealedAfter"`
}

// Report is what Verify has found.
type Report struct {
	Origin      string    `json:"origin"`
	Hash        Hash      `json:"hash"`
	Leaves      int64     `json:"leaves"`      // sealed entries that were recomputed
	Unsealed    int64     `json:"unsealed"`    // entries that are not sealed yet
	Checkpoints int       `json:"checkpoints"` // that the log was compared with
	Covered     int64     `json:"covered"`     // leaves that the newest of those speaks of
	Signatures  bool      `json:"signatures"`  // they were checked
	Erased      []string  `json:"erased,omitempty"`
	Late        []Late    `json:"late,omitempty"`
	Findings    []Finding `json:"findings"`
}

// OK says that nothing is wrong.
func (r *Report) OK() bool { return len(r.Findings) == 0 }

// String is a finding as a line for people.
func (f Finding) String() string {
	s := zh[f.Kind] + " " + string(f.Kind)
	if f.Number >= 0 {
		s += fmt.Sprintf(" #%d", f.Number)
	}
	if f.ID != "" {
		s += " " + f.ID
	}
	s += ": " + f.Text
	if f.Checkpoint > 0 {
		s += fmt.Sprintf(" (contradicts the checkpoint of %d entries)", f.Checkpoint)
	}
	return s
}

var zh = map[Kind]string{
	Altered: "被篡改", Removed: "被删除", Inserted: "被插入", Reordered: "被调序",
	Unrecorded: "无记录的擦除", Tree: "叶表被改", Contradict: "与检查点矛盾", Bad: "检查点无效",
}

func (r *Report) sort() {
	slices.SortStableFunc(r.Findings, func(a, b Finding) int { return cmp.Compare(a.Number, b.Number) })
}
