// The grid worker's phone in a real browser, with the line cut where it hurts:
// nothing is lost, and nothing is there twice.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { browser } from './browser.mjs'
import { api, base, post, signIn, until } from './server.mjs'

const login = 'grid.worker'
const mark = Date.now().toString(36)
let chrome, place, classes

before(async () => {
  chrome = await browser()
  const { regions } = await api('/regions?level=grid')
  const context = await signIn(await chrome.newContext(), login)
  const me = await (await context.request.get(base + '/api/v1/me/duty')).json()
  await context.close()
  place = regions.find((r) => r.code === me.grids[0])?.centre ?? regions[0].centre
  classes = (await api('/case-classes')).classes
})
after(() => chrome?.close())

/** A photo of noise as a camera gives it: it does not shrink, so it takes several pieces. */
async function photo(page, side = 1400) {
  const base64 = await page.evaluate(async (n) => {
    const canvas = document.createElement('canvas')
    canvas.width = canvas.height = n
    const context = canvas.getContext('2d')
    const image = context.createImageData(n, n)
    for (let at = 0; at < image.data.length; at += 65536) crypto.getRandomValues(image.data.subarray(at, Math.min(at + 65536, image.data.length)))
    for (let at = 3; at < image.data.length; at += 4) image.data[at] = 255
    context.putImageData(image, 0, 0)
    return canvas.toDataURL('image/jpeg', 0.8).split(',')[1]
  }, side)
  return { name: 'camera.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(base64, 'base64') }
}

async function open(as = login, { path = '/field', worker = true } = {}) {
  const context = await signIn(await chrome.newContext({
    viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2, locale: 'zh-CN',
    geolocation: { longitude: place[0], latitude: place[1], accuracy: 8 }, permissions: ['geolocation'],
  }), as)
  const page = await context.newPage()
  const errors = []
  page.on('pageerror', (e) => errors.push(e.message))
  page.on('console', (m) => {
    if (m.type() === 'error' && /Content Security Policy|Refused to/.test(m.text())) errors.push(m.text())
  })
  await page.goto(base + path)
  await page.locator('[data-testid=field][data-standing=in]').waitFor()
  if (worker) await page.waitForFunction(() => navigator.serviceWorker?.controller !== null, null, { timeout: 60_000 })
  return { context, page, errors }
}

const sent = (page) => page.locator('[data-testid=line-strip][data-state=sent]').waitFor({ state: 'attached', timeout: 90_000 })
const unsent = (page, n) => page.locator(`[data-testid=line-strip][data-unsent="${n}"]`).waitFor({ state: 'attached' })

/** Begins the shift, if it is not on, and waits until the server has it; the unit it is with. */
async function onDuty({ context, page }) {
  const asked = async () => (await context.request.get(base + '/api/v1/me/duty')).json()
  // The page says it as soon as it is touched, the server when it was told.
  await page.getByTestId('duty').waitFor()
  if (!(await asked()).on) await page.getByTestId('duty').click()
  await page.locator('[data-testid=patrol][data-on=true]').waitFor()
  const { unit } = await until(`${login} is on duty`, async () => {
    const now = await asked()
    return now.on && now.unit && now
  }, 60_000)
  return unit
}

/** Takes a photo, chooses a class, says a word and sends. */
async function report(page, words, kind = classes[0].code) {
  await page.locator('[data-testid=shoot] input').setInputFiles(await photo(page))
  await page.getByTestId('draft-photo').waitFor()
  await page.getByTestId('words').fill(words)
  const tile = page.locator(`[data-testid=kind][data-code="${kind}"]`)
  if (await tile.count() === 0) await page.locator('.report .whole').click()
  await tile.click()
  await page.locator('[data-testid=send-report]:enabled').click()
  await page.getByTestId('tasks').waitFor()
}

/** The cases whose description is those words. */
async function told(words) {
  const { items } = await api('/cases?order=newest&limit=200')
  return items.filter((c) => c.description === words)
}
/** It has come, and no second one comes after it. */
async function once(words) {
  const [one] = await until(`the report ${words} is a case`, async () => {
    const found = await told(words)
    return found.length > 0 && found
  })
  const one2 = await told(words)
  assert.equal(one2.length, 1, 'it is there once')
  return one
}

describe('the phone of a grid worker', () => {
  test('sends a report that was made without a line once, after it is back', async () => {
    const { context, page, errors } = await open()
    const words = `离线上报 ${mark}`
    await context.setOffline(true)
    await report(page, words)
    await unsent(page, 1)
    // The page is killed, and opens again without a line.
    await page.reload()
    await page.locator('[data-testid=field][data-standing=offline]').waitFor()
    await unsent(page, 1)
    assert.equal((await told(words)).length, 0)
    await context.setOffline(false)
    await sent(page)
    const found = await once(words)
    assert.equal(found.channel, 'grid')
    assert.equal(found.photos.length, 1)
    assert.deepEqual(errors, [])
    await context.close()
  })

  test('goes on with an upload that is cut in the middle, where it was', async () => {
    const { context, page } = await open()
    const words = `断点续传 ${mark}`
    const sizes = []
    let pieces = 0
    await page.route('**/api/v1/uploads/**', async (route) => {
      if (route.request().method() !== 'PATCH') return route.fallback()
      sizes.push(Number(await route.request().headerValue('upload-offset')))
      pieces++
      if (pieces === 2) return route.abort('connectionreset')
      return route.fallback()
    })
    await report(page, words)
    await sent(page)
    await once(words)
    assert.ok(sizes.length >= 3, `pieces at ${sizes.join(', ')}`)
    assert.equal(sizes[0], 0)
    assert.ok(sizes[1] > 0, 'the second piece follows the first')
    assert.equal(sizes[2], sizes[1], 'after the cut it goes on at the same byte')
    assert.equal(sizes.filter((s) => s === 0).length, 1, 'no byte is sent again from the start')
    await context.close()
  })

  test('does not send a report twice when its answer is lost', async () => {
    const { context, page } = await open()
    const words = `回执丢失 ${mark}`
    let lost = 0
    await page.route('**/api/v1/cases', async (route) => {
      if (route.request().method() !== 'POST' || lost > 0) return route.fallback()
      lost++
      await route.fetch()
      return route.abort('connectionreset')
    })
    await report(page, words)
    await until('the answer is lost', () => lost === 1)
    await sent(page)
    await once(words)
    await context.close()
  })

  test('shows the tasks without a line, and brings in what was done meanwhile in order', async () => {
    const own = await open(login, { path: '/field/patrol' })
    const unit = await onDuty(own)
    await own.context.close()

    const id = `e2e-task-${mark}`
    await post('/cases', { id, class: (classes.find((c) => c.needsPhoto) ?? classes[0]).code, lon: place[0], lat: place[1], description: `派给网格员 ${mark}`, channel: 'operator' })
    const step = async (event, input) => {
      const { case: now } = await until(`case ${id}`, () => api('/cases/' + id).catch(() => null))
      return api(`/cases/${id}/events`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ event, version: now.version, input }) })
    }
    await step('establish', {})
    await step('assign', { unit })

    const { context, page } = await open()
    const card = page.locator(`[data-testid=task][data-id="${id}"]`)
    await card.waitFor()
    await context.setOffline(true)
    await page.reload()
    await card.waitFor()
    await card.click()
    for (const event of ['accept', 'arrive']) await page.locator(`[data-testid=next][data-event=${event}]`).click()
    await page.locator('[data-testid=proof] input').setInputFiles(await photo(page, 900))
    await unsent(page, 3)
    await page.locator('[data-testid=next][data-event=finish]').click()
    await page.getByTestId('ask').locator('.quick button').first().click()
    await page.getByTestId('ask-ok').click()
    await unsent(page, 4)
    await context.setOffline(false)
    await sent(page)
    const { case: done, proofs, timeline } = await api('/cases/' + id)
    assert.equal(done.state, 'handled')
    assert.deepEqual(proofs.map((p) => p.phase), ['after'])
    const events = timeline.filter((e) => ['accept', 'arrive', 'finish'].includes(e.event)).sort((a, b) => a.seq - b.seq).map((e) => e.event)
    assert.deepEqual(events, ['accept', 'arrive', 'finish'])
    await context.close()
  })

  test('keeps everything while the session is over, and goes on after the sign-in', async () => {
    const { context, page } = await open()
    const words = `登录失效 ${mark}`
    const cookies = await context.cookies()
    await context.clearCookies()
    await report(page, words)
    await page.locator('[data-testid=field][data-standing=out]').waitFor()
    await unsent(page, 1)
    // Somebody else signs in on this phone: they neither see nor send it.
    await signIn(context, 'village.worker')
    await page.goto(base + '/field/outbox')
    await page.locator('[data-testid=field][data-standing=in]').waitFor()
    assert.equal(await page.getByTestId('entry').count(), 0)
    await page.waitForLoadState('networkidle')
    assert.equal((await told(words)).length, 0)
    await context.clearCookies()
    await context.addCookies(cookies)
    await page.goto(base + '/field')
    await sent(page)
    await once(words)
    await context.close()
  })

  test('brings in positions of a shift, and shows what they cover', async () => {
    const { context, page } = await open(login, { path: '/field/patrol' })
    await onDuty({ context, page })
    await sent(page)
    const track = async () => (await context.request.get(base + '/api/v1/me/coverage')).json()
    await context.setOffline(true)
    for (let n = 1; n <= 3; n++) {
      await context.setGeolocation({ longitude: place[0] + n * 0.0006, latitude: place[1], accuracy: 6 })
      await page.waitForTimeout(300)
    }
    await context.setOffline(false)
    await until('the positions are on the server', async () => (await track()).cells.length >= 2, 90_000)
    await context.close()
  })

  test('leads a grid worker who signs in on a phone to it', async () => {
    const context = await signIn(await chrome.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }), login)
    const page = await context.newPage()
    await page.goto(base + '/sign-in')
    await page.locator('[data-testid=field]').waitFor()
    await page.goto(base + '/desk')
    await page.getByTestId('desk').waitFor()
    await page.getByTestId('desk').locator('a[href="/field"]').waitFor()
    await context.close()
  })
})
