// The enforcement terminal in a real browser: a dispatch rings within a second, is
// accepted, handled with a photo and a document, and closed by somebody else.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { browser } from './browser.mjs'
import { api, base, middle, post, signIn, until } from './server.mjs'

let chrome
before(async () => { chrome = await browser() })
after(() => chrome?.close())

/** A terminal of that size in an officer's hands, on duty. */
async function terminal(login, viewport) {
  const [longitude, latitude] = await middle()
  const context = await chrome.newContext({ viewport, hasTouch: true, geolocation: { longitude, latitude }, permissions: ['geolocation'] })
  await signIn(context, login)
  const page = await context.newPage()
  page.setDefaultTimeout(30_000)
  page.faults = []
  page.on('pageerror', (e) => page.faults.push(e.message))
  page.on('console', (m) => { if (/Content Security Policy|\[Vue warn\]/.test(m.text())) page.faults.push(m.text()) })
  await page.goto(base + '/enforce')
  await page.getByTestId('terminal').waitFor()
  const asked = () => page.evaluate(() => fetch('/api/v1/me/duty').then((r) => r.json()))
  // Until it has asked, the terminal shows nobody on duty; once begun it says so before the server has it.
  if (!(await asked()).on) await page.getByTestId('duty-on').click()
  await page.locator('[data-testid=terminal][data-on=true]').waitFor()
  const duty = await until(`${login} is on duty`, async () => {
    const now = await asked()
    return now.on && now.unit && now
  })
  return { page, context, unit: duty.unit }
}

/** An operator reports something and waits until it is a case. */
async function reported(says) {
  const [lon, lat] = await middle()
  const id = `e2e-${randomUUID()}`
  await post('/cases', { id, class: 'E0502', lon, lat, description: says, address: '前进中路 288 号', channel: 'operator' })
  return until('the report is a case', () => api('/cases/' + id).then((a) => a.case, () => null))
}
const send = (c, unit) => post(`/cases/${c.id}/events`, { event: 'assign', version: c.version, input: { unit } })

