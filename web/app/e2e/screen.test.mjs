// The pages of a running server in a real browser. Each test brings what it
// looks for into the city itself, through the public ways in.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { browser, screenReady } from './browser.mjs'
import { witness } from './witness.mjs'
import { api, base, middle, post, publish, report, signIn, until } from './server.mjs'

const mark = Date.now().toString(36)
const device = `e2e-${mark}`
const units = [`e2e-near-${mark}`, `e2e-far-${mark}`]
let chrome, password, place, seen

before(async () => {
  place = await middle()
  const [lon, lat] = place
  const answer = await post('/devices', {
    devices: [{ id: device, name: `空气站 ${mark}`, kind: 'air', lon, lat, datastreams: [{ property: 'pm2_5', unit: 'ug/m3' }] }],
  })
  password = answer.credentials.find((c) => c.id === device).password
  await post('/units', { units: units.map((id, i) => ({ id, name: `${i === 0 ? '近' : '远'}巡查 ${mark}`, kind: 'grid' })) })
  await post('/positions', {
    positions: units.map((unit, i) => ({ unit, lon: lon + 0.004 * i, lat, status: 'idle', time: new Date().toISOString() })),
  })
  seen = await witness(base)
  chrome = await browser(seen.address)
})
after(async () => {
  await chrome?.close()
  await seen?.close()
})

/** Opens a page that notes what went wrong in it. */
async function open(path, { width = 1280, height = 720, as, ...options } = {}) {
  const context = await signIn(await chrome.newContext({ viewport: { width, height }, ...options }), as)
  const page = await context.newPage()
  const errors = []
  // The proxy sees everything, the page's own list who asked for it.
  const asked = []
  context.on('request', (r) => asked.push(r.url()))
  page.on('pageerror', (e) => errors.push(e.message))
  page.on('console', (m) => {
    if (m.type() === 'error' && /Content Security Policy|Refused to/.test(m.text())) errors.push(m.text())
  })
  await page.goto(base + path)
  const stranger = (url) => /^(https?|wss?):/.test(url) && new URL(url).host !== new URL(base).host
  return {
    page,
    /** Whatever the page did, it spoke with nobody but the server it came from. */
    staysHome() {
      assert.deepEqual(asked.filter(stranger), [], 'requests of the page to other origins')
      assert.deepEqual(seen.away(), [], 'traffic to other origins')
      assert.deepEqual(errors, [], 'errors in the page')
    },
    close: () => context.close(),
  }
}

