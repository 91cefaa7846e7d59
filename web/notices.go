package web

import "onecity/geo"

// Announce says to the live sockets of who sees anything of the regions that
// something was announced; kind is one of the hub's.
func (s *Server) Announce(kind string, regions []string) {
	codes := make([]geo.Code, len(regions))
	for i, r := range regions {
		codes[i] = geo.Code(r)
	}
	s.hub.Announce(kind, codes)
}
