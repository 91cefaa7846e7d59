package citymodel

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// The elements of a PrimitiveGroup; field numbers are those of osmformat.proto.

func (d *pbfDecoder) node(b []byte, s *osmStore) error {
	var id, lat, lon int64
	d.keys, d.vals = d.keys[:0], d.vals[:0]
	err := eachField(b, func(f protowire.Number, v pbfValue) (err error) {
		switch f {
		case 1:
			id = protowire.DecodeZigZag(v.varint)
		case 2:
			d.keys, err = packed(d.keys, v.bytes, false, false)
		case 3:
			d.vals, err = packed(d.vals, v.bytes, false, false)
		case 8:
			lat = protowire.DecodeZigZag(v.varint)
		case 9:
			lon = protowire.DecodeZigZag(v.varint)
		}
		return err
	})
	if err != nil {
		return err
	}
	tags, err := d.tags()
	if err != nil {
		return fmt.Errorf("node %d: %w", id, err)
	}
	return d.place(id, lon, lat, tags, s)
}

func (d *pbfDecoder) place(id, lon, lat int64, tags map[string]string, s *osmStore) error {
	x, err := d.degrees(lon, d.lonOffset)
	if err != nil {
		return fmt.Errorf("node %d: %w", id, err)
	}
	y, err := d.degrees(lat, d.latOffset)
	if err != nil {
		return fmt.Errorf("node %d: %w", id, err)
	}
	s.addNode(id, x, y, tags)
	return nil
}

func (d *pbfDecoder) dense(b []byte, s *osmStore) error {
	d.ids, d.lats, d.lons, d.kv = d.ids[:0], d.lats[:0], d.lons[:0], d.kv[:0]
	err := eachField(b, func(f protowire.Number, v pbfValue) (err error) {
		switch f {
		case 1:
			d.ids, err = packed(d.ids, v.bytes, true, true)
		case 8:
			d.lats, err = packed(d.lats, v.bytes, true, true)
		case 9:
			d.lons, err = packed(d.lons, v.bytes, true, true)
		case 10:
			d.kv, err = packed(d.kv, v.bytes, false, false)
		}
		return err
	})
	if err != nil {
		return err
	}
	if len(d.ids) != len(d.lats) || len(d.ids) != len(d.lons) {
		return fmt.Errorf("dense nodes: %d ids, %d latitudes, %d longitudes", len(d.ids), len(d.lats), len(d.lons))
	}
	kv := d.kv
	for i, id := range d.ids {
		// keys_vals: key, value, key, value, … 0 for each node.
		d.keys, d.vals = d.keys[:0], d.vals[:0]
		for len(kv) > 0 && kv[0] != 0 {
			if len(kv) < 2 {
				return fmt.Errorf("dense node %d: a key without value", id)
			}
			d.keys, d.vals = append(d.keys, kv[0]), append(d.vals, kv[1])
			kv = kv[2:]
		}
		if len(kv) > 0 {
			kv = kv[1:]
		}
		tags, err := d.tags()
		if err != nil {
			return fmt.Errorf("dense node %d: %w", id, err)
		}
		if err := d.place(id, d.lons[i], d.lats[i], tags, s); err != nil {
			return err
		}
	}
	return nil
}

func (d *pbfDecoder) way(b []byte, s *osmStore) error {
	var id int64
	d.keys, d.vals, d.rf = d.keys[:0], d.vals[:0], d.rf[:0]
	err := eachField(b, func(f protowire.Number, v pbfValue) (err error) {
		switch f {
		case 1:
			id = int64(v.varint)
		case 2:
			d.keys, err = packed(d.keys, v.bytes, false, false)
		case 3:
			d.vals, err = packed(d.vals, v.bytes, false, false)
		case 8:
			d.rf, err = packed(d.rf, v.bytes, true, true)
		}
		return err
	})
	if err != nil {
		return err
	}
	tags, err := d.tags()
	if err != nil {
		return fmt.Errorf("way %d: %w", id, err)
	}
	s.addWay(id, d.rf, tags)
	return nil
}

func (d *pbfDecoder) relation(b []byte, s *osmStore) error {
	var id int64
	var roles, kinds []int64
	d.keys, d.vals, d.rf = d.keys[:0], d.vals[:0], d.rf[:0]
	err := eachField(b, func(f protowire.Number, v pbfValue) (err error) {
		switch f {
		case 1:
			id = int64(v.varint)
		case 2:
			d.keys, err = packed(d.keys, v.bytes, false, false)
		case 3:
			d.vals, err = packed(d.vals, v.bytes, false, false)
		case 8:
			roles, err = packed(roles, v.bytes, false, false)
		case 9:
			d.rf, err = packed(d.rf, v.bytes, true, true)
		case 10:
			kinds, err = packed(kinds, v.bytes, false, false)
		}
		return err
	})
	if err != nil {
		return err
	}
	if len(roles) != len(d.rf) || len(kinds) != len(d.rf) {
		return fmt.Errorf("relation %d: %d members, %d roles, %d types", id, len(d.rf), len(roles), len(kinds))
	}
	members := make([]osmMember, len(d.rf))
	for i, ref := range d.rf {
		role, err := d.text(roles[i])
		if err != nil {
			return fmt.Errorf("relation %d: %w", id, err)
		}
		if kinds[i] < 0 || kinds[i] > int64(osmRelationMember) {
			return fmt.Errorf("relation %d: member of type %d", id, kinds[i])
		}
		members[i] = osmMember{kind: uint8(kinds[i]), ref: ref, role: role}
	}
	tags, err := d.tags()
	if err != nil {
		return fmt.Errorf("relation %d: %w", id, err)
	}
	s.addRelation(id, members, tags)
	return nil
}
