// The pages of the office in a real browser: who may do what, given and taken
// back by people who press buttons.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { browser } from './browser.mjs'
import { base, signIn } from './server.mjs'

const mark = Date.now().toString(36)
const login = `e2e.${mark}`
const name = `测试员${mark}`
const chosen = `a sentence nobody guesses ${mark}`
let chrome

before(async () => { chrome = await browser() })
after(() => chrome?.close())

const passwordOf = (who) => readFileSync(process.env.ONECITY_PEOPLE, 'utf8').split('\n').find((l) => l.startsWith(who + ' ')).split(/\s+/)[1]

/** A page of somebody's browser, which notes what went wrong in it; without a login nobody's. */
async function open(path, as, size = { width: 1440, height: 900 }) {
  const context = await chrome.newContext({ viewport: size, acceptDownloads: true })
  if (as) await signIn(context, as)
  const page = await context.newPage()
  page.setDefaultTimeout(30_000)
  page.faults = []
  page.asked = []
  page.on('pageerror', (e) => page.faults.push(e.message))
  page.on('console', (m) => { if (/Content Security Policy|\[Vue warn\]/.test(m.text())) page.faults.push(m.text()) })
  page.on('request', (r) => page.asked.push(new URL(r.url()).pathname))
  await page.goto(base + path)
  return page
}
async function fillIn(page, who, password) {
  await page.getByTestId('login').fill(who)
  await page.getByTestId('password').fill(password)
  await page.getByTestId('signin-do').click()
}
/** Chooses in one of Element Plus's lists what says so. */
async function choose(page, list, words) {
  await list.click()
  await list.locator('input').first().fill(words)
  await page.locator('.el-select-dropdown__item:visible').filter({ hasText: words }).first().click()
}

describe('the sign-in', () => {
  test('stands before every page, asks the city nothing, says what is wrong, and leads to where one wanted to go', async () => {
    const page = await open('/audit')
    await page.getByTestId('signin-password').waitFor()
    assert.match(page.url(), /\/sign-in\?next=%2Faudit$/)
    await fillIn(page, 'city.auditor', 'not-the-password')
    await page.getByTestId('signin-said').waitFor()
    assert.match(await page.getByTestId('signin-said').innerText(), /不正确/)
    const city = page.asked.filter((p) => p.startsWith('/api/') && !/^\/api\/v1\/(me|sign-in)/.test(p))
    assert.deepEqual(city, [], 'asked before the sign-in')
    await fillIn(page, 'city.auditor', passwordOf('city.auditor'))
    await page.getByTestId('audit-table').waitFor()
    assert.equal(new URL(page.url()).pathname, '/audit')
    assert.deepEqual(page.faults, [])
    await page.context().close()
  })

  test('leads to no other site', async () => {
    const page = await open('/sign-in?next=https%3A%2F%2Felsewhere.example%2F')
    await fillIn(page, 'city.auditor', passwordOf('city.auditor'))
    await page.getByTestId('desk').waitFor()
    await page.context().close()
  })
})

describe('what is open to whom', () => {
  test('a village’s worker sees no log, and is told what is missing', async () => {
    const page = await open('/audit', 'village.worker')
    assert.match(await page.getByTestId('sorry').innerText(), /缺少权限：查看审计记录/)
    const places = await page.getByTestId('office-nav').locator('a').allInnerTexts()
    assert.ok(!places.includes('审计') && places.includes('工作台'), places.join())
    assert.deepEqual(page.faults, [])
    await page.context().close()
  })

  test('a town’s operator’s screen begins in the town', async () => {
    const page = await open('/', 'town.operator')
    const pressed = page.getByTestId('districts').locator('[aria-pressed=true]')
    await pressed.waitFor()
    assert.match(await pressed.getAttribute('data-code'), /^\d{9}$/)
    await page.getByTestId('person').click()
    assert.match(await page.getByTestId('person-menu').innerText(), /陈思远/)
    await page.context().close()
  })
})

