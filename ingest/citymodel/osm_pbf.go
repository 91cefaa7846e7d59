package citymodel

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// OSM PBF, https://wiki.openstreetmap.org/wiki/PBF_Format: blobs of at most
// 32 MiB, each a zlib (or zstd) packed protobuf message. The limits are the format's.
const (
	maxBlobHeader = 64 << 10
	maxBlob       = 32 << 20
)

// pbfFeatures are the required features that this reader understands.
var pbfFeatures = map[string]bool{"OsmSchema-V0.6": true, "DenseNodes": true}

func readPBF(ctx context.Context, in io.Reader, s *osmStore, tick func()) error {
	var d pbfDecoder
	for n := 0; ; n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		kind, body, err := d.block(in)
		if errors.Is(err, io.EOF) && n > 0 {
			return nil
		}
		if err == nil {
			switch {
			case n == 0 && kind != "OSMHeader":
				err = fmt.Errorf("it is a %q, not an OSMHeader", kind)
			case kind == "OSMHeader":
				err = pbfHeader(body)
			case kind == "OSMData":
				err = d.primitives(body, s)
			}
		}
		if err != nil {
			return fmt.Errorf("read PBF block %d: %w", n+1, err)
		}
		tick()
	}
}

// block reads one blob and unpacks it; the bytes are good until the next call.
func (d *pbfDecoder) block(in io.Reader) (kind string, body []byte, err error) {
	var size [4]byte
	if _, err := io.ReadFull(in, size[:]); err != nil {
		if err == io.ErrUnexpectedEOF {
			return "", nil, errors.New("the file ends inside a block header")
		}
		return "", nil, err
	}
	n := binary.BigEndian.Uint32(size[:])
	if n > maxBlobHeader {
		return "", nil, fmt.Errorf("a block header of %d bytes is more than the format allows", n)
	}
	d.head = slices.Grow(d.head[:0], int(n))[:n]
	if _, err := io.ReadFull(in, d.head); err != nil {
		return "", nil, truncated(err)
	}
	length := int64(-1)
	err = eachField(d.head, func(f protowire.Number, v pbfValue) error {
		switch f {
		case 1:
			kind = string(v.bytes)
		case 3:
			length = int64(int32(v.varint))
		}
		return nil
	})
	if err != nil {
		return "", nil, err
	}
	if length < 0 || length > maxBlob {
		return "", nil, fmt.Errorf("a block of %d bytes is more than the format allows (%d)", length, maxBlob)
	}
	if d.blob, err = readSome(in, d.blob[:0], int(length)); err != nil {
		return "", nil, truncated(err)
	}
	body, err = d.unpack(d.blob)
	return kind, body, err
}

// readSome reads n bytes, growing as they come, so that a header that lies
// about the length costs nothing.
func readSome(in io.Reader, to []byte, n int) ([]byte, error) {
	const step = 1 << 20
	for len(to) < n {
		k := min(step, n-len(to))
		at := len(to)
		to = slices.Grow(to, k)[:at+k]
		if _, err := io.ReadFull(in, to[at:]); err != nil {
			return to[:at], err
		}
	}
	return to, nil
}

func truncated(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the file ends in the middle of a block: it is cut short")
	}
	return err
}

func pbfHeader(body []byte) error {
	return eachField(body, func(f protowire.Number, v pbfValue) error {
		if f == 4 && !pbfFeatures[string(v.bytes)] {
			return fmt.Errorf("the file needs %s, which this reader does not know", quoteShort(string(v.bytes)))
		}
		return nil
	})
}

// pbfValue is one protobuf field: a varint or bytes.
type pbfValue struct {
	varint uint64
	bytes  []byte
}

func eachField(b []byte, do func(protowire.Number, pbfValue) error) error {
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return fmt.Errorf("broken protobuf: %w", protowire.ParseError(n))
		}
		b = b[n:]
		var v pbfValue
		switch typ {
		case protowire.VarintType:
			v.varint, n = protowire.ConsumeVarint(b)
		case protowire.BytesType:
			v.bytes, n = protowire.ConsumeBytes(b)
		default:
			n = protowire.ConsumeFieldValue(num, typ, b)
		}
		if n < 0 {
			return fmt.Errorf("broken protobuf: %w", protowire.ParseError(n))
		}
		b = b[n:]
		if err := do(num, v); err != nil {
			return err
		}
	}
	return nil
}
