// Package credentials keeps the passwords of devices and units. A password is
// 128 random bits, made here and told once; what is kept is its SHA-256, which
// is enough for a secret that nobody can guess (a slow hash protects short
// passwords that people choose, at a tenth of a second for every sign-in).
package credentials
