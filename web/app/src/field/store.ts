/** What is kept on the phone, in IndexedDB: it outlives reloads, kills and sign-outs. */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb'
import type { Entry, Photo, Position } from './types'

interface Tables extends DBSchema {
  outbox: { key: string; value: Entry; indexes: { owner: string } }
  photos: { key: string; value: Photo; indexes: { owner: string } }
  positions: { key: number; value: Position & { owner: string }; indexes: { owner: string } }
  cache: { key: [string, string]; value: { owner: string; name: string; at: number; value: unknown } }
}

export type Database = IDBPDatabase<Tables>

const name = 'onecity-field'

/** Opens it; the same for all pages of this origin. */
export async function openStore(called = name): Promise<Store> {
  const db = await openDB<Tables>(called, 1, {
    upgrade(made) {
      made.createObjectStore('outbox', { keyPath: 'id' }).createIndex('owner', 'owner')
      made.createObjectStore('photos', { keyPath: 'id' }).createIndex('owner', 'owner')
      made.createObjectStore('positions', { autoIncrement: true }).createIndex('owner', 'owner')
      made.createObjectStore('cache', { keyPath: ['owner', 'name'] })
    },
  })
  return new Store(db)
}

export class Store {
  constructor(private readonly db: Database) {}

  close(): void {
    this.db.close()
  }

  /** Somebody's entries, in the order in which they were made. */
  async entries(owner: string): Promise<Entry[]> {
    const all = await this.db.getAllFromIndex('outbox', 'owner', owner)
    return all.sort((a, b) => a.seq - b.seq)
  }

  /**
   * Puts an entry and its photos in, all or nothing, behind everything that is
   * there. It is on the disk when this returns.
   */
  async add(entry: Omit<Entry, 'seq'>, photos: Photo[] = []): Promise<Entry> {
    const tx = this.db.transaction(['outbox', 'photos'], 'readwrite', { durability: 'strict' })
    const before = await tx.objectStore('outbox').getAll()
    const whole = { ...entry, seq: before.reduce((n, e) => Math.max(n, e.seq), 0) + 1 }
    await Promise.all([
      tx.objectStore('outbox').put(whole),
      ...photos.map((p) => tx.objectStore('photos').put(p)),
      tx.done,
    ])
    return whole
  }

  async entry(id: string): Promise<Entry | undefined> {
    return this.db.get('outbox', id)
  }

  /** Changes an entry that is still there. */
  async change(id: string, change: Partial<Entry>): Promise<void> {
    const tx = this.db.transaction('outbox', 'readwrite')
    const now = await tx.store.get(id)
    if (now) await tx.store.put({ ...now, ...change })
    await tx.done
  }

  async remove(id: string): Promise<void> {
    await this.db.delete('outbox', id)
  }

  async photo(id: string): Promise<Photo | undefined> {
    return this.db.get('photos', id)
  }

  async putPhoto(photo: Photo): Promise<void> {
    await this.db.put('photos', photo)
  }

  async changePhoto(id: string, change: Partial<Photo>): Promise<void> {
    const tx = this.db.transaction('photos', 'readwrite')
    const now = await tx.store.get(id)
    if (now) await tx.store.put({ ...now, ...change })
    await tx.done
  }

  async removePhoto(id: string): Promise<void> {
    await this.db.delete('photos', id)
  }

  async addPosition(owner: string, position: Position): Promise<void> {
    await this.db.add('positions', { ...position, owner })
  }

  /** The oldest of somebody's positions, with their keys. */
  async positions(owner: string, most: number): Promise<{ key: number; position: Position }[]> {
    const out: { key: number; position: Position }[] = []
    const tx = this.db.transaction('positions')
    for await (const cursor of tx.store.index('owner').iterate(owner)) {
      const { owner: _, ...position } = cursor.value
      out.push({ key: cursor.primaryKey, position })
      if (out.length >= most) break
    }
    return out
  }

  async countPositions(owner: string): Promise<number> {
    return this.db.countFromIndex('positions', 'owner', owner)
  }

  async removePositions(keys: number[]): Promise<void> {
    const tx = this.db.transaction('positions', 'readwrite')
    await Promise.all([...keys.map((k) => tx.store.delete(k)), tx.done])
  }

  /** Keeps what the server said, to be shown without network. */
  async keep(owner: string, what: string, value: unknown): Promise<void> {
    await this.db.put('cache', { owner, name: what, at: Date.now(), value })
  }

  async kept<T>(owner: string, what: string): Promise<{ at: number; value: T } | undefined> {
    const found = await this.db.get('cache', [owner, what])
    return found as { at: number; value: T } | undefined
  }

  /** Forgets what the server said to somebody; what they have not sent stays theirs. */
  async forget(owner: string): Promise<void> {
    const tx = this.db.transaction('cache', 'readwrite')
    const keys = await tx.store.getAllKeys()
    await Promise.all([...keys.filter(([o]) => o === owner).map((k) => tx.store.delete(k)), tx.done])
  }
}
