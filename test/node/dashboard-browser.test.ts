import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { AxeResults } from 'axe-core'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser } from '../../scripts/browser/chromium.ts'
import { keepLocalnet, type KeptLocalnet } from '../../scripts/browser/kept-localnet.ts'

const setupMsMax = 400_000
const seenMsMax = 20_000
const root = join(import.meta.dirname, '../..')
const run = promisify(execFile)
const axe = readFileSync(join(root, 'node_modules/axe-core/axe.min.js'), 'utf8')

let localnet: KeptLocalnet
let browser: Browser
let sage: Page
let loom: Page
/** What pages complained about, and what they asked of others than their node. */
const complaints: string[] = []

/** Runs a command of the CLI for a node; answers its JSON. */
async function society(name: string, ...args: readonly string[]): Promise<Record<string, unknown>> {
  const directory = localnet.nodes.get(name)?.directory ?? ''
  const main = join(root, 'node/main.ts')
  const { stdout } = await run(process.execPath, [main, ...args, '--json', '--dir', directory])
  return JSON.parse(stdout) as Record<string, unknown>
}

/** A window of its own, without anything that another one knows. */
async function openWindow(address: string, scheme: 'light' | 'dark' = 'light'): Promise<Page> {
  const context = await browser.newContext({ colorScheme: scheme })
  context.setDefaultTimeout(seenMsMax)
  const page = await context.newPage()
  const { origin } = new URL(address)
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  page.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(origin) && !url.startsWith('data:')) complaints.push(url)
  })
  await page.goto(address)
  return page
}

const dashboardOf = (name: string): string => localnet.nodes.get(name)?.dashboard ?? ''

async function show(page: Page, title: string): Promise<void> {
  await page.getByRole('link', { name: title, exact: true }).click()
  await page.getByRole('heading', { level: 1, name: title }).waitFor()
}

const see = (page: Page, text: string | RegExp): Promise<void> =>
  page.getByText(text).filter({ visible: true }).first().waitFor()

