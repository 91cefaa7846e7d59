package tiles

import (
	"sync"

	"onecity/cim"
)

// cacheKey names one tile as one kind of reader sees it: readers whose scopes
// show the same share it, whatever grants they have it from.
type cacheKey struct {
	tile   Tile
	layers cim.Layers
	scope  cim.ScopeKey // narrowed to the layers
}

// cached is one tile in the cache. Its mutex is held while it is encoded, so
// that many who ask for the same tile at once wait for one encoding.
type cached struct {
	mu   sync.Mutex
	key  cacheKey
	full bool // encoded at least once
	seq  uint64
	etag string // without quotes
	gzip []byte // empty for an empty tile

	// of the cache
	prev, next *cached
	size       int
}

// overhead is what an entry costs beside its bytes.
const overhead = 400

// cache keeps the tiles asked for last, up to limit bytes.
type cache struct {
	mu    sync.Mutex
	limit int
	used  int
	all   map[cacheKey]*cached
	ring  cached // ring.next is the newest, ring.prev the oldest
}

func newCache(limit int) *cache {
	c := &cache{limit: limit, all: map[cacheKey]*cached{}}
	c.ring.next, c.ring.prev = &c.ring, &c.ring
	return c
}

// get finds the entry of k or makes an empty one.
func (c *cache) get(k cacheKey) *cached {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.all[k]
	if ok {
		e.unlink()
	} else {
		e = &cached{key: k, size: overhead}
		c.all[k] = e
		c.used += e.size
	}
	e.prev, e.next = &c.ring, c.ring.next
	e.prev.next, e.next.prev = e, e
	c.trim()
	return e
}

// filled tells the cache that e now has n bytes.
func (c *cache) filled(e *cached, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all[e.key] != e {
		return // thrown out while it was being encoded
	}
	c.used += overhead + n - e.size
	e.size = overhead + n
	c.trim()
}

// trim throws out the oldest, but never the newest, until the rest fits.
func (c *cache) trim() {
	for c.used > c.limit && c.ring.prev != c.ring.next {
		e := c.ring.prev
		e.unlink()
		delete(c.all, e.key)
		c.used -= e.size
	}
}

func (e *cached) unlink() {
	e.prev.next, e.next.prev = e.next, e.prev
	e.prev, e.next = nil, nil
}

// len is how many tiles and how many bytes are kept.
func (c *cache) len() (tiles, bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.all), c.used
}
