package live

import "onecity/cim"

// changeSet collects what changed between two Snapshots, each thing once with
// its latest word.
type changeSet struct {
	refs  []cim.Ref
	index map[cim.Ref]int // by layer, ID and, for cells, cell
}

func (s *changeSet) add(c cim.Changes) {
	for _, ref := range c.Refs {
		key := cim.Ref{Layer: ref.Layer, ID: ref.ID}
		if ref.Layer == cim.LayerCells {
			key.Cell = ref.Cell
		}
		if i, ok := s.index[key]; ok {
			s.refs[i] = ref
			continue
		}
		s.index[key] = len(s.refs)
		s.refs = append(s.refs, ref)
	}
}

// take empties the set; the caller owns what it gets.
func (s *changeSet) take() []cim.Ref {
	refs := s.refs
	s.refs = nil
	clear(s.index)
	return refs
}
