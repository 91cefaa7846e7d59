// The command desk 指挥坐席 and the wall that it drives, in a real browser against
// a running server. Each test reports what it works on itself.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { browser, screenReady } from './browser.mjs'
import { api, base, middle, post, report, signIn, until } from './server.mjs'

const mark = Date.now().toString(36)
const units = [`cmd-near-${mark}`, `cmd-far-${mark}`]
let chrome, place

before(async () => {
  place = await middle()
  const [lon, lat] = place
  await post('/units', { units: units.map((id, i) => ({ id, name: `${i === 0 ? '近' : '远'}队 ${mark}`, kind: 'enforcement' })) })
  await post('/positions', { positions: units.map((unit, i) => ({ unit, lon: lon + 0.003 * (i + 1), lat, status: 'idle', time: new Date().toISOString() })) })
  chrome = await browser()
})
after(() => chrome?.close())

/** The desk of the city's operator, with its queue there. */
async function desk(path = '/command', size = { width: 1440, height: 900 }) {
  const context = await signIn(await chrome.newContext({ viewport: size }))
  const page = await context.newPage()
  const errors = []
  page.on('pageerror', (e) => errors.push(e.message))
  await page.goto(base + path)
  await page.locator('[data-testid=command][data-ready=true]').waitFor({ timeout: 60_000 })
  return { context, page, errors }
}

/** Finds a case by the keyboard alone: search, its words, and down into the queue. */
async function openByKeys(page, id, words) {
  await page.keyboard.press('/')
  await page.keyboard.type(words)
  await page.locator(`[data-testid=case-row][data-id="${id}"]`).waitFor({ timeout: 30_000 })
  await page.keyboard.press('Enter')
  await page.keyboard.press('Home')
  await page.locator(`[data-testid=case-panel][data-id="${id}"]`).waitFor()
}

const caseOf = (id) => api('/cases/' + id).catch(() => null)
const inState = (id, state) => until(`case ${id} is ${state}`, async () => {
  const found = await caseOf(id)
  return found?.case.state === state && found
})

/** Reports a case by the API, as another operator would. */
async function reported(title, part = {}) {
  const { classes } = await api('/incident-classes')
  const id = `cmd-${mark}-${title}`
  await post('/cases', { id, class: classes[0].code, title, description: title, severity: 2, lon: place[0], lat: place[1], channel: 'operator', ...part })
  return id
}

