package citymodel

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/klauspost/compress/zstd"
	"google.golang.org/protobuf/encoding/protowire"
)

// pbfDecoder keeps the buffers that are used again for each block.
type pbfDecoder struct {
	head, blob, body []byte
	z                io.ReadCloser
	zst              *zstd.Decoder

	strings                 [][]byte
	granularity             int64
	latOffset, lonOffset    int64
	ids, lats, lons, kv, rf []int64
	keys, vals              []int64
}

// unpack takes a Blob's content out of its wrapping.
func (d *pbfDecoder) unpack(blob []byte) ([]byte, error) {
	var raw, packed, zst []byte
	var other protowire.Number
	size := int64(-1)
	err := eachField(blob, func(f protowire.Number, v pbfValue) error {
		switch f {
		case 1:
			raw = v.bytes
		case 2:
			size = int64(int32(v.varint))
		case 3:
			packed = v.bytes
		case 7:
			zst = v.bytes
		case 4, 5, 6:
			other = f
		}
		return nil
	})
	switch {
	case err != nil:
		return nil, err
	case raw != nil:
		return raw, nil
	case packed == nil && zst == nil:
		return nil, fmt.Errorf("its data is packed in a way (%s) that cannot be read; zlib and zstd can",
			map[protowire.Number]string{4: "lzma", 5: "bzip2", 6: "lz4", 0: "none"}[other])
	case size < 0 || size > maxBlob:
		return nil, fmt.Errorf("it says to unpack to %d bytes, more than the format allows (%d)", size, maxBlob)
	}
	var in io.Reader
	if packed != nil {
		in, err = d.inflater(packed)
	} else {
		in, err = d.zstd(zst)
	}
	if err != nil {
		return nil, err
	}
	if d.body, err = readSome(in, d.body[:0], int(size)); err != nil {
		return nil, fmt.Errorf("unpack a block: %w", err)
	}
	var more [1]byte
	if n, _ := in.Read(more[:]); n != 0 {
		return nil, errors.New("a block unpacks to more than it says")
	}
	return d.body, nil
}

func (d *pbfDecoder) inflater(b []byte) (io.Reader, error) {
	var err error
	if d.z == nil {
		d.z, err = zlib.NewReader(bytes.NewReader(b))
	} else {
		err = d.z.(zlib.Resetter).Reset(bytes.NewReader(b), nil)
	}
	if err != nil {
		return nil, fmt.Errorf("unpack a block: %w", err)
	}
	return d.z, nil
}

func (d *pbfDecoder) zstd(b []byte) (io.Reader, error) {
	var err error
	if d.zst == nil {
		d.zst, err = zstd.NewReader(bytes.NewReader(b), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxBlob))
	} else {
		err = d.zst.Reset(bytes.NewReader(b))
	}
	if err != nil {
		return nil, fmt.Errorf("unpack a block: %w", err)
	}
	return d.zst, nil
}

// primitives decodes a PrimitiveBlock into s.
func (d *pbfDecoder) primitives(body []byte, s *osmStore) error {
	d.strings = d.strings[:0]
	d.granularity, d.latOffset, d.lonOffset = 100, 0, 0
	err := eachField(body, func(f protowire.Number, v pbfValue) error {
		switch f {
		case 1:
			return eachField(v.bytes, func(f protowire.Number, v pbfValue) error {
				if f == 1 {
					d.strings = append(d.strings, v.bytes)
				}
				return nil
			})
		case 17:
			d.granularity = int64(int32(v.varint))
		case 19:
			d.latOffset = int64(v.varint)
		case 20:
			d.lonOffset = int64(v.varint)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return eachField(body, func(f protowire.Number, v pbfValue) error {
		if f != 2 {
			return nil
		}
		return eachField(v.bytes, func(f protowire.Number, v pbfValue) error {
			switch f {
			case 1:
				return d.node(v.bytes, s)
			case 2:
				return d.dense(v.bytes, s)
			case 3:
				return d.way(v.bytes, s)
			case 4:
				return d.relation(v.bytes, s)
			}
			return nil
		})
	})
}

// degrees turns a coordinate of the file into units of 1e-7°.
func (d *pbfDecoder) degrees(v, offset int64) (int32, error) {
	nano := float64(offset) + float64(d.granularity)*float64(v)
	if x := math.Round(nano / 100); math.Abs(x) <= 180e7 {
		return int32(x), nil
	}
	return 0, fmt.Errorf("a coordinate of %g° is not on the globe", nano/1e9)
}

func (d *pbfDecoder) text(i int64) (string, error) {
	if i < 0 || i >= int64(len(d.strings)) {
		return "", fmt.Errorf("text %d of %d is asked for", i, len(d.strings))
	}
	return string(d.strings[i]), nil
}

func (d *pbfDecoder) tags() (map[string]string, error) {
	if len(d.keys) != len(d.vals) {
		return nil, fmt.Errorf("%d keys but %d values", len(d.keys), len(d.vals))
	}
	if len(d.keys) == 0 {
		return nil, nil
	}
	tags := make(map[string]string, len(d.keys))
	for i, k := range d.keys {
		key, err := d.text(k)
		if err != nil {
			return nil, err
		}
		if tags[key], err = d.text(d.vals[i]); err != nil {
			return nil, err
		}
	}
	return tags, nil
}

// packed decodes a packed field of varints into to; signed ones are zigzag,
// and delta ones add up.
func packed(to []int64, b []byte, signed, delta bool) ([]int64, error) {
	to = slices.Grow(to[:0], len(b)/2)
	var sum int64
	for len(b) > 0 {
		v, n := protowire.ConsumeVarint(b)
		if n < 0 {
			return to, fmt.Errorf("broken protobuf: %w", protowire.ParseError(n))
		}
		b = b[n:]
		x := int64(v)
		if signed {
			x = protowire.DecodeZigZag(v)
		}
		if delta {
			sum += x
			x = sum
		}
		to = append(to, x)
	}
	return to, nil
}
