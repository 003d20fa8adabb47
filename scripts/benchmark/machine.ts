import { readFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'

/** What the figures were measured on and with. */
export type Machine = {
  readonly cpu: string
  readonly cores: number
  readonly memoryMegabytes: number
  /** Processes that wanted to run, the mean of the last minute, before and after. */
  readonly load: { readonly before: number; readonly after: number }
  readonly versions: Readonly<Record<string, string>>
  readonly rounds: number
}

const packages = [
  '@automerge/automerge',
  '@libp2p/gossipsub',
  '@noble/ed25519',
  'classic-level',
  'level',
  'libp2p',
]

function versionOf(name: string): string {
  const file = new URL(`../../node_modules/${name}/package.json`, import.meta.url)
  return String((JSON.parse(readFileSync(file, 'utf8')) as { version?: string }).version)
}

/** The load of the last minute. */
export function loadNow(): number {
  return loadavg()[0] ?? Number.NaN
}

/** Tells what was measured on; `others` are versions of peers. */
export function machineOf(
  rounds: number,
  loadBefore: number,
  others: Readonly<Record<string, string>> = {},
): Machine {
  const processors = cpus()
  const { node, openssl, v8 } = process.versions
  const versions = Object.fromEntries(packages.map((name) => [name, versionOf(name)]))
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryMegabytes: Math.round(totalmem() / 1_048_576),
    load: { before: loadBefore, after: loadNow() },
    versions: { node, openssl, v8, ...versions, ...others },
    rounds,
  }
}
