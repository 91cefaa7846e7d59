import { createServer, request as ask } from 'node:http'
import { connect } from 'node:net'

/** The host that a request or a tunnel is for. */
const nameIn = (target) => (target.includes('//') ? new URL(target).hostname : target.split(':')[0])

/**
 * Whom Chromium speaks with of its own accord, whatever page is open: updates,
 * sign-in, autofill, hints, safe browsing. None serves anything to pages.
 */
const itsOwn = /(^|\.)(gvt1\.com|(update|content-autofill|optimizationguide-pa|safebrowsing|safebrowsinghttpgateway)\.googleapis\.com|(accounts|clients\d?|android\.clients|mtalk)\.google\.com)$/

/**
 * A proxy that all of a browser's traffic goes through, that of its workers
 * and sockets too, and that notes who was spoken with. Only `home` is let
 * through: what would go elsewhere is noted and refused.
 */
export async function witness(home) {
  const { host } = new URL(home)
  const seen = []
  const sockets = new Set()
  const isHome = (target) => target.startsWith(`http://${host}/`) || target === host
  const note = (kind, target) => {
    seen.push({ kind, target })
    return isHome(target)
  }
  const proxy = createServer((request, response) => {
    if (!note(request.method, request.url)) {
      response.writeHead(403).end()
      return
    }
    const url = new URL(request.url)
    const onward = ask(url, { method: request.method, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    response.on('close', () => onward.destroy())
    request.pipe(onward)
  })
  // WebSockets come as tunnels.
  proxy.on('connect', (request, socket, head) => {
    if (!note('CONNECT', request.url)) {
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
      return
    }
    const [name, port] = request.url.split(':')
    const onward = connect(Number(port), name, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      onward.write(head)
      onward.pipe(socket).pipe(onward)
    })
    for (const end of [socket, onward]) {
      sockets.add(end)
      end.on('error', () => end.destroy())
      end.on('close', () => sockets.delete(end))
    }
  })
  await new Promise((done) => proxy.listen(0, '127.0.0.1', done))
  return {
    address: `http://127.0.0.1:${proxy.address().port}`,
    seen,
    /** What went, or would have gone, to anyone else on behalf of a page. */
    away: () => seen.filter(({ target }) => !isHome(target) && !itsOwn.test(nameIn(target))).map(({ kind, target }) => `${kind} ${target}`),
    close() {
      for (const socket of sockets) socket.destroy()
      proxy.closeAllConnections()
      return new Promise((done) => proxy.close(done))
    },
  }
}