describe('the command desk', () => {
  test('shows a report as a case within the frame that brings it', async () => {
    const { context, page, errors } = await desk()
    const id = await report(place[0] + 0.001, place[1], `路面塌陷 ${mark}`)
    const row = page.locator(`[data-testid=case-row][data-id="${id}"]`)
    await page.keyboard.press('/')
    await page.keyboard.type(id.slice(-8).toLowerCase())
    await row.waitFor({ timeout: 10_000 })
    // Once it is opened as a case it has its number, read without loading the page anew.
    await inState(id, 'reported')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Home')
    await page.getByTestId('main-act').filter({ hasText: '派遣' }).waitFor()
    assert.deepEqual(errors, [])
    await context.close()
  })

  test('has a report before it as a case a moment after it was made', async () => {
    const { context, page, errors } = await desk()
    const title = `窨井冒水${mark}`
    await page.keyboard.press('/')
    await page.keyboard.type(title)
    await page.getByTestId('case-row').first().waitFor({ state: 'detached' })
    await page.evaluate(() => {
      window.came = {}
      new MutationObserver(() => {
        const row = document.querySelector('[data-testid=case-row]')
        if (!row) return
        window.came.report ??= Date.now()
        if (row.querySelector('.where b').textContent !== '建档中') window.came.case ??= Date.now()
      }).observe(document.body, { childList: true, characterData: true, subtree: true })
    })
    const at = Date.now()
    const id = await reported(title)
    await page.locator(`[data-testid=case-row][data-id="${id}"]`).filter({ hasNotText: '建档中' }).waitFor({ timeout: 20_000 })
    const came = await page.evaluate(() => window.came)
    console.log(`# the desk showed a report ${came.report - at} ms after it was posted, and as a case ${came.case - at} ms after`)
    assert.ok(came.case - at < 20_000)
    assert.deepEqual(errors, [])
    await context.close()
  })

  test('sends a case from seeing to sending with the keyboard alone, and the wall follows', async () => {
    const id = await reported('井盖缺失')
    await inState(id, 'reported')
    const { context, page, errors } = await desk()
    const wall = await context.newPage()
    await wall.goto(base + '/')
    await screenReady(wall)
    await page.bringToFront()
    await page.getByTestId('wall').filter({ hasText: '大屏已连接' }).waitFor()

    await openByKeys(page, id, '井盖缺失')
    await page.getByTestId('candidate').first().waitFor({ timeout: 30_000 })
    const near = page.locator(`[data-testid=candidate][data-unit="${units[0]}"]`)
    await near.waitFor()
    const digit = (await near.locator('kbd').innerText()).trim()
    await page.keyboard.press(digit)
    await page.keyboard.press('Enter')
    await page.getByTestId('said').filter({ hasText: '已派遣' }).waitFor()
    const sent = await inState(id, 'assigned')
    assert.equal(sent.case.unit, units[0])
    await page.locator('[data-testid=case-state][data-state=assigned]').waitFor()

    // The wall shows the same case, as it stands now, and where it is.
    await wall.getByTestId('driven').waitFor()
    await wall.locator('[data-testid=incident-card][data-state=assigned]').waitFor({ timeout: 20_000 })
    await wall.getByTestId('sent-unit').filter({ hasText: mark }).waitFor()
    assert.deepEqual(errors, [])
    await context.close()
  })

  test('opens what is picked on the wall', async () => {
    const id = await reported('广告牌松动')
    await inState(id, 'reported')
    const { context, page } = await desk()
    const wall = await context.newPage()
    await wall.goto(base + '/')
    await screenReady(wall)
    await wall.getByTestId('driven').waitFor()
    await wall.getByTestId('search').fill('广告牌松动')
    await wall.getByTestId('found').first().click()
    await page.locator(`[data-testid=case-panel][data-id="${id}"]`).waitFor({ timeout: 20_000 })
    await context.close()
  })

  test('keeps what was typed when somebody else was faster, and says who', async () => {
    const id = await reported('违规占道')
    const first = await inState(id, 'reported')
    const { context, page } = await desk()
    await openByKeys(page, id, '违规占道')
    await page.keyboard.press('r')
    await page.getByTestId('act-form').waitFor()
    await page.keyboard.type('不在受理范围')
    // The answer to the desk's own page is what was there before the other's change.
    await page.route(`**/api/v1/cases/${id}`, (route) => route.abort())
    await post(`/cases/${id}/events`, { event: 'assign', version: first.case.version, input: { unit: units[1] } })
    await page.keyboard.press('Enter')
    await page.locator('[data-testid=said][role=alert]').filter({ hasText: '先行办理' }).waitFor()
    assert.equal(await page.getByTestId('field-reason').inputValue(), '不在受理范围')
    await page.unroute(`**/api/v1/cases/${id}`)
    assert.equal((await caseOf(id)).case.state, 'assigned')
    await context.close()
  })

  test('merges what is the same with one key, and splits it again with another', async () => {
    const one = await reported('垃圾堆放', { description: '路口垃圾堆放无人清理' })
    await inState(one, 'reported')
    const two = await reported('垃圾堆放二', { description: '路口垃圾堆放无人清理' })
    await inState(two, 'reported')
    const { context, page } = await desk()
    await openByKeys(page, two, '垃圾堆放二')
    await page.getByTestId('merge-first').waitFor({ timeout: 30_000 })
    await page.keyboard.press('m')
    await inState(two, 'merged')
    await page.locator('[data-testid=related]').waitFor()
    await page.keyboard.press('x')
    await inState(two, 'reported')
    await context.close()
  })

  test('says that the line is broken, and comes right when it is back', async () => {
    const { context, page } = await desk()
    await context.setOffline(true)
    // A browser without network keeps an open socket: the page is made to lose it.
    await page.evaluate(() => window.dispatchEvent(new Event('offline')))
    await page.getByTestId('broken').waitFor({ timeout: 90_000 })
    const id = await reported('断线期间上报')
    await inState(id, 'reported')
    await context.setOffline(false)
    await page.getByTestId('broken').waitFor({ state: 'detached', timeout: 60_000 })
    await page.keyboard.press('/')
    await page.keyboard.type('断线期间')
    await page.locator(`[data-testid=case-row][data-id="${id}"]`).waitFor({ timeout: 20_000 })
    await context.close()
  })

  test('rings once for the gravest, and is quiet when it was acknowledged', async () => {
    const { context, page } = await desk()
    await page.getByTestId('sound').click()
    await page.getByTestId('sound').filter({ hasText: '已开' }).waitFor()
    await reported('一般案件', { severity: 4 })
    const id = await reported('燃气泄漏', { severity: 1 })
    await page.getByTestId('alarm').filter({ hasText: '燃气泄漏' }).waitFor({ timeout: 15_000 })
    await page.locator('[data-testid=command][data-rung="1"]').waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press(' ')
    await page.getByTestId('alarm').waitFor({ state: 'detached' })
    await post(`/cases/${id}/notes`, { id: `n-${mark}`, text: '已关阀', kind: 'note' })
    assert.equal(await page.getByTestId('alarm').count(), 0)
    await context.close()
  })

  test('hands a shift over, to be signed off by the next operator', async () => {
    const { context, page } = await desk()
    await page.keyboard.press('b')
    await page.getByTestId('shift-text').fill(`暴雨预警，盯住下穿通道 ${mark}`)
    await page.getByTestId('shift-write').click()
    const record = page.getByTestId('shift-record').filter({ hasText: mark })
    await record.waitFor()
    assert.equal(await record.getByTestId('shift-take').count(), 0, 'who wrote it does not sign it off')
    const id = await record.getAttribute('data-id')
    const taken = await post(`/handovers/${id}/take`, undefined)
    assert.ok(taken.taken)
    await page.keyboard.press('Escape')
    await page.getByTestId('shift-sheet').waitFor({ state: 'detached' })
    await page.keyboard.press('b')
    await page.getByTestId('shift-record').filter({ hasText: mark }).filter({ hasText: '签收' }).waitFor()
    await context.close()
  })

  test('tells every key, and is composed at both sizes', async () => {
    const { context, page, errors } = await desk('/command', { width: 1920, height: 1080 })
    await page.keyboard.press('?')
    await page.getByTestId('command-help').waitFor()
    await page.keyboard.press('Escape')
    await page.getByTestId('command-help').waitFor({ state: 'detached' })
    for (const [width, height] of [[1920, 1080], [1440, 900]]) {
      await page.setViewportSize({ width, height })
      const over = await page.evaluate(() => {
        const root = document.documentElement
        const out = root.scrollWidth > innerWidth || root.scrollHeight > innerHeight ? ['page'] : []
        for (const e of document.querySelectorAll('[data-testid=command] > *, [data-testid=command] header > *, [data-testid=command] nav > *')) {
          const { left, top, right, bottom } = e.getBoundingClientRect()
          if (e.checkVisibility() && (left < -1 || top < -1 || right > innerWidth + 1 || bottom > innerHeight + 1)) out.push(e.className || e.localName)
        }
        return out
      })
      assert.deepEqual(over, [], `${width}×${height}`)
    }
    assert.deepEqual(errors, [])
    await context.close()
  })
})
