// Takes pictures of the pages for people to look at:
//   node e2e/look.mjs http://127.0.0.1:8791 [name-filter]
import { mkdir } from 'node:fs/promises'
import { browser, screenReady } from './browser.mjs'

const base = process.argv[2] ?? process.env.ONECITY_URL ?? 'http://127.0.0.1:8791'
const only = process.argv[3] ?? ''
const shots = [
  { name: 'wall', width: 3840, height: 1080, path: '/' },
  { name: 'desk', width: 1920, height: 1080, path: '/' },
  { name: 'phone', width: 390, height: 844, path: '/', whole: true },
  { name: 'hand', width: 390, height: 844, path: '/', act: async (page) => { await page.getByTestId('incident').first().click(); await page.getByTestId('detail').waitFor() } },
  { name: 'en-light', width: 1920, height: 1080, path: '/?lang=en&theme=light' },
  { name: 'district', width: 1920, height: 1080, path: '/', act: (page) => page.keyboard.press('1') },
  { name: 'incident', width: 1920, height: 1080, path: '/', act: async (page) => { await page.getByTestId('incident').first().click(); await page.getByTestId('detail').waitFor() } },
  { name: 'measure', width: 1920, height: 1080, path: '/?measure=pm2_5' },
  { name: 'cell', width: 1920, height: 1080, path: '/?measure=noise', act: (page) => page.getByTestId('map').click({ position: { x: 540, y: 420 } }) },
  { name: 'device', width: 1920, height: 1080, path: '/', act: async (page) => { await page.getByTestId('search').fill('空气'); await page.getByTestId('found').first().click() } },
  { name: 'unit', width: 1920, height: 1080, path: '/', act: async (page) => { await page.getByTestId('search').fill('执法车'); await page.getByTestId('found').first().click() } },
  { name: 'help', width: 1920, height: 1080, path: '/', act: (page) => page.keyboard.press('?') },
  { name: 'embed', width: 640, height: 400, path: '/embed/open-by-class', plain: true },
  { name: 'feeds', width: 1440, height: 900, path: '/feeds', plain: true },
  { name: 'docs', width: 1440, height: 900, path: '/docs', plain: true },
]
await mkdir('shots', { recursive: true })
const chrome = await browser()
for (const shot of shots.filter((s) => s.name.includes(only))) {
  const page = await chrome.newPage({ viewport: { width: shot.width, height: shot.height } })
  page.on('console', (m) => { if (m.type() === 'error' || m.type() === 'warning') console.log(shot.name, m.type(), m.text().slice(0, 300)) })
  page.on('pageerror', (e) => console.log(shot.name, 'error', e.message))
  await page.goto(base + shot.path)
  if (!shot.plain) await screenReady(page)
  if (shot.act) {
    await shot.act(page)
    await page.waitForTimeout(9000) // for a person's eye: the flight of the camera is over
  }
  await page.waitForTimeout(2500)
  await page.screenshot({ path: `shots/${shot.name}.png`, fullPage: shot.whole ?? false })
  console.log('shots/' + shot.name + '.png')
  await page.close()
}
await chrome.close()
