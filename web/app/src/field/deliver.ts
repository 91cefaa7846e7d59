/** How each kind of entry reaches the server. */
import type { Store } from './store'
import { after } from './overlay'
import type { Act, Case, CaseDetail, Entry, Said } from './types'
import type { Uploader } from './upload'
import { No, type Wire } from './wire'

/** What delivering needs. */
export interface Tools {
  wire: Wire
  upload: Uploader
  /** Tells how far an upload is. */
  progress?: (photo: string, sent: number, of: number) => void
  /** What to write of something that could not be done any more, in the person's words. */
  lost: (entry: Entry, said: Said) => string
  /** Takes a case as it is after what was sent. */
  told?: (c: Case) => void
  now?: () => number
}

export interface Delivered {
  said?: Said
  /** Somebody else was faster: it was kept as a note. */
  conflict?: boolean
}

/** Sends an entry; throws No or NoLine. Sending it again is the same as once. */
export async function deliver(entry: Entry, store: Store, tools: Tools): Promise<Delivered> {
  const { act } = entry
  switch (act.kind) {
    case 'report': return report(entry, act, store, tools)
    case 'command': return command(entry, act, store, tools)
    case 'proof': return proof(entry, act, store, tools)
    case 'note':
      await tools.wire.ask('POST', `/cases/${encodeURIComponent(act.case)}/notes`, { id: entry.id, text: act.text, kind: act.note })
      return {}
    case 'duty':
      await tools.wire.ask('PUT', '/me/duty', { on: act.on, ...(act.unit ? { unit: act.unit } : {}), at: act.at, sentAt: sentAt(tools) })
      return {}
    case 'post':
      await tools.wire.ask(act.method ?? 'POST', act.path, { ...act.body, id: entry.id })
      return {}
  }
}

const sentAt = (tools: Tools): string => new Date((tools.now ?? Date.now)()).toISOString()

async function uploaded(photo: string, store: Store, tools: Tools): Promise<string | undefined> {
  const kept = await store.photo(photo)
  if (!kept) return undefined
  const { id } = await tools.upload(kept, (sent, of) => tools.progress?.(photo, sent, of))
  return id
}

async function report(entry: Entry, act: Act & { kind: 'report' }, store: Store, tools: Tools): Promise<Delivered> {
  const photos: string[] = []
  for (const photo of act.photos) {
    const id = await uploaded(photo, store, tools)
    if (id !== undefined) photos.push(id)
  }
  await tools.wire.ask('POST', '/cases', {
    id: entry.id, class: act.class, ...(act.title ? { title: act.title } : {}), ...(act.description ? { description: act.description } : {}),
    lon: act.at.lon, lat: act.at.lat, reported: act.reported, channel: act.channel ?? 'grid', photos,
  })
  return {}
}

async function proof(entry: Entry, act: Act & { kind: 'proof' }, store: Store, tools: Tools): Promise<Delivered> {
  const upload = await uploaded(act.photo, store, tools)
  if (upload === undefined) return {}
  await tools.wire.ask('POST', `/cases/${encodeURIComponent(act.case)}/proofs`, {
    id: entry.id, upload, phase: act.phase, takenAt: act.takenAt, sentAt: sentAt(tools),
    ...(act.place ? { lon: act.place.lon, lat: act.place.lat, accuracy: act.place.accuracy ?? 0 } : {}),
    ...(act.text ? { text: act.text } : {}),
  })
  return {}
}

/**
 * Fires an event. The version is the one that was seen; one's own entries before
 * have raised it since, and so has a note of somebody's: as long as the case is
 * still in the state in which the person acted, it is fired with the newest.
 */
async function command(entry: Entry, act: Act & { kind: 'command' }, store: Store, tools: Tools): Promise<Delivered> {
  const path = `/cases/${encodeURIComponent(act.case)}/events`
  let version = act.version
  for (let tries = 0; ; tries++) {
    try {
      const now = await tools.wire.ask<CaseDetail | undefined>('POST', path, {
        id: entry.id, event: act.event, version, ...(act.input ? { input: act.input } : {}), ...(act.why ? { why: act.why } : {}), at: act.at,
      })
      if (now?.case) tools.told?.(now.case)
      return {}
    } catch (error) {
      if (!(error instanceof No) || error.said.status !== 409) throw error
      const now = await present(act.case, error.said, tools)
      if (tries < 3 && now.state === act.from && now.version !== undefined && now.version !== version) {
        version = now.version
        continue
      }
      // It was oneself: a second tap, or another page of this phone.
      if (now.subject === entry.owner && now.state === after(act.event)) return {}
      await keepAsNote(entry, act.case, now, store, tools)
      return { said: now, conflict: true }
    }
  }
}

/** What the case is now, where the refusal did not say. */
async function present(id: string, said: Said, tools: Tools): Promise<Said> {
  if (said.state !== undefined && said.version !== undefined && said.by !== undefined) return said
  try {
    const { case: c, handlerName, unitName } = await tools.wire.ask<CaseDetail>('GET', `/cases/${encodeURIComponent(id)}`)
    const by = said.by ?? handlerName ?? unitName
    return { ...said, state: c.state, version: c.version, ...(by === undefined ? {} : { by }) }
  } catch (error) {
    if (error instanceof No && error.said.status !== 401) return said // it cannot be seen any more
    throw error
  }
}

/**
 * Somebody else has the case: what was done is told as a note, and what was to
 * be done after it is not asked for any more. Proofs behind it still go.
 */
async function keepAsNote(entry: Entry, id: string, said: Said, store: Store, tools: Tools): Promise<void> {
  const later = (await store.entries(entry.owner)).filter((e) => e.lane === entry.lane && e.seq > entry.seq && e.state === 'waiting' && e.act.kind === 'command')
  const lines = [entry, ...later].map((e) => tools.lost(e, said))
  try {
    await tools.wire.ask('POST', `/cases/${encodeURIComponent(id)}/notes`, { id: entry.id + '-note', text: lines.join('\n').slice(0, 2000), kind: 'note' })
  } catch (error) {
    // Who may not even write a note has it in the outbox still.
    if (!(error instanceof No) || error.said.status === 401 || error.said.status >= 500) throw error
  }
  for (const e of later) await store.change(e.id, { state: 'conflict', said, sent: new Date((tools.now ?? Date.now)()).toISOString() })
}
