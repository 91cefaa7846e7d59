// Who gets in and what each is shown, in a real browser: through the sign-in as
// a person types it, on every page of the office, and in another site's frame.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { browser, screenReady } from './browser.mjs'
import { api, base, passwordOf, post, signIn } from './server.mjs'
import { witness } from './witness.mjs'

const mark = Date.now().toString(36)
// Another site, which may show our charts.
const portal = process.env.ONECITY_PORTAL
let chrome, seen, town, near, far

before(async () => {
  const { regions } = await api('/regions?level=district')
  const [first, other] = regions.sort((a, b) => (a.code < b.code ? -1 : 1))
  town = first.code
  ;[near, far] = [`id-near-${mark}`, `id-far-${mark}`]
  await post('/devices', {
    devices: [[near, first], [far, other]].map(([id, region]) => ({
      id, name: `${region.name}测点 ${mark}`, kind: 'air', lon: region.centre[0], lat: region.centre[1], datastreams: [{ property: 'pm2_5', unit: 'ug/m3' }],
    })),
  })
  seen = await witness(base)
  chrome = await browser(seen.address)
})
after(async () => {
  await chrome?.close()
  await seen?.close()
})

/** A page that notes what went wrong in it, what was asked for, and what came over live lines. */
async function open(as, { width = 1280, height = 720, ...options } = {}) {
  const context = await chrome.newContext({ viewport: { width, height }, ...options })
  if (as) await signIn(context, as)
  const page = await context.newPage()
  const noted = { faults: [], asked: [], frames: [] }
  context.on('request', (r) => noted.asked.push(r.url()))
  page.on('pageerror', (e) => noted.faults.push(e.message))
  page.on('console', (m) => { if (m.type() === 'error') noted.faults.push(m.text()) })
  page.on('websocket', (ws) => ws.on('framereceived', ({ payload }) => noted.frames.push(String(payload))))
  return { page, context, noted }
}
const away = (noted) => [
  ...noted.asked.filter((url) => /^(https?|wss?):/.test(url) && new URL(url).host !== new URL(base).host),
  ...seen.away(),
]

describe('signing in', () => {
  test('by typing leads to the page that one wanted, which shows the city, and out again', async () => {
    const { page, context, noted } = await open()
    await page.goto(`${base}/?region=${town}`)
    await page.waitForURL((url) => url.pathname === '/sign-in')
    await page.getByTestId('login').pressSequentially('city.operator')
    await page.getByTestId('password').pressSequentially(passwordOf('city.operator'))
    await page.getByTestId('signin-do').click()
    await page.waitForURL((url) => url.pathname === '/' && url.searchParams.get('region') === town)
    await screenReady(page)
    await page.locator(`[data-testid=districts] [data-code="${town}"][aria-pressed=true]`).waitFor()
    assert.ok(noted.frames.some((f) => f.includes(`"${near}"`)), 'the town’s device came over the live line')
    await page.getByTestId('person').click()
    await page.getByTestId('sign-out').click()
    await page.waitForURL((url) => url.pathname === '/sign-in')
    const { status } = await context.request.get(base + '/api/v1/me').then((r) => ({ status: r.status() }))
    assert.equal(status, 401, 'the session is over on the server')
    await page.goto(base + '/desk')
    await page.waitForURL((url) => url.pathname === '/sign-in' && url.searchParams.get('next') === '/desk')
    assert.deepEqual(away(noted), [], 'asked of others')
    assert.deepEqual(noted.faults.filter((f) => !/status of 401/.test(f)), [])
    await context.close()
  })
})

describe('a town’s leader', () => {
  test('begins in the town, and nothing of another town reaches the browser', async () => {
    const { page, context, noted } = await open('town.leader')
    await page.goto(base + '/')
    await page.locator(`[data-testid=districts] [data-code="${town}"][aria-pressed=true]`).waitFor()
    await screenReady(page)
    assert.ok(noted.frames.some((f) => f.includes(`"${near}"`)), 'the town’s own device came')
    assert.ok(!noted.frames.some((f) => f.includes(far)), 'a device of another town came over the live line')
    await page.getByTestId('search').fill(mark)
    await page.getByTestId('found').filter({ hasText: mark }).first().waitFor()
    assert.ok(!(await page.content()).includes(far), 'a device of another town is in the page')
    // Whatever address is typed, the server shows no more.
    await page.goto(`${base}/?region=320583`)
    await page.locator('[data-testid=screen][data-ready=true]').waitFor({ timeout: 60_000 })
    assert.ok(!noted.frames.some((f) => f.includes(far)), 'it came when the city was asked for by address')
    assert.deepEqual(away(noted), [])
    await context.close()
  })
})

