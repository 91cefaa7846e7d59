package history

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"
)

// copyBuffer builds rows in PostgreSQL's binary COPY format ("Binary Format" of
// COPY in its manual): no value is boxed, no plan is looked up.
type copyBuffer struct {
	b    []byte
	rows int
}

var copyHeader = append([]byte("PGCOPY\n\xff\r\n\x00"), 0, 0, 0, 0, 0, 0, 0, 0)

func (c *copyBuffer) reset() {
	c.b = append(c.b[:0], copyHeader...)
	c.rows = 0
}

// row begins a row of n columns.
func (c *copyBuffer) row(n int) {
	c.b = binary.BigEndian.AppendUint16(c.b, uint16(n))
	c.rows++
}

func (c *copyBuffer) null() { c.b = append(c.b, 0xff, 0xff, 0xff, 0xff) }

func (c *copyBuffer) int2(v int16) {
	c.b = binary.BigEndian.AppendUint16(append(c.b, 0, 0, 0, 2), uint16(v))
}

func (c *copyBuffer) int4(v int32) {
	c.b = binary.BigEndian.AppendUint32(append(c.b, 0, 0, 0, 4), uint32(v))
}

func (c *copyBuffer) int8(v int64) {
	c.b = binary.BigEndian.AppendUint64(append(c.b, 0, 0, 0, 8), uint64(v))
}

func (c *copyBuffer) float4(v float32) {
	c.b = binary.BigEndian.AppendUint32(append(c.b, 0, 0, 0, 4), math.Float32bits(v))
}

func (c *copyBuffer) float8(v float64) {
	c.b = binary.BigEndian.AppendUint64(append(c.b, 0, 0, 0, 8), math.Float64bits(v))
}

func (c *copyBuffer) bool(v bool) {
	n := byte(0)
	if v {
		n = 1
	}
	c.b = append(c.b, 0, 0, 0, 1, n)
}

// pgEpoch is PostgreSQL's zero of timestamps, in Unix milliseconds.
const pgEpoch = 946684800000

// millis is a timestamptz of Unix milliseconds.
func (c *copyBuffer) millis(ms int64) { c.int8((ms - pgEpoch) * 1000) }

func (c *copyBuffer) time(t time.Time) {
	if t.IsZero() {
		c.null()
		return
	}
	c.int8(t.UnixMicro() - pgEpoch*1000)
}

// text drops the zero bytes that PostgreSQL cannot hold.
func (c *copyBuffer) text(s string) {
	at := len(c.b)
	c.b = append(c.b, 0, 0, 0, 0)
	for i := range len(s) {
		if s[i] != 0 {
			c.b = append(c.b, s[i])
		}
	}
	binary.BigEndian.PutUint32(c.b[at:], uint32(len(c.b)-at-4))
}

func (c *copyBuffer) bytea(v []byte) {
	c.b = binary.BigEndian.AppendUint32(c.b, uint32(len(v)))
	c.b = append(c.b, v...)
}

// jsonb is null for nil.
func (c *copyBuffer) jsonb(v []byte) {
	if v == nil {
		c.null()
		return
	}
	c.b = binary.BigEndian.AppendUint32(c.b, uint32(len(v)+1))
	c.b = append(append(c.b, 1), v...)
}

// copyTo sends the rows to a table.
func (c *copyBuffer) copyTo(ctx context.Context, conn *pgx.Conn, table string) error {
	if c.rows == 0 {
		return nil
	}
	c.b = append(c.b, 0xff, 0xff)
	_, err := conn.PgConn().CopyFrom(ctx, bytes.NewReader(c.b), "copy "+table+" from stdin (format binary)")
	if err != nil {
		return fmt.Errorf("copy %d rows to %s: %w", c.rows, table, err)
	}
	return nil
}
