// Package handover is the hand-over of a shift 交接班 in the command centre: what
// the operator who goes leaves to the one who comes, in words and as a list of
// the cases 案件 that must not be lost sight of.
//
// A [Note] is written once ([Service.Write]) and never changed; the next
// operator signs it off ([Service.Take] 接班签收), who is another person than
// the one who wrote it. Both are transactions with an entry of the audit log.
// A note belongs to a region: who dispatches there reads it.
package handover
