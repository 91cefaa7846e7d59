// Package evidence is the chain of evidence 证据链 of a case: every photo and
// every form that is kept with it carries the hash of the one before.
//
// [Chain.Append] adds a link in the transaction in which a proof is kept, and
// writes the chain's new head into the audit log in that same transaction. So
// whoever wants to alter, remove or put in a proof unseen has to alter the
// proof, all links after it, and the sealed log, whose checkpoints are kept
// elsewhere. [Chain.Check] reads a case's chain anew and tells which link is
// broken and how.
//
// The hash of a link is that of package audit's texts: every field behind its
// length in 8 bytes (big endian), SHA-256.
package evidence
