// Package signin lets people and programs show who they are: passwords
// (argon2id), second factors (TOTP, passkeys, recovery codes), sessions,
// lock-outs, and the tokens of programs.
//
// [Service] keeps all of it in the schema signin of the database that the
// directory is in, and what every request asks for in memory: [Service.Lookup]
// of a session and [Service.Check] of a program's token cost about a
// microsecond and follow what any node changes, because the database tells of
// it ([Service.Run]).
//
// A sign-in goes in steps. [Service.Begin] gives a session that says in Pending
// what is still to do; it serves for nothing else until Pending is empty.
// Every step gives a new token: the one before is void.
//
//	Begin ──→ "totp" ──Second──→ "password" ──ChangePassword──→ "enrol" ──ConfirmTOTP──→ ""
//
// (only the steps that the person needs). Every sign-in, refusal, lock-out and
// change of a factor is in the audit log; no password, code or token is.
package signin
