// Package geo knows shapes and places: coordinate systems, H3 cells, and the
// tree of administrative regions with its point → region index.
//
// Every coordinate in the program is longitude, latitude in degrees, CGCS2000
// (EPSG:4490), unless a name says otherwise (FromGCJ02).
//
// # How accurate a conversion is
//
// "Result" is how far the converted place is from the true one, in either
// direction; "there and back" is what [CRS.FromCGCS2000] and [CRS.ToCGCS2000]
// together leave, anywhere in China. Tests hold both to it.
//
//	CGCS2000 ↔                   result    there and back
//	WGS 84 (EPSG:4326)           1 m       exact (the same numbers)
//	Web Mercator (EPSG:3857)     1 µm *    1 µm
//	Gauss–Krüger, 3° and 6°      1 µm      1 µm
//	GCJ-02 火星坐标                1 m       10 µm
//	BD-09 百度坐标                 2 m       10 µm
//
// WGS 84 is taken as CGCS2000 unchanged. Their ellipsoids put a place at most
// 0.1 mm apart. The frames part slowly: CGCS2000 is ITRF97 held at epoch 2000.0
// and moves with the plate, WGS 84 is tied to the Earth as a whole, and Kunshan
// moves by 3 cm a year in it: 0.8 m in 2026. A phone's receiver is five times
// worse; whoever surveys with WGS 84 to the centimetre must convert by epoch
// before he sends.
//
// Web Mercator (*) is projected from CGCS2000's numbers as they are, so as WGS
// 84's it shares that metre. Gauss–Krüger holds 1 µm within a zone and its
// neighbours against PROJ 9, and agrees with published control values to the
// millimetre that they are printed to. GCJ-02 and BD-09 are not published: the
// forms in common use give what the map services give to about a metre each, and
// the inverse undoes them to 10 µm; outside of China's rectangle GCJ-02 changes
// nothing.
//
// Nouns: [Code] and [Region] 区域, [Regions] (the immutable tree), [Cell] (one
// H3 cell), [CRS] (a coordinate reference system a sender may declare).
package geo
