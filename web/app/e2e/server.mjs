// Where the tests' server is and how they speak to it. Whoever runs the tests
// has started it (`make test` does) and names it by
//   ONECITY_URL    its address, such as http://127.0.0.1:8080
//   ONECITY_MQTT   its MQTT listener, such as 127.0.0.1:1883
//   ONECITY_TOKEN  the token of its tools
//   ONECITY_PEOPLE the file that says how its first people sign in
//   ONECITY_PORTAL the origin of another site, which was started with --origin; of this machine
import { readFileSync } from 'node:fs'
import { connectAsync } from 'mqtt'

export const base = (process.env.ONECITY_URL ?? '').replace(/\/$/, '')
if (!base) throw new Error('ONECITY_URL is not set: these tests look at a running server')
const mqttAddress = (process.env.ONECITY_MQTT ?? '127.0.0.1:1883').replace(/^\w+:\/\//, '')

const token = { Authorization: `Bearer ${process.env.ONECITY_TOKEN ?? ''}` }

/** What the program wrote down for one of its first people. */
export const passwordOf = (login) =>
  readFileSync(process.env.ONECITY_PEOPLE, 'utf8').split('\n').find((l) => l.startsWith(login + ' ')).split(/\s+/)[1]

/** Signs a person of the first ones in, and gives the browser context their session. */
export async function signIn(context, login = 'city.operator') {
  const response = await fetch(base + '/api/v1/sign-in', {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ login, password: passwordOf(login) }),
  })
  if (!response.ok) throw new Error(`sign in as ${login}: HTTP ${response.status} ${await response.text()}`)
  const [pair] = response.headers.get('set-cookie').split(';')
  const [name, value] = pair.split('=')
  await context.addCookies([{ name, value, url: base }])
  return context
}

export async function api(path, init) {
  const response = await fetch(base + '/api/v1' + path, { ...init, headers: { ...token, ...init?.headers } })
  if (!response.ok) throw new Error(`${path}: HTTP ${response.status} ${await response.text()}`)
  return response.status === 204 ? undefined : response.json()
}

export const post = (path, body) =>
  api(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })

/** Waits until `ask` answers something true; says what for when it does not. */
export async function until(what, ask, timeout = 30_000) {
  const end = Date.now() + timeout
  for (;;) {
    const answer = await ask()
    if (answer) return answer
    if (Date.now() > end) throw new Error(`waited ${timeout / 1000} s in vain: ${what}`)
    await new Promise((done) => setTimeout(done, 100))
  }
}

/** Publishes once over MQTT as the device, and waits for the broker's PUBACK. */
export async function publish(device, password, values) {
  const client = await connectAsync('mqtt://' + mqttAddress, {
    clientId: device, username: device, password, protocolVersion: 4, reconnectPeriod: 0, connectTimeout: 15_000,
  })
  await client.publishAsync(`onecity/v1/${device}/telemetry`, JSON.stringify({ values }), { qos: 1 })
  await client.endAsync()
}

/** A place near the city's middle that the server takes for inside. */
export const middle = async () => {
  const { regions } = await api('/regions?level=district')
  return regions[0].centre
}

/** Reports an incident over Open311 and waits until it is in the model. */
export async function report(lon, lat, description) {
  const { classes } = await api('/incident-classes')
  const form = new URLSearchParams({ service_code: classes[0].code, lat, long: lon, description })
  const response = await fetch(base + '/open311/v2/requests.json', { method: 'POST', headers: token, body: form })
  if (!response.ok) throw new Error(`report: HTTP ${response.status} ${await response.text()}`)
  const [{ service_request_id: id }] = await response.json()
  await until(`incident ${id} is in the model`, () => api('/incidents/' + id).catch(() => null))
  return id
}
