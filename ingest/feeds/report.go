package feeds

import (
	"time"

	"onecity/ingest"
)

// Report says how a delivery went.
type Report struct {
	Feed   string `json:"feed"`
	File   string `json:"file"`
	SHA256 string `json:"sha256"`
	// Format is "csv", "xlsx" or "geojson"; Encoding that of a CSV.
	Format   string    `json:"format,omitempty"`
	Encoding string    `json:"encoding,omitempty"`
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished"`
	// Rows that are not empty; Accepted and Rejected add up to them.
	Rows     int `json:"rows"`
	Accepted int `json:"accepted"`
	Rejected int `json:"rejected"`
	// Problems are the first ingest.MaxProblems. Item is the row (feature), from
	// 1, Field the column, Cell the cell's name.
	Problems []ingest.Problem `json:"problems,omitempty"`
	// Unknown are headers that the contract has no column for; they were
	// passed over.
	Unknown []string `json:"unknownColumns,omitempty"`
	// Error says why the delivery was refused as a whole.
	Error string `json:"error,omitempty"`
	// Repeated: the same content was delivered before; nothing has changed.
	Repeated bool `json:"repeated,omitempty"`
}

// Failed reports whether nothing of the delivery went in although it should.
func (r *Report) Failed() bool { return r.Error != "" || r.Rejected > 0 && r.Accepted == 0 }

func (r *Report) add(ps []ingest.Problem) {
	room := ingest.MaxProblems - len(r.Problems)
	r.Problems = append(r.Problems, ps[:min(room, len(ps))]...)
}
