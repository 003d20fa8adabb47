import { multiaddr } from '@multiformats/multiaddr'
import {
  formatMilli,
  foundingMilliAdpMax,
  isTestFederation,
  parseMilli,
} from '../../protocol/index.ts'
import { Failure } from '../../src/index.ts'
import { parseTimeServer } from '../clock/parse-time-server.ts'
import { watchMinutesDefault } from '../renewal/limits.ts'
import { readTextFile } from '../store/durable-file.ts'
import { isAllowEntry } from '../witness/allowed.ts'
import { checkConfig, type Config, type ConfigProblem, type GivenConfig } from './config-schema.ts'
import { nodeFiles } from './directory.ts'
import { configBytesMax, problemsMax } from './limits.ts'
import { parseYaml } from './yaml-source.ts'

/** What an operator decides about a node. */
export type { Config } from './config-schema.ts'

/** What holds where `config.yaml` says nothing. */
export const defaultConfig: Omit<Config, 'name' | 'federation'> = {
  network: {
    listen: ['/ip4/0.0.0.0/tcp/0'],
    announce: [],
    bootstrap: [],
    mdns: true,
    webSockets: false,
    maxConnections: 100,
  },
  api: { host: '127.0.0.1', port: 0 },
  policy: {},
  founding: { adp: '0' },
  automation: { manual: false },
  cosign: { worker: 'known', beneficiary: 'ask' },
  history: { keep: 'all' },
  renewal: { watchMinutes: watchMinutesDefault },
  clock: { sntp: [], aheadSeconds: 0 },
  witness: {
    looks: true,
    asks: true,
    allow: [],
    samples: 4,
    gapSeconds: 15,
    relaySealed: false,
  },
  devices: { makers: [], certificate: '', key: '' },
  log: { level: 'info' },
}

/** Founding ADP in its one spelling; undefined where it is no such amount. */
function foundingAdp(given: GivenConfig): string | undefined {
  const milli = parseMilli(given.founding?.adp ?? defaultConfig.founding.adp, 'adp', true)
  return typeof milli === 'number' && milli <= foundingMilliAdpMax ? formatMilli(milli) : undefined
}

function isMultiaddr(text: string, withPeer: boolean): boolean {
  try {
    const components = multiaddr(text).getComponents()
    return components.length > 0 && (!withPeer || components.some(({ name }) => name === 'p2p'))
  } catch {
    return false
  }
}

function isTimeServer(text: string): boolean {
  try {
    parseTimeServer(text)
    return true
  } catch {
    return false
  }
}

/** What the schema cannot tell: addresses and amounts. */
function problemsOfMeaning(given: GivenConfig, adp: string | undefined): ConfigProblem[] {
  const problems: ConfigProblem[] = []
  for (const list of ['listen', 'announce', 'bootstrap'] as const) {
    const withPeer = list === 'bootstrap'
    const example = withPeer ? '/ip4/192.0.2.7/tcp/4100/p2p/12D3...' : '/ip4/0.0.0.0/tcp/4100'
    for (const [index, text] of (given.network?.[list] ?? []).entries()) {
      if (isMultiaddr(text, withPeer)) continue
      const what = `is '${text}'; it must be a multiaddr such as ${example}`
      problems.push({ path: ['network', list, String(index)], what })
    }
  }
  for (const [index, text] of (given.clock?.sntp ?? []).entries()) {
    if (isTimeServer(text)) continue
    const what = `is '${text}'; it must be HOST or HOST:PORT, such as ntp.example`
    problems.push({ path: ['clock', 'sntp', String(index)], what })
  }
  const path = ['clock', 'aheadSeconds']
  if ((given.clock?.aheadSeconds ?? 0) > 0) {
    if (!isTestFederation(given.federation)) {
      problems.push({ path, what: 'must be 0: only a federation named test-... may set it' })
    }
    if ((given.clock?.sntp ?? []).length > 0) {
      problems.push({ path, what: 'must be 0 where clock.sntp names servers of the true time' })
    }
  }
  for (const [index, text] of (given.witness?.allow ?? []).entries()) {
    if (isAllowEntry(text)) continue
    const what = `is '${text}'; it must be HOST:PORT or CIDR:PORT, such as 10.1.0.0/16:502`
    problems.push({ path: ['witness', 'allow', String(index)], what })
  }
  if (adp === undefined) {
    const most = formatMilli(foundingMilliAdpMax)
    const what = `must be an amount from 0 to ${most} with at most three decimal places`
    problems.push({ path: ['founding', 'adp'], what })
  }
  return problems
}

function malformed(problems: readonly string[]): Failure {
  const more = problems.length - problemsMax
  const told = problems.slice(0, problemsMax)
  if (more > 0) told.push(`and ${more} more`)
  return new Failure('malformed', told.join('\n'))
}

/**
 * Reads the text of a `config.yaml`; `path` is for messages. Whatever is wrong: `malformed`, a
 * line for each problem with file, line, key and what to write there.
 */
export function parseConfig(text: string, path: string): Config {
  const source = parseYaml(text, path)
  if (source.problems.length > 0) throw malformed(source.problems)
  const checked = checkConfig(source.value)
  const given = 'given' in checked ? checked.given : undefined
  const adp = given && foundingAdp(given)
  const problems = 'given' in checked ? problemsOfMeaning(checked.given, adp) : checked.problems
  if (given === undefined || adp === undefined || problems.length > 0) {
    const placed = problems.map(({ path: at, what }) => ({
      line: source.lineOf(at),
      text: `${at.join('.') || 'the file'} ${what}`,
    }))
    placed.sort((a, b) => a.line - b.line)
    throw malformed(placed.map(({ line, text: told }) => `${path}:${line}: ${told}`))
  }
  return {
    name: given.name,
    federation: given.federation,
    network: { ...defaultConfig.network, ...given.network },
    api: { ...defaultConfig.api, ...given.api },
    policy: { ...given.policy },
    founding: { adp },
    automation: { ...defaultConfig.automation, ...given.automation },
    cosign: { ...defaultConfig.cosign, ...given.cosign },
    history: { ...defaultConfig.history, ...given.history },
    renewal: { ...defaultConfig.renewal, ...given.renewal },
    clock: { ...defaultConfig.clock, ...given.clock },
    witness: { ...defaultConfig.witness, ...given.witness },
    devices: { ...defaultConfig.devices, ...given.devices },
    log: { ...defaultConfig.log, ...given.log },
  }
}

/** Reads `config.yaml` of a node's directory; as `parseConfig`, and `malformed` without one. */
export async function loadConfig(directory: string): Promise<Config> {
  const path = nodeFiles(directory).config
  const text = await readTextFile(path, configBytesMax)
  if (text !== undefined) return parseConfig(text, path)
  throw new Failure('malformed', `There is no ${path}; make a node with 'society init'.`)
}
