// Package audit is the log of who did what 审计日志: it cannot be altered unseen.
//
// An [Entry] is appended in the transaction of the change that it tells of
// ([Log.Append]), so neither is there without the other. Reads of graded data
// have no transaction: [Log.Note] commits them in groups, equal ones within a
// minute once. A sealer ([Log.Run]) gives the entries their places in a Merkle
// tree (RFC 6962, section 2; the hash is SHA-256 or SM3 杂凑算法 GB/T 32905) and
// signs a checkpoint of each new size (the note format of C2SP, Ed25519 and
// optionally SM2 GB/T 32918). What was sealed can be proved to be in the log
// ([Log.Proof]), and an entry that was changed, removed or put in with SQL is
// found and named by [Verify], which recomputes the tree from the entries and
// compares it with checkpoints that were kept elsewhere.
//
// A leaf holds no personal data: it is the entry's id and a digest of who,
// what, when, to what, and of a salted digest of the rest. What must be
// forgotten is erased with its salt ([Log.Erase]), and the log still holds.
//
// The sealer takes only entries of transactions that are over (see due). One
// that went by the newest it had seen would lose those that were committed
// late; a test shows how many.
//
// Outside the database, in Options.Dir, are
//
//	key.pem, sm2.pem  the signing keys (0600)
//	verifiers         their public halves, to be given to whoever verifies
//	checkpoints       the signed checkpoints, an empty line after each
//	leaves            48 bytes a leaf, so that what was removed can be named
//
// Copy the last three to where the database's administrators cannot write, or
// name such a place in Options.Witnesses. Not found is what was altered before
// it was sealed (a second or so) by somebody who also fitted its digest, and
// what was done by somebody who has the signing key and every witness.
package audit
