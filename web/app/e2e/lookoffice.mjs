// Takes pictures of the office's pages, at a desk and in the hand, in both languages:
//   node e2e/lookoffice.mjs http://127.0.0.1:8080 data/kunshan/first-sign-in.txt [page-filter] [zh|en]
import { readFile, mkdir } from 'node:fs/promises'
import { browser } from './browser.mjs'

const [base, file, only = '', lang = ''] = process.argv.slice(2)
const passwords = new Map((await readFile(file, 'utf8')).split('\n').map((l) => l.trim().split(/\s+/)).map(([login, password]) => [login, password]))
const first = (page, id) => page.getByTestId(id).first()
const pages = [
  { name: 'sign-in', path: '/sign-in' },
  { name: 'sign-in-wrong', path: '/sign-in', act: async (page) => { await page.getByTestId('login').fill('nobody'); await page.getByTestId('password').fill('wrong-password'); await page.getByTestId('signin-do').click(); await page.getByTestId('signin-said').waitFor() } },
  { name: 'desk', who: 'city.admin', path: '/desk' },
  { name: 'desk-village', who: 'village.worker', path: '/desk' },
  { name: 'orgs', who: 'city.admin', path: '/orgs' },
  { name: 'org', who: 'city.admin', path: '/orgs?gaps=true', act: async (page) => { await page.locator('.el-tree-node__content').first().click(); await page.getByTestId('org-card').waitFor() } },
  { name: 'org-appoint', who: 'city.admin', path: '/orgs', act: async (page) => { await page.locator('.el-tree-node__content').nth(2).click(); await page.getByTestId('appoint-officer').click(); await page.getByTestId('appoint').waitFor() } },
  { name: 'people', who: 'city.admin', path: '/people' },
  { name: 'person', who: 'city.admin', path: '/people', act: async (page) => { await first(page, 'edit-town.leader').click(); await page.getByTestId('person-dialog').waitFor() } },
  { name: 'roles', who: 'city.admin', path: '/roles' },
  { name: 'role-cards', who: 'city.admin', path: '/roles?tab=catalogue' },
  { name: 'grant', who: 'city.admin', path: '/roles', act: async (page) => { await page.getByTestId('grant').click(); await page.getByTestId('grant-dialog').waitFor() } },
  { name: 'who', who: 'city.security', path: '/roles?tab=who', act: async (page) => { await page.locator('[data-testid=region-picker] input, input[data-testid=region-picker]').first().fill('320583100'); await page.getByTestId('who-answer').waitFor() } },
  { name: 'apps', who: 'city.admin', path: '/apps' },
  { name: 'credentials', who: 'city.admin', path: '/credentials' },
  { name: 'audit', who: 'city.auditor', path: '/audit' },
  { name: 'entry', who: 'city.auditor', path: '/audit', act: async (page) => { await first(page, 'audit-open').click(); await page.getByTestId('entry').waitFor() } },
  { name: 'account', who: 'city.admin', path: '/account' },
  { name: 'sorry', who: 'village.worker', path: '/audit' },
  { name: 'menu', who: 'city.admin', path: '/desk', hand: true, act: (page) => page.getByTestId('menu').click() },
  { name: 'chip', who: 'town.operator', path: '/desk', act: (page) => page.getByTestId('person').click() },
]
await mkdir('shots', { recursive: true })
const chrome = await browser()
const states = new Map()
async function stateOf(who) {
  if (!states.has(who)) {
    const context = await chrome.newContext()
    const page = await context.newPage()
    await page.goto(base + '/sign-in')
    await page.getByTestId('login').fill(who)
    await page.getByTestId('password').fill(passwords.get(who))
    await page.getByTestId('signin-do').click()
    await page.getByTestId('desk').waitFor()
    states.set(who, await context.storageState())
    await context.close()
  }
  return states.get(who)
}
for (const shot of pages.filter((s) => only.split(',').some((o) => s.name.startsWith(o)))) {
  for (const [size, width, height] of [['desk', 1920, 1080], ['hand', 390, 844]]) {
    if (shot.hand && size !== 'hand') continue
    for (const l of ['zh', 'en'].filter((x) => !lang || x === lang)) {
      const context = await chrome.newContext({ viewport: { width, height }, ...(shot.who ? { storageState: await stateOf(shot.who) } : {}) })
      const page = await context.newPage()
      page.on('console', (m) => { if (m.type() === 'error' || m.type() === 'warning') console.log(shot.name, m.type(), m.text().slice(0, 300)) })
      page.on('pageerror', (e) => console.log(shot.name, 'error', e.message))
      const name = `shots/${shot.name}-${size}-${l}.png`
      try {
        await page.goto(`${base}${shot.path}${shot.path.includes('?') ? '&' : '?'}lang=${l}`, { waitUntil: 'networkidle' })
        await shot.act?.(page)
        await page.waitForTimeout(700) // for a person's eye: the transitions are over
        await page.screenshot({ path: name })
        const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
        console.log(name, over > 0 ? `wider than the page by ${over}` : '')
      } catch (error) {
        console.log(name, 'failed:', String(error).slice(0, 200))
        await page.screenshot({ path: name })
      }
      await context.close()
    }
  }
}
await chrome.close()
