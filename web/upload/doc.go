// Package upload takes photos over bad networks: tus 1.0 resumable uploads
// (https://tus.io/protocols/resumable-upload, with the creation and termination
// extensions, and Upload-Expires in the answer to a creation), served by tusd.
//
// A [Store] keeps what has come so far in a directory, for three days at most.
// After the last byte it looks at what the bytes are, by decoding the image's
// header, and puts them into the store of photos under a name made of their
// content: the same bytes sent twice are one photo. [Store.Done] then says the
// name. An upload is its sender's alone: for others it is not there.
//
// What a camera wrote into the photo stays in it as evidence, and is taken out
// by [Public] of what is shown to others: where somebody stood is their own.
//
// Errors are problems (RFC 9457) like everybody else's; see [Store.ServeHTTP].
package upload
