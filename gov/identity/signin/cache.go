package signin

import (
	"sync"
)

// cache is what requests have asked for, in memory, until somebody tells that
// it has changed. It is off while nobody could tell.
type cache[K comparable, V any] struct {
	mu  sync.RWMutex
	on  bool
	of  map[K]V
	was lastKnown[K, V]
	age uint64 // goes up with everything that is dropped
}

// most bounds the memory of a cache.
const most = 1 << 17

func (c *cache[K, V]) get(k K) (v V, ok bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	v, ok = c.of[k]
	return v, ok
}

// now is the age to be given to put. It must be asked for before the value is
// read from the database: what was dropped since then is not kept.
func (c *cache[K, V]) now() uint64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.age
}

func (c *cache[K, V]) put(k K, v V, age uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.age != age {
		return
	}
	c.remember().put(k, v)
	if !c.on {
		return
	}
	if len(c.of) >= most {
		clear(c.of)
	}
	c.of[k] = v
}

func (c *cache[K, V]) drop(k K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.age++
	delete(c.of, k)
	delete(c.was, k)
}

// last is what was known of k before the database went away.
func (c *cache[K, V]) last(k K) (V, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.was.get(k)
}

func (c *cache[K, V]) forget(k K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.was, k)
}

func (c *cache[K, V]) remember() lastKnown[K, V] {
	if c.was == nil {
		c.was = lastKnown[K, V]{}
	}
	return c.was
}

// turn empties the cache and turns it on or off.
func (c *cache[K, V]) turn(on bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.age++
	c.remember().followed(c.of)
	c.on, c.of = on, map[K]V{}
}
