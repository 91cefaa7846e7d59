// Where the tests' server is and how they speak to it. The server is started
// by whoever runs the tests (`make test`), and named by:
//   ONECITY_URL       its address, http://127.0.0.1:8080
//   ONECITY_MQTT      its MQTT listener, 127.0.0.1:1883
//   ONECITY_MQTT_USER, ONECITY_MQTT_PASSWORD   a device that may publish
import { connectAsync } from 'mqtt'

export const base = (process.env.ONECITY_URL ?? '').replace(/\/$/, '')
export const mqttAddress = process.env.ONECITY_MQTT ?? ''

if (!base) throw new Error('ONECITY_URL is not set: these tests look at a running server')

export async function api(path, init) {
  const response = await fetch(base + '/api/v1' + path, init)
  if (!response.ok) throw new Error(`${path}: HTTP ${response.status} ${await response.text()}`)
  return response.status === 204 ? undefined : response.json()
}

export const post = (path, body) => api(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })

/** Publishes once over MQTT as the device, and waits for the broker's PUBACK. */
export async function publish(device, password, values) {
  const client = await connectAsync('mqtt://' + mqttAddress, { clientId: device, username: device, password, protocolVersion: 4, reconnectPeriod: 0 })
  await client.publishAsync(`onecity/v1/${device}/telemetry`, JSON.stringify({ time: new Date().toISOString(), values }), { qos: 1 })
  await client.endAsync()
}
