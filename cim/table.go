package cim

// table is an array of T by slot number that snapshots share. Its owner writes
// in the current epoch; a snapshot is a plain copy of the struct, after which
// the owner moves to the next epoch and copies a page at its first change.
type table[T any] struct {
	books []*book[T]
	// epoch in which books itself may be written in place.
	epoch uint64
	n     uint32
}

const (
	pageBits = 6 // slots a page
	bookBits = 8 // pages a book
	pageMask = 1<<pageBits - 1
	bookMask = 1<<bookBits - 1
)

type book[T any] struct {
	epoch uint64
	pages [1 << bookBits]*page[T]
}

type page[T any] struct {
	epoch uint64
	slots [1 << pageBits]T
}

// at reads a slot; the zero T where nothing was ever set.
func (t *table[T]) at(slot uint32) (v T) {
	b := int(slot >> (pageBits + bookBits))
	if b >= len(t.books) || t.books[b] == nil {
		return v
	}
	p := t.books[b].pages[slot>>pageBits&bookMask]
	if p == nil {
		return v
	}
	return p.slots[slot&pageMask]
}

// set writes a slot in the owner's epoch.
func (t *table[T]) set(epoch uint64, slot uint32, v T) {
	*t.own(epoch, slot) = v
}

// own is where a slot is kept, for the owner to write until its epoch ends.
func (t *table[T]) own(epoch uint64, slot uint32) *T {
	if slot >= t.n {
		t.n = slot + 1
	}
	b := int(slot >> (pageBits + bookBits))
	if t.epoch != epoch {
		t.books = append(make([]*book[T], 0, cap(t.books)), t.books...)
		t.epoch = epoch
	}
	for b >= len(t.books) {
		t.books = append(t.books, nil)
	}
	bk := t.books[b]
	switch {
	case bk == nil:
		bk = &book[T]{epoch: epoch}
		t.books[b] = bk
	case bk.epoch != epoch:
		c := *bk
		c.epoch = epoch
		bk = &c
		t.books[b] = bk
	}
	i := slot >> pageBits & bookMask
	p := bk.pages[i]
	switch {
	case p == nil:
		p = &page[T]{epoch: epoch}
		bk.pages[i] = p
	case p.epoch != epoch:
		c := *p
		c.epoch = epoch
		p = &c
		bk.pages[i] = p
	}
	return &p.slots[slot&pageMask]
}

// len is one more than the highest slot ever set.
func (t *table[T]) len() uint32 { return t.n }

// slots hands out slot numbers, the freed ones first.
type slots struct {
	next uint32
	free []uint32
}

func (s *slots) take() uint32 {
	if n := len(s.free); n > 0 {
		v := s.free[n-1]
		s.free = s.free[:n-1]
		return v
	}
	s.next++
	return s.next - 1
}

func (s *slots) give(slot uint32) { s.free = append(s.free, slot) }
