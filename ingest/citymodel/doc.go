// Package citymodel brings what stands in a city into the model from the files
// that departments and the public keep it in: GeoJSON (RFC 7946, also
// GeoJSONSeq, RFC 8142), OpenStreetMap (PBF, XML, either of them in bzip2 or
// gzip), Esri Shapefile (also zipped), OGC GeoPackage 1.x and CityJSON 2.0
// (also CityJSONSeq).
//
// One road leads through it. A reader of a format turns a file into [Feature]
// values, in the file's own coordinates; the sink maps each to a layer by a
// declared [Mapping], converts it to CGCS2000, checks it, and hands batches of
// cim.ObjectsPut (and one cim.RegionsPut) to the caller. A feature that no rule
// wants is skipped; one that is wanted but wrong is a [Rejected] with its
// reason, and the good ones go in.
//
// [Import] is the whole of it; `onecity import` calls it.
package citymodel
