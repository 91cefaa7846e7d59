// Package forms are the documents of law enforcement 执法文书 that an officer
// fills in on the spot: records of inspections and inquiries, notices to put
// something right, and the like.
//
// A [Template] is data (templates.json, embedded): fields, the text of the
// document with places for them, and where its structure comes from.
// [Template.Check] checks values field by field, [Template.Render] makes the
// document: one HTML file, ready to be printed on A4, that holds the values it
// was made of and loads nothing. Signatures are drawn strokes, kept as numbers
// and drawn as SVG paths.
//
// [Service.Fill] keeps a filled form with its case as a proof of phase "form",
// named by its content; package evidence chains it to what was kept before.
//
// The templates that come with the program are samples in our own words. An
// authority puts its own in their place.
package forms
