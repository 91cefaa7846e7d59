// Package dispatch says to whom an incident goes 任务派遣 (GB/T 30428, the third
// of the seven steps): which organisation answers for its class at its place
// ([Mandate], the responsibility list 责任清单), who is on duty there now
// ([Turn], the duty roster 值班表), and which unit had best be sent ([Rank]).
//
// It knows no city model and no streets: where the units are and how long they
// would drive is given to it. [Book] keeps the lists in PostgreSQL, schema
// dispatch; Rank is a pure function, and says why in words.
package dispatch
