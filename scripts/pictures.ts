import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { openBrowser } from './browser/chromium.ts'
import { keepLocalnet, type KeptLocalnet } from './browser/kept-localnet.ts'

/** What is pictured: a page at a node, by day or by night, after something was done on it. */
type Picture = {
  readonly name: string
  readonly node: string
  readonly page: string
  readonly scheme: 'light' | 'dark'
  readonly heightPixels: number
  /** Text that shows that the page has all it asks for. */
  readonly seen: string | RegExp
  readonly before?: (page: Page) => Promise<void>
}

const widthPixels = 1180
const run = promisify(execFile)
const place = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const folder = place('../node/dashboard/pictures/')

const pictures: readonly Picture[] = [
  {
    name: 'energy',
    node: 'sage',
    page: 'energy',
    scheme: 'light',
    heightPixels: 1050,
    seen: /held by others/,
  },
  {
    name: 'trade-dark',
    node: 'loom',
    page: 'trade',
    scheme: 'dark',
    heightPixels: 800,
    seen: 'code review, two hours',
    before: (page) => page.getByRole('button', { name: 'Backing of sage' }).click(),
  },
  {
    name: 'trust',
    node: 'sage',
    page: 'trust',
    scheme: 'light',
    heightPixels: 1180,
    seen: /arrows? say/,
  },
]

async function society(localnet: KeptLocalnet, name: string, ...args: string[]): Promise<string> {
  const directory = localnet.nodes.get(name)?.directory ?? ''
  const all = [place('../node/main.ts'), ...args, '--json', '--dir', directory]
  const { stdout } = await run(process.execPath, all)
  return stdout
}

async function take(localnet: KeptLocalnet, browser: Browser, picture: Picture): Promise<void> {
  const { name, node, page: path, scheme, heightPixels, seen, before } = picture
  const { url } = JSON.parse(await society(localnet, node, 'dashboard')) as { url: string }
  const viewport = { width: widthPixels, height: heightPixels }
  const context = await browser.newContext({ viewport, colorScheme: scheme })
  const page = await context.newPage()
  await page.goto(url)
  await page.getByRole('link', { name: 'Health' }).click()
  await page.goto(new URL(`/#/${path}`, url).href)
  await page.getByText(seen).first().waitFor()
  await before?.(page)
  await page.mouse.move(widthPixels - 1, 1)
  // Drawings come in a moment after what they show.
  await page.waitForTimeout(2_000)
  await page.screenshot({ path: `${folder}${name}.png` })
  await context.close()
}

async function takePictures(): Promise<void> {
  await run(process.execPath, [place('./dashboard.ts')])
  await mkdir(folder, { recursive: true })
  const [localnet, browser] = await Promise.all([keepLocalnet(), openBrowser()])
  try {
    const service = 'code review, two hours'
    await society(localnet, 'sage', 'trade', 'offer', '120', '--price', '1.1', '--service', service)
    for (const picture of pictures) await take(localnet, browser, picture)
  } finally {
    await browser.close()
    await localnet.close()
  }
}

await takePictures()