describe('the big screen', () => {
  test('shows a reading that was published over MQTT a second before', async () => {
    const { page, staysHome, close } = await open('/')
    await screenReady(page)
    await page.getByTestId('search').fill(device)
    await page.getByTestId('found').first().click()
    await page.getByTestId('device-card').waitFor()
    for (const value of [41.5, 87.3]) {
      await publish(device, password, { pm2_5: value })
      await page.getByTestId('reading-pm2_5').filter({ hasText: String(value) }).waitFor({ timeout: 15_000 })
    }
    assert.match(await page.getByTestId('reading-pm2_5').innerText(), /告警/, '87.3 µg/m³ is above the limit')
    staysHome()
    await close()
  })

  test('asks nobody but its own server, whatever is opened on it', async () => {
    const { page, staysHome, close } = await open('/?theme=light')
    await screenReady(page)
    await page.getByTestId('theme').click()
    await page.getByTestId('language').click()
    await page.keyboard.press('1')
    await page.keyboard.press('m')
    await page.locator('[data-testid=screen][data-idle=true]').waitFor()
    assert.ok(seen.seen.some((r) => r.target.includes('/tiles/')), 'tiles were asked for')
    assert.ok(seen.seen.some((r) => r.kind === 'CONNECT'), 'the live line was opened')
    staysHome()
    await close()
  })

  test('speaks Chinese first, and English when asked to', async () => {
    const { page, close } = await open('/')
    const { name, nameEn } = await api('/city')
    await page.getByTestId('city-name').filter({ hasText: name }).waitFor()
    await page.getByText('待办案件').waitFor()
    await page.keyboard.press('l')
    await page.getByTestId('city-name').filter({ hasText: nameEn }).waitFor()
    await page.getByText('Needs attention').waitFor()
    assert.equal(await page.locator('html').getAttribute('lang'), 'en')
    await page.reload()
    await page.getByText('Needs attention').waitFor()
    await close()
  })

  test('sends the nearest unit to an incident at a click', async () => {
    const id = await report(place[0] + 0.0005, place[1], `路面塌陷 ${mark}`)
    const { page, staysHome, close } = await open('/')
    await page.locator(`[data-testid=incident][data-id="${id}"]`).click({ timeout: 60_000 })
    const card = page.getByTestId('incident-card')
    await card.waitFor()
    const button = card.locator(`[data-testid=dispatch][data-unit="${units[0]}"]`)
    await button.waitFor()
    await button.click()
    await card.getByTestId('sent-unit').filter({ hasText: mark }).waitFor()
    const incident = await until('the incident is dispatched', async () => {
      const now = await api('/incidents/' + id)
      return now.status === 'dispatched' && now
    })
    assert.equal(incident.unit, units[0])
    staysHome()
    await close()
  })

  test('narrows to a district by key, by click and by address', async () => {
    const { regions } = await api('/regions?level=district')
    const [first] = regions.map((r) => r.code).sort()
    const { page, close } = await open('/')
    const chip = page.locator(`[data-testid=districts] [data-code="${first}"]`)
    await chip.waitFor()
    await page.keyboard.press('1')
    await page.waitForURL((url) => url.searchParams.get('region') === first)
    assert.equal(await chip.getAttribute('aria-pressed'), 'true')
    await page.keyboard.press('Escape')
    await page.waitForURL((url) => !url.searchParams.has('region'))
    await page.goto(`${base}/?region=${first}`)
    await page.locator(`[data-testid=districts] [data-code="${first}"][aria-pressed=true]`).waitFor()
    await close()
  })

  test('can be worked from the keyboard alone', async () => {
    const id = await report(place[0], place[1] + 0.0005, `键盘 ${mark}`)
    const { page, close } = await open('/')
    await page.locator(`[data-testid=incident][data-id="${id}"]`).waitFor({ timeout: 60_000 })
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.getByTestId('detail').waitFor()
    await page.keyboard.press('Escape')
    await page.getByTestId('detail').waitFor({ state: 'detached' })
    await page.keyboard.press('?')
    await page.getByTestId('help-sheet').waitFor()
    await page.keyboard.press('Escape')
    await page.getByTestId('help-sheet').waitFor({ state: 'detached' })
    await close()
  })

  test('says that the line is broken, and goes on without a gap when it is back', async () => {
    const context = await signIn(await chrome.newContext({ viewport: { width: 1280, height: 720 } }))
    const page = await context.newPage()
    const sockets = []
    const subscriptions = []
    // Every socket goes through here to the server, so that it can be cut.
    await page.routeWebSocket(/\/ws$/, (socket) => {
      const server = socket.connectToServer()
      sockets.push(socket)
      socket.onMessage((m) => {
        subscriptions.push(JSON.parse(m))
        server.send(m)
      })
    })
    await page.goto(base + '/')
    await page.locator('[data-testid=line][data-state=live]').waitFor()
    await page.locator('[data-testid=screen][data-ready=true]').waitFor({ timeout: 60_000 })
    const before = subscriptions.length
    await sockets[0].close()
    await page.locator('[data-testid=line][data-state=waiting]').waitFor()
    const id = await report(place[0] - 0.0005, place[1], `断线期间 ${mark}`)
    await page.locator('[data-testid=line][data-state=live]').waitFor()
    await page.locator(`[data-testid=incident][data-id="${id}"]`).waitFor({ timeout: 30_000 })
    const again = subscriptions.slice(before).filter((m) => m.op === 'sub')
    assert.ok(again.length > 0)
    for (const m of again) assert.ok(m.since?.seq > 0, 'each view goes on from where it was')
    await context.close()
  })

  test('fits a telephone: one column, nothing wider than the screen', async () => {
    const { page, close } = await open('/', { width: 390, height: 844, isMobile: true, hasTouch: true })
    await page.locator('[data-testid=screen][data-ready=true]').waitFor({ timeout: 60_000 })
    const box = async (id) => page.getByTestId(id).first().boundingBox()
    const [map, kpi, list] = [await box('map'), await box('kpi-late-incidents'), await box('triage')]
    assert.ok(map.y < kpi.y && kpi.y < list.y, 'map, figures, list, one below the other')
    assert.ok(list.width >= 380, 'the list has the whole width')
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing sticks out')
    await close()
  })

  test('draws what the wall is for: map, figures and charts', async () => {
    const { page, close } = await open('/', { width: 3840, height: 1080 })
    await screenReady(page, 240_000)
    await until('six charts are drawn', async () => (await page.locator('.wide .chart[data-drawn=true]').count()) >= 6)
    const overflow = await page.evaluate(() => document.documentElement.scrollHeight > innerHeight)
    assert.equal(overflow, false, 'the wall does not scroll')
    await page.getByTestId('attribution').waitFor()
    await close()
  })
})

