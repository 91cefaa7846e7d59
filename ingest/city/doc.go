// Package city gives a city its first content: which city it is, its regions,
// its objects and the formula of its composite index, as facts in the order in
// which the model wants them.
//
// Profiles: "kunshan" is built in: real border, codes and names; areas, streets,
// water and buildings made (see ingest/city/made) and marked so. "andorra" is
// OpenStreetMap's extract of Andorra, real throughout, read from a file.
//
// [Load] calls back with each fact; data/SOURCES.md says where the data is from.
package city