describe('a new person', () => {
  let admin
  let first = ''
  before(async () => { admin = await open('/people', 'city.admin') })
  after(async () => {
    assert.deepEqual(admin.faults, [])
    await admin.context().close()
  })

  test('is added, and has a first password that is shown once', async () => {
    await admin.getByTestId('person-add').click()
    await admin.getByTestId('person-name').fill(name)
    await admin.getByTestId('person-login').fill(login)
    await admin.getByTestId('person-dialog').getByTestId('org-picker').click()
    await admin.locator('.el-select-dropdown:visible .el-tree-node__content').nth(1).click()
    await admin.getByTestId('person-save').click()
    await admin.getByTestId('person-dialog').waitFor({ state: 'detached' })
    await admin.getByTestId('person-find').fill(login)
    await admin.getByTestId(`reset-${login}`).click()
    await admin.getByTestId('why-reason').fill('首次开通')
    await admin.getByTestId('why-go').click()
    first = await admin.getByTestId('once-value').nth(1).innerText()
    assert.ok(first.length >= 12)
    await admin.getByTestId('once-close').click()
    assert.equal(await admin.getByTestId('once-value').count(), 0)
  })

  test('is given a role, and who-can-see-this says by which', async () => {
    await admin.goto(base + '/roles')
    await admin.getByTestId('grant').click()
    const dialog = admin.getByTestId('grant-dialog')
    await choose(admin, dialog.getByTestId('person-picker'), login)
    await choose(admin, dialog.getByTestId('grant-role'), '指挥中心值班员')
    await dialog.getByTestId('region-picker').click()
    await admin.locator('.el-select-dropdown:visible .el-tree-node__content').nth(1).click()
    await dialog.getByTestId('grant-why').fill('汛期值班')
    await dialog.getByTestId('grant-go').click()
    await dialog.waitFor({ state: 'detached' })
    await admin.getByTestId('binding-table').getByText('汛期值班').first().waitFor()

    await admin.getByTestId('tab-who').click()
    await admin.getByTestId('who').getByTestId('region-picker').click()
    await admin.locator('.el-select-dropdown:visible .el-tree-node__content').nth(1).click()
    const row = admin.getByTestId('who-table').locator('tr').filter({ hasText: name })
    await row.waitFor()
    assert.match(await row.innerText(), /指挥中心值班员/)
    await choose(admin, admin.getByTestId('who').getByTestId('person-picker'), login)
    await admin.getByTestId('verdict').waitFor()
    assert.match(await admin.getByTestId('verdict').innerText(), /^可以[\s\S]*指挥中心值班员/)
  })

  test('must choose a password of their own, then has a desk with the role', async () => {
    const page = await open('/sign-in')
    await fillIn(page, login, first)
    await page.getByTestId('signin-new').waitFor()
    await page.getByTestId('new').fill(chosen)
    await page.getByTestId('again').fill(chosen)
    await page.getByTestId('signin-new').locator('.primary').click()
    await page.getByTestId('desk').waitFor()
    assert.match(await page.getByTestId('my-roles').innerText(), /指挥中心值班员/)
    assert.deepEqual(page.faults, [])

    // Taken back by the administrator while the page is open.
    await page.goto(base + '/')
    await page.getByTestId('screen').waitFor()
    await admin.getByTestId('tab-bindings').click()
    await choose(admin, admin.getByTestId('binding-table').locator('xpath=..').getByTestId('person-picker'), login)
    const mine = admin.getByTestId('binding-table').locator('tr').filter({ hasText: name })
    await mine.getByRole('button', { name: '撤销' }).click()
    await admin.getByTestId('why-reason').fill('汛期结束')
    await admin.getByTestId('why-go').click()
    await mine.waitFor({ state: 'detached' })
    // The live line ends, and nothing of the city is left to see: there is still the desk.
    await page.getByTestId('desk').waitFor()
    assert.match(await page.getByTestId('my-roles').locator('..').innerText(), /还没有任何授权/)
    await page.context().close()
  })

  test('is in the log, with reasons and a proof', async () => {
    const page = await open('/audit', 'city.auditor')
    await page.getByTestId('audit-text').fill('汛期结束')
    await page.getByTestId('audit-search').click()
    await page.getByTestId('audit-table').locator('tbody tr').filter({ hasText: '撤销角色' }).filter({ hasText: '汛期结束' }).first().waitFor()
    // The newest may not be sealed yet: the oldest is.
    await page.getByTestId('audit-text').fill('首次口令')
    await page.getByTestId('audit-search').click()
    await page.getByTestId('audit-table').locator('tbody tr').filter({ hasText: '首次口令' }).first().click()
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('proof').click()])
    const proof = JSON.parse(await readFile(await download.path(), 'utf8'))
    assert.ok(Object.keys(proof).length > 2, JSON.stringify(proof).slice(0, 200))
    assert.deepEqual(page.faults, [])
    await page.context().close()
  })
})