/** Serious and critical findings of axe-core, with every form opened. */
async function faultsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
  await page.evaluate(axe)
  const { violations } = await page.evaluate<AxeResults>('axe.run()')
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`))
}

beforeAll(async () => {
  await run(process.execPath, [join(root, 'scripts/dashboard.ts')])
  ;[browser, localnet] = await Promise.all([openBrowser(), keepLocalnet()])
  ;[sage, loom] = await Promise.all([
    openWindow(dashboardOf('sage')),
    openWindow(dashboardOf('loom')),
  ])
}, setupMsMax)

afterAll(async () => {
  await browser?.close()
  await localnet?.close()
}, setupMsMax)

const pages: readonly (readonly [title: string, seen: readonly (string | RegExp)[]])[] = [
  ['Energy', ['5,000 W', 'seen by two witnesses too', /held by others/, /ATP went from/]],
  ['Work', ['Nobody waits.', 'Tickets of this society']],
  ['Trade', ['Offers of others', 'settled, claimed']],
  ['Trust', [/Why \w+ has 0\.\d\d/, /arrows? say/, 'Vouch for a newcomer']],
  ['Ledger', ['trade.settle', 'signed, valid', /pool #\d+, after #/]],
  ['Network', ['oak', /of \d+ changes/, 'connected']],
  ['Health', ['Nothing needs you.', /will be|Measured again/, 'All history is kept']],
]

describe('the dashboard of a node of a living network', () => {
  it.each(pages)('%s shows what there is, to everybody', async (title, seen) => {
    await show(sage, title)
    for (const text of seen) await see(sage, text)
    await see(sage, /^live/)
    expect(await faultsOf(sage)).toEqual([])
  })

  it('is as legible in the dark, and to those who may only look', async () => {
    const { url, access } = await society('sage', 'dashboard', '--read')
    expect(access).toBe('read')
    const page = await openWindow(String(url), 'dark')
    for (const [title, [first = '']] of pages) {
      await show(page, title)
      await see(page, first)
      expect({ title, faults: await faultsOf(page) }).toEqual({ title, faults: [] })
    }
    await see(page, /read only/)
    await show(page, 'Energy')
    await page.getByText('Charge ATP', { exact: true }).click()
    expect(await page.getByRole('button', { name: 'Charge' }).isDisabled()).toBe(true)
    await page.context().close()
  })

  it('is not opened twice by one code, and says how to go in', async () => {
    const page = await openWindow(dashboardOf('sage'))
    await see(page, /used already/)
    await see(page, 'society dashboard')
    expect(await faultsOf(page)).toEqual([])
    await page.context().close()
    // A browser tells of each answer that refuses.
    const told = complaints.splice(0).filter((text) => !text.includes('401'))
    expect(told).toEqual([])
  })

  it('shows what happens without being asked again', async () => {
    await show(sage, 'Energy')
    const { energy } = (await society('sage', 'status')) as {
      energy: { sources: Record<string, unknown> }
    }
    const [source = ''] = Object.keys(energy.sources).filter((id) => id.endsWith('0001'))
    await society('sage', 'charge', '37', '--source', source)
    await see(sage, /^37\sATP$/)
  })

  it('is used with the keyboard alone', async () => {
    await sage.goto(new URL('/#/health', sage.url()).href)
    await sage.reload()
    await see(sage, /^live/)
    const { keyboard } = sage
    const focused = (): Promise<string> =>
      sage.evaluate('document.activeElement.textContent.trim()')
    const goTo = async (wanted: RegExp): Promise<void> => {
      for (let presses = 0; presses < 60; presses++) {
        await keyboard.press('Tab')
        if (wanted.test(await focused())) return
      }
      expect.fail(`the keyboard does not reach ${wanted.source}`)
    }
    await goTo(/^Skip to the content$/)
    await goTo(/^Energy$/)
    await keyboard.press('Enter')
    await sage.getByRole('heading', { level: 1, name: 'Energy' }).waitFor()
    expect(await focused()).toBe('Energy')
    await goTo(/^Charge ATP$/)
    await keyboard.press('Enter')
    await keyboard.press('Tab')
    await keyboard.type('999999')
    await keyboard.press('Enter')
    const refusal = sage.getByRole('alert')
    await refusal.waitFor()
    expect(await refusal.textContent()).toMatch(
      /Not done\..*the pool holds .* ADP.*insufficient-adp/,
    )
    // A refusal is no fault of the page.
    complaints.splice(0)
  })
})

describe('light and dark', () => {
  const themeOf = (page: Page): Promise<string> =>
    page.evaluate('document.documentElement.dataset.theme')
  const backOf = (page: Page): Promise<string> =>
    page.evaluate('getComputedStyle(document.body).backgroundColor')

  it('are chosen by mouse or keyboard, remembered, and legible', async () => {
    await show(loom, 'Energy')
    const light = await backOf(loom)
    expect(await themeOf(loom)).toBe('light')
    await loom.getByRole('radio', { name: 'Dark' }).check()
    expect(await themeOf(loom)).toBe('dark')
    expect(await backOf(loom)).not.toBe(light)
    expect(await faultsOf(loom)).toEqual([])
    await loom.reload()
    await see(loom, /^live/)
    expect(await themeOf(loom)).toBe('dark')
    expect(await loom.getByRole('radio', { name: 'Dark' }).isChecked()).toBe(true)
    await loom.getByRole('radio', { name: 'Dark' }).focus()
    await loom.keyboard.press('ArrowLeft')
    expect(await themeOf(loom)).toBe('light')
    await loom.keyboard.press('ArrowLeft')
    expect(await loom.getByRole('radio', { name: 'System' }).isChecked()).toBe(true)
    await loom.emulateMedia({ colorScheme: 'dark' })
    await expect.poll(() => themeOf(loom)).toBe('dark')
    await loom.emulateMedia({ colorScheme: 'light' })
    await expect.poll(() => backOf(loom)).toBe(light)
  })
})

describe('two dashboards', () => {
  it('trade with each other, from the offer to its settlement', async () => {
    await show(sage, 'Trade')
    await show(loom, 'Trade')
    await sage.getByText('Offer ATP', { exact: true }).click()
    await sage.getByLabel('Amount in ATP').last().fill('40')
    await sage.getByLabel('Price in ADP per ATP').fill('1.25')
    await sage.getByLabel('Service besides').fill('an evening’s help')
    await sage.getByRole('button', { name: 'Offer', exact: true }).click()
    await see(sage, /It is on disk as record/)

    await see(loom, 'an evening’s help')
    await loom.getByRole('button', { name: 'Backing of sage' }).click()
    await see(loom, 'everything it holds is proven')
    await loom.getByRole('button', { name: /^Accept 40\sATP of sage$/ }).click()

    for (const [page, side] of [
      [sage, 'sold'],
      [loom, 'bought'],
    ] as const) {
      const row = page.getByRole('row').filter({ hasText: /40\sATP/ })
      await row.filter({ hasText: side }).filter({ hasText: 'settled, claimed' }).waitFor()
    }
    await show(loom, 'Energy')
    await see(loom, /^190$/)
    expect(complaints).toEqual([])
  })

  it('settle and decline by hand, where the seller’s node does nothing by itself', async () => {
    const path = join(localnet.nodes.get('sage')?.directory ?? '', 'config.yaml')
    const config = await readFile(path, 'utf8')
    expect(config).toContain('manual: false')
    await writeFile(path, config.replace('manual: false', 'manual: true'))
    await sage.context().close()
    await localnet.command('restart', 'sage')
    const { url } = await society('sage', 'dashboard')
    sage = await openWindow(String(url))
    await show(sage, 'Trade')
    await show(loom, 'Trade')
    for (const [amount, service] of [
      ['7', 'to be settled'],
      ['8', 'to be declined'],
    ] as const) {
      await society('sage', 'trade', 'offer', amount, '--service', service)
      await see(loom, service)
      await loom
        .getByRole('button', { name: new RegExp(`^Accept ${amount}\\sATP of sage$`) })
        .click()
    }
    const waiting = (page: Page, amount: string): Locator =>
      page.getByRole('row').filter({ hasText: new RegExp(`loom.*sage.*${amount}\\sATP`) })
    await waiting(sage, '8').waitFor()
    const answer = (verb: string, amount: string): Promise<void> =>
      sage
        .getByRole('button', { name: new RegExp(`^${verb} ${amount}\\sATP of sage for loom$`) })
        .click()
    // Nothing has moved by itself: both wait for whoever sits here.
    expect(await society('loom', 'status')).toMatchObject({ adp: { escrowed: 15 } })
    await answer('Settle', '7')
    await answer('Decline', '8')
    for (const [page, side] of [
      [sage, 'sold'],
      [loom, 'bought'],
    ] as const) {
      const row = page.getByRole('row').filter({ hasText: new RegExp(`${side}7\\sATP`) })
      await row.filter({ hasText: 'settled, claimed' }).waitFor()
      await waiting(page, '8').waitFor({ state: 'detached' })
    }
    // What was declined is the buyer's again.
    expect(await society('loom', 'status')).toMatchObject({
      adp: { escrowed: 0 },
      atp: { available: 197 },
    })
    expect(complaints.filter((text) => !text.includes('ERR_'))).toEqual([])
  })
})
