// Package mosaic cuts an area into pieces that fit together exactly: the
// Voronoi cells of seeds, cut off at the area's border, and any union of them.
//
// Every corner is computed once and rounded to 1e-7° (about 1 cm), and all
// pieces that meet there share it. So pieces have no gaps and no overlaps, at
// every level at once: the cells (grids 网格), unions of them (villages 村), and
// unions of unions (towns 镇) tile the border without a sliver.
//
// [Cut] makes a [Mosaic]; [Mosaic.Merge] reads areas out of it. The result is
// the same for the same input.
package mosaic
