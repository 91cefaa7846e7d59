package feeds

import (
	"encoding/json"
	"errors"
	"fmt"

	"onecity/geo"
	"onecity/ingest"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// record is a row that has been understood: a value for each column of the
// contract, and where it is.
type record struct {
	row    *row
	values []value
	at     orb.Point // CGCS2000
	placed bool
}

// reader turns the rows of one table into records.
type reader struct {
	contract *Contract
	table    *table
	binding  binding
	checkers []checker
}

func newReader(c *Contract, t *table) (*reader, error) {
	b, err := c.bind(t.header)
	if err != nil {
		return nil, err
	}
	ks, err := c.checkers(t)
	if err != nil {
		return nil, err
	}
	return &reader{contract: c, table: t, binding: b, checkers: ks}, nil
}

// read understands a row, or says everything that is wrong with it.
func (rd *reader) read(r *row) (rec record, ps []ingest.Problem) {
	if r.broken != "" {
		return rec, []ingest.Problem{{Item: r.number, Field: "/", Code: ingest.CodeMalformed,
			Message: "整行无法读取 / the row cannot be read: " + ingest.Shorten(r.broken), Expected: "a row as the contract declares"}}
	}
	rec = record{row: r, values: make([]value, len(rd.checkers))}
	for i := range rd.checkers {
		v, p := rd.checkers[i].read(r.cell(rd.binding.at[i]))
		if p != nil {
			ps = append(ps, *rd.locate(p, r, i))
		}
		rec.values[i] = v
	}
	for j := len(rd.table.header); j < len(r.cells); j++ {
		if r.cells[j] != "" {
			ps = append(ps, ingest.Problem{Item: r.number, Field: "/", Cell: cellName(j, r.number), Value: ingest.Shorten(r.cells[j]),
				Code: ingest.CodeTooMany, Message: "超出表头的单元格 / a cell beyond the header", Expected: "an empty cell"})
			break
		}
	}
	if p := rd.placeOf(&rec); p != nil {
		ps = append(ps, *p)
	}
	return rec, ps
}

// locate says where p stands: its row, and the cell's name of a table.
func (rd *reader) locate(p *ingest.Problem, r *row, column int) *ingest.Problem {
	p.Item = r.number
	p.Field = rd.contract.Columns[column].Name
	if at := rd.binding.at[column]; at >= 0 && (rd.table.format == "csv" || rd.table.format == "xlsx") {
		p.Cell = cellName(at, r.number)
	}
	return p
}

// index is the place of a column in the contract, -1 of none.
func (c *Contract) index(name string) int {
	for i := range c.Columns {
		if c.Columns[i].Name == name {
			return i
		}
	}
	return -1
}

// get is a record's value in the column that the target names; unset for "".
func (rd *reader) get(rec *record, column string) value {
	if i := rd.contract.index(column); i >= 0 {
		return rec.values[i]
	}
	return value{}
}

// placeOf fills in where a record is, from its geometry or its columns.
func (rd *reader) placeOf(rec *record) *ingest.Problem {
	crs := rd.contract.CRS
	if g := rec.row.place; g != nil {
		g = crs.GeometryToCGCS2000(g)
		if err := geo.Validate(g); err != nil {
			return geometryProblem(rec.row.number, err)
		}
		if p, ok := g.(orb.Point); ok {
			rec.at = p
		} else {
			rec.at, _ = planar.CentroidArea(g)
		}
		rec.placed = true
		return nil
	}
	x, y := rd.get(rec, rd.contract.Target.Lon), rd.get(rec, rd.contract.Target.Lat)
	if x.set && y.set {
		rec.at, rec.placed = crs.ToCGCS2000(orb.Point{x.number, y.number}), true
	}
	return nil
}

func geometryProblem(feature int, err error) *ingest.Problem {
	p := &ingest.Problem{Item: feature, Field: "geometry", Code: ingest.CodeMalformed,
		Message: "几何不合规 / the geometry is not valid: " + err.Error(), Expected: "a valid geometry, RFC 7946"}
	switch {
	case errors.Is(err, geo.ErrSelfCrossing):
		p.Code, p.Message = ingest.CodeSelfCrossing, "多边形自相交 / the polygon crosses itself: "+err.Error()
		p.Expected = "rings that do not cross (GB/T 21740, OGC Simple Features 6.1.11)"
	case errors.Is(err, geo.ErrNotFinite):
		p.Code = ingest.CodeNotFinite
	case errors.Is(err, geo.ErrOffGlobe):
		p.Code = ingest.CodeOutOfRange
	}
	return p
}

// body is what a dead letter keeps of a row: the feature as it came, or the
// cells by the names of the contract, so that it can be mended and sent again.
func (rd *reader) body(r *row) (json.RawMessage, error) {
	if r.raw != nil {
		return r.raw, nil
	}
	cells := make(map[string]string, len(r.cells))
	for j, text := range r.cells {
		if j < len(rd.table.header) && text != "" {
			cells[rd.table.header[j].own()] = text
		}
	}
	for i, at := range rd.binding.at {
		if at >= 0 {
			delete(cells, rd.table.header[at].own())
			cells[rd.contract.Columns[i].Name] = r.cell(at)
		}
	}
	data, err := json.Marshal(cells)
	if err != nil {
		return nil, fmt.Errorf("encode row %d: %w", r.number, err)
	}
	return data, nil
}
