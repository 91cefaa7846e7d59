// The service worker of the pages for outdoors: they open, with the map of
// one's grid, where there is no line. It keeps files and tiles; what people do is
// kept by the page (src/field), never here. build/shell.ts fills in what is below.
const version = '__VERSION__'
const files = ['__FILES__']

const shell = `onecity-shell-${version}`
const map = 'onecity-map'
const media = 'onecity-media'
// The page itself, whatever its address.
const index = '/__page'
// Longest wait for the line before what is kept is shown, ms.
const patience = 4000
// Most tiles and photos that are kept.
const most = { [map]: 1500, [media]: 120 }

self.addEventListener('install', (event) => {
  event.waitUntil((async () => {
    const kept = await caches.open(shell)
    await kept.addAll(files)
    await keepPage(kept, new URL(self.registration.scope).pathname)
    await self.skipWaiting()
  })())
})

self.addEventListener('activate', (event) => {
  event.waitUntil((async () => {
    const old = (await caches.keys()).filter((name) => name.startsWith('onecity-shell-') && name !== shell)
    await Promise.all(old.map((name) => caches.delete(name)))
    await self.clients.claim()
  })())
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== location.origin) return
  if (request.mode === 'navigate') event.respondWith(page(request))
  else if (url.pathname.startsWith('/assets/') || url.pathname === '/icon.svg') event.respondWith(file(request))
  else if (url.pathname.startsWith('/media/')) event.respondWith(photo(request))
  else if (isMap(url.pathname)) event.respondWith(tile(request))
})

function isMap(path) {
  return path === '/style.json' || path.startsWith('/tiles/') || path.startsWith('/glyphs/')
}

// The page as the server has it; what was kept when it does not answer in time.
async function page(request) {
  try {
    const answer = await inTime(fetch(request))
    if (answer.status >= 500) throw new Error(`HTTP ${answer.status}`)
    return answer
  } catch {
    return (await (await caches.open(shell)).match(index)) ?? Response.error()
  }
}

async function keepPage(kept, path) {
  const answer = await fetch(path, { credentials: 'same-origin', headers: { Accept: 'text/html' } })
  // Who is signed out is led to another page, which is no page of this one.
  if (answer.ok && !answer.redirected) await kept.put(index, answer)
}

// Files carry a hash of their content in their names.
async function file(request) {
  return (await caches.match(request.url)) ?? fetch(request)
}

async function photo(request) {
  const kept = await caches.open(media)
  const found = await kept.match(request.url)
  if (found) return found
  const answer = await fetch(request)
  if (answer.ok) await keep(kept, media, request.url, answer.clone())
  return answer
}

async function tile(request) {
  const kept = await caches.open(map)
  try {
    const answer = await inTime(fetch(request))
    if (answer.status === 200) await keep(kept, map, request.url, answer.clone())
    if (answer.status >= 500) throw new Error(`HTTP ${answer.status}`)
    return answer
  } catch {
    const found = await kept.match(request.url)
    if (found) return found
    // A tile that is not there is an empty one: the map goes on.
    return request.url.includes('/tiles/') ? new Response(null, { status: 204 }) : Response.error()
  }
}

let writes = 0

async function keep(cache, name, url, answer) {
  try {
    await cache.put(url, answer)
  } catch {
    return // the phone is full: what is on it matters more
  }
  if (++writes % 50 !== 0) return
  const all = await cache.keys()
  await Promise.all(all.slice(0, Math.max(0, all.length - most[name])).map((old) => cache.delete(old)))
}

function inTime(answer) {
  return Promise.race([answer, new Promise((_, fail) => { setTimeout(() => { fail(new Error('no answer in time')) }, patience) })])
}
