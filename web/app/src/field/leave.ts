import { openStore, type Store } from './store'

/** The service worker's caches of what somebody saw: the map of their grid, and photos. */
const caches = ['onecity-map', 'onecity-media']

/** What the server said to somebody here is not the next one's. Their outbox stays theirs. */
export async function forgetPerson(owner: string, store?: Store): Promise<void> {
  await (store ?? (await openStore())).forget(owner)
  if ('caches' in window) await Promise.all(caches.map((name) => window.caches.delete(name)))
}
