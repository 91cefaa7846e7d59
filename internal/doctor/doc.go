// Package doctor tells what is unsafe or unhealthy in the way a server is set
// up, and what to do about it. It looks and changes nothing:
//
//	facts := doctor.Look(settings)            // the files and the disk
//	doctor.LookInto(ctx, pool, &facts)        // the database
//	report := doctor.Judge(facts, time.Now()) // what that means
//
// Judge is a table of small rules over plain facts, so each can be read and
// tested by itself.
package doctor
