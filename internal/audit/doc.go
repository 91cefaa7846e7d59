// Package audit is the log of who did what 审计日志: it cannot be altered unseen.
//
// An [Entry] is appended in the transaction of the change that it tells of
// ([Log.Append]), so neither is there without the other. A sealer gives the
// entries their places in a Merkle tree (RFC 6962, section 2; the hash is
// SHA-256 or SM3 杂凑算法 GB/T 32905) and signs a checkpoint of each new size
// (the note format of C2SP). What was sealed can be proved to be in the log, and
// an entry that was changed, removed or put in with SQL is found by [Verify],
// which recomputes the tree from the entries and compares it with checkpoints
// that were kept elsewhere.
//
// A leaf holds no personal data: it is made of the entry's identifiers and of a
// salted digest of the rest, so that what must be forgotten can be, and the log
// still holds.
package audit