describe('the other pages', () => {
  test('a chart stands alone in a frame of another page', async () => {
    const { page, staysHome, close } = await open('/embed/open-by-class?lang=en&theme=light')
    await page.getByTestId('embed-open-by-class').locator('.chart[data-drawn=true]').waitFor({ timeout: 30_000 })
    assert.equal(await page.locator('html').getAttribute('data-theme'), 'light')
    const since = seen.seen.slice(seen.seen.findLastIndex((r) => r.target.includes('/embed/')))
    assert.ok(!since.some((r) => r.target.includes('ScreenPage')), 'the map is not loaded for it')
    // In a frame, as a portal would have it; live there too.
    await page.goto(base + '/feeds')
    await page.evaluate(() => {
      const frame = document.createElement('iframe')
      frame.src = '/embed/open-by-district'
      document.body.append(frame)
    })
    await page.frameLocator('iframe').locator('.chart[data-drawn=true]').waitFor({ timeout: 30_000 })
    await page.goto(base + '/embed/open-incidents')
    await page.getByTestId('embed-open-incidents').getByTestId('value').waitFor()
    await page.goto(base + '/embed/no-such-widget')
    await page.getByRole('alert').waitFor()
    staysHome()
    await close()
  })

  test('the API documentation is drawn from our own document', async () => {
    const { page, staysHome, close } = await open('/docs')
    await page.locator('.opblock').nth(10).waitFor({ timeout: 60_000 })
    // Only what is in sight is drawn: the last group comes with the end of the page.
    await until('the end of the document', async () => {
      await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight))
      return page.locator('.opblock-tag[data-tag=server]').isVisible()
    })
    await page.locator('.opblock').last().waitFor()
    staysHome()
    await close()
  })

  test('a delivery with a bad cell says which one', async () => {
    const { feeds } = await api('/feeds')
    const feed = feeds[0]
    const { page, staysHome, close } = await open('/feeds', { as: 'city.admin' })
    const header = feed.columns.map((c) => c.name).join(',')
    const row = feed.columns.map(() => `不对${mark}`).join(',')
    await page.getByTestId(`upload-${feed.id}`).setInputFiles({ name: `${mark}.csv`, mimeType: 'text/csv', buffer: Buffer.from(`${header}\n${row}\n`) })
    const delivery = page.getByTestId('delivery')
    await delivery.getByText(`${mark}.csv`).waitFor()
    await delivery.getByTestId('problems').getByText(`不对${mark}`).first().waitFor()
    staysHome()
    await close()
  })

  test('a dead letter is mended in its place and sent again', async () => {
    await publish(device, password, { pm2_5: `多 ${mark}` })
    const letter = await until('the message is a dead letter', async () =>
      (await api('/dead-letters')).letters.find((l) => l.body.includes(mark)))
    const { page, staysHome, close } = await open('/feeds', { as: 'city.admin' })
    const row = page.locator('[data-testid=dead-table] .el-table__row').filter({ hasText: device }).first()
    await row.locator('.el-table__expand-icon').click()
    await page.getByTestId(`dead-body-${letter.seq}`).fill(JSON.stringify({ values: { pm2_5: 33.25 } }))
    await page.getByTestId(`dead-resend-${letter.seq}`).click()
    await page.getByTestId('dead-said').filter({ hasText: '已重新送入' }).waitFor()
    assert.ok(!(await api('/dead-letters')).letters.some((l) => l.seq === letter.seq), 'the letter is gone')
    await until('the mended value is the device’s', async () =>
      (await api('/devices/' + device)).datastreams.some((d) => d.value === 33.25))
    staysHome()
    await close()
  })
})
