// How the big screen is composed on the walls it is made for, and what it says
// of data that a simulator made. The city of the server has none of those when
// the tests begin.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { browser, screenReady } from './browser.mjs'
import { faults } from './layout.mjs'
import { api, base, middle, post, report, signIn, until } from './server.mjs'

const mark = Date.now().toString(36)
let chrome, place

before(async () => {
  place = await middle()
  chrome = await browser()
})
after(() => chrome?.close())

describe('simulated data 模拟数据', () => {
  const air = (id, simulated) => ({
    id: `${id}-${mark}`, name: `空气站 ${id}`, kind: 'air', lon: place[0], lat: place[1], simulated,
    datastreams: [{ property: 'pm2_5', unit: 'ug/m3' }],
  })

  test('is marked on the screen and on a chart from the moment it comes, and not before', async () => {
    assert.equal((await api('/city')).simulated, false, 'the tests before this one simulate nothing')
    await post('/devices', { devices: [air('real', false)] })
    const context = await signIn(await chrome.newContext({ viewport: { width: 1280, height: 720 } }))
    const [screen, chart, other] = [await context.newPage(), await context.newPage(), await context.newPage()]
    await chart.goto(base + '/embed/device-health')
    await other.goto(base + '/embed/open-by-class')
    await screen.goto(base + '/')
    await screenReady(screen)
    for (const page of [chart, other]) await page.locator('.chart[data-drawn=true]').waitFor()
    for (const page of [screen, chart, other]) assert.equal(await page.getByTestId('simulated').count(), 0, 'no badge yet')

    await post('/devices', { devices: [air('made', true)] })
    for (const page of [screen, chart]) await page.getByTestId('simulated').filter({ hasText: '模拟数据' }).waitFor({ timeout: 15_000 })
    assert.equal(await other.getByTestId('simulated').count(), 0, 'a chart without any has no badge')
    await context.close()
  })
})

describe('the wall', () => {
  test('holds everything, and nothing is cut off, scrolls or lies on anything else', async () => {
    // More incidents than any list has room for.
    await Promise.all(Array.from({ length: 30 }, (_, i) => report(place[0] + 0.001 * i, place[1], `占道堆物影响消防通道通行，请尽快派人处理 ${i}`)))
    const page = await (await signIn(await chrome.newContext({ viewport: { width: 1920, height: 1080 } }))).newPage()
    await page.goto(base + '/')
    await screenReady(page)
    await until('the list is longer than its panel', () => page.locator('[data-testid=triage] > ul').evaluate((ul) => ul.scrollHeight > ul.clientHeight))
    const walls = [[1920, 1080, '中文'], [3840, 1080, '中文'], [3840, 1080, 'English'], [1920, 1080, 'English']]
    let language = '中文'
    for (const [width, height, wanted] of walls) {
      if (wanted !== language) await page.keyboard.press('l')
      language = wanted
      await page.setViewportSize({ width, height })
      await page.getByText(language === '中文' ? '待办案件' : 'Needs attention').waitFor()
      // Figures in the new language come with the next frame, charts a moment after.
      let wrong
      await until('', async () => (wrong = await faults(page)).length === 0, 10_000).catch(() => undefined)
      assert.deepEqual(wrong, [], `${width}×${height}, ${language}`)
    }
    await page.close()
  })
})