/** A picture that a browser can read, made by it. */
const photo = (page) => page.evaluate(async () => {
  const canvas = new OffscreenCanvas(320, 240)
  const paper = canvas.getContext('2d')
  paper.fillStyle = '#6a8'
  paper.fillRect(0, 0, 320, 240)
  const blob = await canvas.convertToBlob({ type: 'image/jpeg' })
  return [...new Uint8Array(await blob.arrayBuffer())]
}).then((bytes) => ({ name: 'after.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(bytes) }))

async function signed(page, field) {
  const pad = page.locator(`[data-field=${field}] svg`)
  await pad.scrollIntoViewIfNeeded()
  const box = await pad.boundingBox()
  await page.mouse.move(box.x + 30, box.y + 60)
  await page.mouse.down()
  for (let i = 1; i < 12; i++) await page.mouse.move(box.x + 30 + i * 14, box.y + 60 + Math.sin(i) * 25)
  await page.mouse.up()
}

describe('the enforcement terminal', () => {
  test('rings within a second of the dispatch, and leads to a verified end with a photo and a document', async () => {
    const { page, context, unit } = await terminal('city.enforcer', { width: 390, height: 844 })
    const c = await reported('水果店把货摆到人行道上。')
    await page.evaluate(() => {
      new MutationObserver(() => {
        const ring = document.querySelector('[data-testid=ring]')
        if (ring) window.rang ??= { at: Date.now(), id: ring.dataset.case }
      }).observe(document.body, { childList: true, subtree: true })
    })
    const sentAt = Date.now()
    await send(c, unit)
    await page.getByTestId('ring').waitFor()
    const rang = await page.evaluate(() => window.rang)
    assert.equal(rang.id, c.id)
    console.log(`# the terminal rang ${rang.at - sentAt} ms after the dispatch was posted`)
    assert.match(await page.getByTestId('ring-clock').innerText(), /\d+:\d\d/)

    await page.getByTestId('ring-accept').click()
    await page.locator('[data-testid=detail][data-state=accepted]').waitFor()
    await page.getByTestId('do-arrive').click()
    await page.locator('[data-testid=detail][data-state=handling]').waitFor()

    await page.getByTestId('photo-after').setInputFiles(await photo(page))
    await page.locator('[data-testid=proof][data-phase=after]').waitFor()
    const shown = page.locator('[data-testid=proof] img')
    await until('the photo is shown to who took it', () => shown.evaluate((i) => i.complete && i.naturalWidth > 0))

    await page.getByTestId('form-correction').click()
    const form = page.getByTestId('form-sheet')
    await page.getByTestId('form-save').click() // nothing is filled in: it says so, and keeps nothing
    await form.locator('.field.hole').first().waitFor()
    for (const [field, value] of [['party', '甲乙水果店'], ['officerId', 'KS0123'], ['second', '李强']]) await form.locator(`[data-field=${field}] input`).fill(value)
    for (const [field, n] of [['partyKind', 1], ['rule', 0], ['way', 1], ['demand', 1]]) await form.locator(`[data-field=${field}] button`).nth(n).click()
    await signed(page, 'partySign')
    await signed(page, 'officerSign')
    await page.getByTestId('form-save').click()
    await page.getByTestId('kept-form').waitFor()
    await page.getByTestId('kept-form').click()
    const paper = page.frameLocator('[data-testid=document] iframe')
    await paper.locator('h1', { hasText: '责令改正通知书' }).waitFor()
    assert.match(await paper.locator('body').innerText(), /甲乙水果店/)
    assert.equal(await paper.locator('svg path[d^="M"]').count(), 2)
    await page.locator('[data-testid=document] .back').click()

    await page.getByTestId('do-finish').click()
    await page.locator('[data-testid=reason-sheet] .phrases button').first().click()
    await page.getByTestId('reason-send').click()
    await page.getByTestId('waiting').waitFor()

    const chain = await api(`/cases/${c.id}/evidence`)
    assert.equal(chain.whole, true, JSON.stringify(chain))
    assert.deepEqual(chain.links.map((l) => l.phase), ['after', 'form'])
    // Somebody else verifies and closes; the terminal shows it by itself.
    const { case: done } = await api('/cases/' + c.id)
    await post(`/cases/${c.id}/events`, { event: 'close', version: done.version })
    await page.locator('[data-testid=detail][data-state=closed]').waitFor()
    assert.deepEqual(page.faults, [])
    await context.close()
  })

  test('says who was faster, and works without a line', async () => {
    const { page, context, unit } = await terminal('town.enforcer', { width: 1024, height: 768 })
    const gone = await reported('已经有人去了。')
    const sent = await send(gone, unit)
    await page.getByTestId('ring').waitFor()
    // The operator sends it elsewhere: it rings no longer.
    await post(`/cases/${gone.id}/events`, { event: 'assign', version: sent.case.version, input: { handler: 'app:tools' } })
    await page.getByTestId('ring').waitFor({ state: 'detached' })

    const c = await reported('断网时处置的案件。')
    await send(c, unit)
    await page.getByTestId('ring-accept').click()
    await page.locator('[data-testid=detail][data-state=accepted]').waitFor()
    await context.setOffline(true)
    await page.getByTestId('do-arrive').click()
    await page.locator('[data-testid=detail][data-state=handling]').waitFor()
    await page.getByTestId('tab-scene').click()
    await page.getByTestId('photo-after').setInputFiles(await photo(page))
    await page.getByTestId('outgoing').first().waitFor()
    assert.equal((await api('/cases/' + c.id)).case.state, 'accepted')
    await context.setOffline(false)
    await until('what was done without a line is with the server', async () => {
      const now = await api('/cases/' + c.id)
      return now.case.state === 'handling' && now.proofs.some((p) => p.phase === 'after')
    }, 60_000)
    await page.locator('[data-testid=proof][data-phase=after]').waitFor()
    assert.deepEqual(page.faults, [])
    await context.close()
  })
})