describe('organisations', () => {
  test('go out as a workbook, and come in again as they are, after a dry run', async () => {
    const page = await open('/orgs', 'city.admin')
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('org-export').click()])
    const workbook = { name: 'orgs.xlsx', mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', buffer: await readFile(await download.path()) }
    await page.getByTestId('org-import').click()
    await page.getByTestId('org-file').setInputFiles({ ...workbook, buffer: Buffer.from('no workbook') })
    await page.getByRole('dialog').getByRole('alert').waitFor()
    await page.getByTestId('org-file').setInputFiles(workbook)
    await page.getByTestId('org-sheet').first().waitFor()
    assert.match(await page.getByTestId('org-sheet').first().innerText(), /新增 0，修改 0/)
    await page.getByTestId('org-import-do').click()
    await page.getByText('已导入').waitFor()
    assert.deepEqual(page.faults, [])
    await page.context().close()
  })

  test('show a red dot where one of the three ones is missing, until it is filled', async () => {
    const page = await open('/orgs?gaps=true', 'city.admin')
    const row = page.getByTestId('org-tree').locator('.el-tree-node__content').filter({ hasText: '水务局' })
    await row.click()
    const vacant = page.getByTestId('three-ones').locator('li.vacant')
    await page.getByTestId('three-ones').locator('li').first().waitFor()
    const before = await vacant.count()
    await page.getByTestId('appoint-leader').click()
    await choose(page, page.getByTestId('appoint').getByTestId('person-picker'), '沈一鸣')
    await page.getByTestId('appoint-go').click()
    await page.getByTestId('three-ones').getByText('沈一鸣').waitFor()
    if (before === 3) assert.equal(await vacant.count(), 2)
    assert.deepEqual(page.faults, [])
    await page.context().close()
  })
})

describe('an application', () => {
  test('is registered, shows its secret once and its way as a drawing', async () => {
    const page = await open('/apps', 'city.admin')
    await page.getByTestId('app-add').click()
    await page.getByTestId('app-zh').fill(`防汛系统${mark}`)
    await page.getByTestId('app-id').fill(`flood-${mark}`)
    await page.getByTestId('app-contact').fill('王工')
    await page.getByTestId('app-redirects').fill('https://flood.example.cn/callback')
    await page.getByTestId('app-save').click()
    assert.equal(await page.getByTestId('once-value').first().innerText(), `flood-${mark}`)
    await page.getByTestId('once-close').click()
    const drawing = page.getByTestId('app-machine')
    await drawing.waitFor()
    await page.waitForFunction(() => (document.querySelector('[data-testid=app-machine]')?.naturalWidth ?? 0) > 0)
    assert.match(await page.getByTestId('app-card').innerText(), /草拟/)
    assert.deepEqual(page.faults, [])
    await page.context().close()
  })
})

/** The code of an authenticator app at this moment (RFC 6238: SHA-1, 30 s, 6 digits). */
function codeOf(secret) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = [...secret.replace(/\s/g, '')].map((c) => alphabet.indexOf(c).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)))
  const mac = createHmac('sha1', key).update(counter).digest()
  return String((mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff) % 1e6).padStart(6, '0')
}

/** Adds a passkey and signs in with it alone. Passkeys belong to a name: not to be had at a number. */
async function passkey(page) {
  const protocol = await page.context().newCDPSession(page)
  await protocol.send('WebAuthn.enable')
  await protocol.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  })
  await page.goto(base + '/account')
  await page.getByTestId('passkey-add').click()
  await page.getByText('从未使用').waitFor()
  await page.getByTestId('person').click()
  await page.getByTestId('sign-out').click()
  await page.getByTestId('signin-passkey').click()
  await page.getByTestId('desk').waitFor()
  assert.match(await page.getByTestId('person').innerText(), new RegExp(name))
}

describe('one’s own account', () => {
  test('takes a second factor, which is asked for from then on; a recovery code does instead', async () => {
    const page = await open('/sign-in?next=/account')
    await fillIn(page, login, chosen)
    await page.getByTestId('totp-set').click()
    const secret = await page.getByTestId('totp-secret').innerText()
    await page.getByTestId('totp-form').getByTestId('code').fill(codeOf(secret))
    await page.getByTestId('recovery-codes').waitFor()
    const codes = await page.getByTestId('recovery-codes').locator('code').allInnerTexts()
    assert.ok(codes.length >= 8, codes.join())
    await page.getByTestId('codes-kept').click()
    await page.getByText('身份验证器应用已启用').waitFor()
    await page.getByTestId('person').click()
    await page.getByTestId('sign-out').click()
    await fillIn(page, login, chosen)
    await page.getByTestId('signin-totp').waitFor()
    await page.getByTestId('code').fill('000000')
    await page.getByTestId('signin-said').waitFor()
    await page.locator('.link').first().click()
    await page.getByTestId('code').fill(codes[0])
    await page.getByTestId('signin-totp').locator('.primary').click()
    await page.getByTestId('desk').waitFor()
    if (!/\d$/.test(new URL(base).hostname)) await passkey(page)
    assert.deepEqual(page.faults, [])
    await page.context().close()
  })

  test('ends with the way out, in every tab', async () => {
    const page = await open('/account', 'village.viewer')
    await page.getByTestId('factors').waitFor()
    await page.getByTestId('person').click()
    await page.getByTestId('sign-out').click()
    await page.getByTestId('signin-password').waitFor()
    await page.goto(base + '/desk')
    await page.getByTestId('signin-password').waitFor()
    assert.deepEqual(page.faults, [])
    await page.context().close()
  })
})