describe('the pages of the office', () => {
  const pages = [
    ['city.admin', '/desk', async (page) => {
      await page.getByTestId('my-roles').filter({ hasText: '系统管理员' }).waitFor()
      await page.getByTestId('ones').filter({ hasText: '%' }).waitFor()
    }],
    ['city.admin', '/orgs', (page) => page.getByTestId('gap').first().waitFor()],
    ['city.admin', '/people', (page) => page.getByTestId('person-table').filter({ hasText: '沈一鸣' }).waitFor()],
    ['city.admin', '/roles?tab=who', async (page) => {
      await page.getByTestId('who-device').click()
      await page.locator('input[data-testid=who-id], [data-testid=who-id] input').fill(far)
      await page.keyboard.press('Enter')
      // The city's leader by the city; a town's leader of the first town not at all.
      await page.getByTestId('who-table').filter({ hasText: '沈一鸣' }).waitFor()
      assert.ok(!(await page.getByTestId('who-table').innerText()).includes('马若水'), 'the first town’s leader sees a device of another')
    }],
    ['city.auditor', '/audit', async (page) => {
      await page.getByTestId('audit-open').first().click()
      await page.getByTestId('entry').waitFor()
    }],
    ['city.admin', '/credentials', (page) => page.getByTestId('credential-table').filter({ hasText: near }).waitFor()],
    ['city.security', '/account', (page) => page.getByTestId('factors').waitFor()],
  ]
  for (const [width, height] of [[1920, 1080], [390, 844]]) {
    test(`have something to say, without an error, at ${width}×${height}`, async () => {
      for (const as of new Set(pages.map(([who]) => who))) {
        const { page, context, noted } = await open(as, { width, height })
        for (const [, address, look] of pages.filter(([who]) => who === as)) {
          await page.goto(base + address)
          await look(page)
          const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
          assert.ok(wide <= 0, `${address} is ${wide} px wider than the screen`)
          assert.deepEqual(noted.faults, [], address)
        }
        assert.deepEqual(away(noted), [], 'asked of others')
        await context.close()
      }
    })
  }

  test('speak English when asked to, and remember it', async () => {
    const { page, context, noted } = await open('city.admin')
    await page.goto(base + '/desk')
    await page.getByTestId('office-nav').filter({ hasText: '工作台' }).waitFor()
    await page.getByTestId('language').click()
    await page.getByTestId('office-nav').filter({ hasText: /Organisations/i }).waitFor()
    await page.goto(base + '/orgs')
    await page.getByTestId('office-nav').filter({ hasText: /Organisations/i }).waitFor()
    assert.equal(await page.locator('html').getAttribute('lang'), 'en')
    assert.deepEqual(noted.faults, [])
    await context.close()
  })
})

describe('a chart in another site’s page', { skip: !portal && 'ONECITY_PORTAL is not set' }, () => {
  test('is shown with a key and no cookie, and not without', async (t) => {
    const site = createServer((request, response) => {
      const query = request.url === '/key' ? `?api_key=${process.env.ONECITY_TOKEN}` : ''
      response.writeHead(200, { 'Content-Type': 'text/html' })
      response.end(`<!doctype html><link rel="icon" href="data:,"><iframe src="${base}/embed/device-health${query}" width="600" height="400"></iframe>`)
    })
    await new Promise((done) => site.listen(new URL(portal).port, '127.0.0.1', done))
    t.after(() => site.close())
    const alone = await browser() // the witness lets nobody through to another site
    t.after(() => alone.close())
    const context = await alone.newContext()
    const page = await context.newPage()
    const faults = []
    page.on('console', (m) => { if (m.type() === 'error') faults.push(m.text()) })
    page.on('pageerror', (e) => faults.push(e.message))
    await page.goto(portal + '/key')
    await page.frameLocator('iframe').locator('.chart[data-drawn=true]').waitFor({ timeout: 30_000 })
    assert.deepEqual(await context.cookies(base), [], 'a cookie was set')
    assert.deepEqual(faults, [])
    await page.goto(portal + '/none')
    await page.waitForLoadState()
    assert.equal(await page.frameLocator('iframe').locator('.chart').count(), 0, 'the chart is shown to nobody')
  })
})
