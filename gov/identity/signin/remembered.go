package signin

import (
	"sync"
)

// remembered are the sessions in memory, by the SHA-256 of their token and by
// id. Like a cache, it takes nothing that was dropped after it was asked for.
type remembered struct {
	mu     sync.RWMutex
	on     bool
	age    uint64
	byHash map[[32]byte]*live
	byID   map[string]*live
	// What was known last, should the database be away.
	wasHash lastKnown[[32]byte, *live]
	wasID   lastKnown[string, *live]
}

func (r *remembered) hash(h [32]byte) (*live, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	l, ok := r.byHash[h]
	return l, ok
}

func (r *remembered) id(id string) (*live, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	l, ok := r.byID[id]
	return l, ok
}

func (r *remembered) now() uint64 {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.age
}

func (r *remembered) put(l *live, age uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.age != age {
		return
	}
	if r.wasHash == nil {
		r.wasHash, r.wasID = lastKnown[[32]byte, *live]{}, lastKnown[string, *live]{}
	}
	r.wasHash.put(l.Session.hash, l)
	r.wasID.put(l.ID, l)
	if !r.on {
		return
	}
	if len(r.byHash) >= most {
		clear(r.byHash)
		clear(r.byID)
	}
	r.byHash[l.Session.hash], r.byID[l.ID] = l, l
}

func (r *remembered) drop(h [32]byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.age++
	r.unlearn(h)
	l, ok := r.byHash[h]
	if !ok {
		return
	}
	delete(r.byHash, h)
	if r.byID[l.ID] == l { // and not the same session under a newer token
		delete(r.byID, l.ID)
	}
}

// lastByHash and lastByID are what was known of a session before the database
// went away.
func (r *remembered) lastByHash(h [32]byte) (*live, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.wasHash.get(h)
}

func (r *remembered) lastByID(id string) (*live, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.wasID.get(id)
}

func (r *remembered) forget(l *live) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unlearn(l.Session.hash)
}

func (r *remembered) unlearn(h [32]byte) {
	e, ok := r.wasHash[h]
	if !ok {
		return
	}
	delete(r.wasHash, h)
	if r.wasID[e.v.ID].v == e.v {
		delete(r.wasID, e.v.ID)
	}
}

func (r *remembered) turn(on bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.age++
	if r.wasHash != nil {
		r.wasHash.followed(r.byHash)
		r.wasID.followed(r.byID)
	}
	r.on, r.byHash, r.byID = on, map[[32]byte]*live{}, map[string]*live{}
}
