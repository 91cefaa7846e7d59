// Package geo knows shapes and places: coordinate systems, H3 cells, and the
// tree of administrative regions with its point → region index.
//
// Every coordinate in the program is longitude, latitude in degrees, CGCS2000
// (EPSG:4490), unless a name says otherwise (FromGCJ02). At the accuracy of
// city data CGCS2000 and WGS 84 (EPSG:4326) are the same numbers.
//
// Nouns: [Code] and [Region] 区域, [Regions] (the immutable tree), [Cell] (one
// H3 cell), [CRS] (a coordinate reference system a sender may declare).
package geo
