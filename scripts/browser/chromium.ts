import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'

/** Where browsers are installed: what the environment names goes first. */
const places: readonly string[] = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** Longest time that an installation may take, in ms. */
const installMsMax = 300_000

const flags: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--enable-unsafe-swiftshader',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

const installed = (): string | undefined =>
  [process.env['CHROMIUM_PATH'] ?? '', ...places].find((path) => path !== '' && existsSync(path))

/** Debian's package, where this machine has such packages and lets us. */
function install(): void {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return
  const options = { stdio: 'ignore', timeout: installMsMax } as const
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  try {
    execFileSync('apt-get', ['update', '-q'], { ...options, env: environment })
    const asked = ['install', '-y', '-q', '--no-install-recommends', 'chromium']
    execFileSync('apt-get', asked, { ...options, env: environment })
  } catch {
    // Whether there is a browser now is looked at next; without one it is said what to do.
  }
}

/** Path of a Chromium: an installed one, else Debian's package is installed. */
function chromiumPath(): string {
  const found = installed()
  if (found !== undefined) return found
  install()
  const path = installed()
  if (path !== undefined) return path
  throw new TypeError(
    'There is no Chromium here. Install one (Debian: apt-get install chromium), ' +
      'or name it by CHROMIUM_PATH.',
  )
}

/** A Chromium without a window and with a profile of its own, which goes with it. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath(), args: [...flags] })
}
