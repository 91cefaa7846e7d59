// Package access answers who may do what 授权: bindings of subjects to roles
// on a subtree of regions or organisations, compiled into an immutable [Table].
//
// Two questions are answered from the one table, so that they cannot differ:
// [Table.Can] (may this subject do this to that object?) and [Table.Scope]
// (which subtrees may they do it in?), of which lists, tiles, frames and
// exports are made. A code whose prefix is its parent's makes a subtree a
// prefix, so both are comparisons of strings.
//
// The rule of delegated administration 分级管理, whole: you may grant (role,
// subtree) if and only if you hold a binding whose role may grant that role, on
// a subtree that contains it, for a time that contains it.
//
// The package has no clock and no database: a Table is made for a moment and
// says until when it is true.
package access
