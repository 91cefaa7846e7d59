// Package made makes a plausible city inside a real border, for a city that has
// not loaded its own data yet: areas of towns, villages and grids, water,
// streets that form one connected network, buildings, place names and street
// furniture. Everything it makes is marked as made (模拟), and the same [Plan]
// always gives the same city.
//
// What the plan holds is real: the border, the codes and names, where the town
// centres and the large lakes and rivers lie. [Make] does the rest. It works on
// a flat [frame] in metres; only what comes out is lon, lat.
package made
