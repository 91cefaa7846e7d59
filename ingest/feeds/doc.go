// Package feeds takes the data sets that departments deliver again and again
// (CSV, XLSX, GeoJSON), each under a declared contract, and hands their rows
// to the Gate.
//
// A [Contract] says what a delivery holds: its columns with types, units,
// ranges and code tables, the key of a row, the coordinate system, the time
// zone, and what a row is to the city (an observation, an indicator, an
// incident, a device). A delivery is read into a table, its header is matched
// with the contract's columns, every cell is checked, the good rows go in and
// the bad rows become dead letters with the reasons, cell by cell. The
// [Report] says how it went. A row goes in whole or not at all.
//
// # Mounting
//
// [Open] makes the [Service]. cmd/onecity runs [Service.Watch] (the watched
// folder) after the model has caught up: before, every device is unknown and
// every row of it a dead letter. Package web mounts:
//
//	GET  /api/v1/feeds                    Service.Feeds
//	POST /api/v1/feeds/{feed}/uploads     Service.Deliver(ctx, feed, file name, body)
//	POST /api/v1/dead-letters/{seq}/resend, for a letter whose Way starts with
//	     "feeds/"                         Service.Resend(ctx, letter, mended row)
//
// The folder looks like this; a file is picked up when it has stopped growing,
// and ends in done/ or failed/ with its report beside it:
//
//	feeds/air-hourly/2026013108.csv
//	feeds/air-hourly/done/2026013107.csv
//	feeds/air-hourly/done/2026013107.csv.report.json
//
// The same file again changes nothing, whatever its name.
package feeds
