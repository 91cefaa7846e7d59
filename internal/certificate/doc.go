// Package certificate gives the server the certificate that it shows over TLS:
// one from files, which somebody else renews, or one of an authority 内部 CA of
// our own, for a network that no public authority reaches. Both change while
// the server runs, without a connection being lost.
//
//	source, err := certificate.Internal(certificate.Options{Dir: "data/kunshan/tls", Names: hosts})
//	// or: source, err := certificate.Files("city.crt", "city.key", nil)
//	server := &http.Server{TLSConfig: source.Config()}
//	go source.Run(ctx) // keeps it good until ctx ends
//
// The authority's certificate (X.509 v3, RFC 5280) has to be installed on the
// machines that shall trust it; its key never leaves the directory.
package certificate
