// Package shortest holds what every search for a cheapest way needs: the
// frontier, which gives the nodes that were reached in the order of what they
// cost. The made city lays its roads with it (Dijkstra, many sources) and the
// simulator drives along them (A*); each keeps its own graph and its own costs.
package shortest
