import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commands } from '../../node/cli/table.ts'
import type { Diagnosis } from '../../node/doctor/examine.ts'
import type { RunningNode } from '../../node/start.ts'
import { startDevice, stopDevices, type DeviceProcess } from '../support/device-process.ts'
import { startCommands, type ManyCommands } from '../support/many-commands.ts'
import { makeNode, removeNode, runNode, type RealDirectory } from '../support/real-node.ts'
import { measuredSource, measurementOf, until } from './api-fixture.ts'
import { newDirectory } from './cli-fixture.ts'

// Three real nodes: examples are run at home, the others do what the examples presuppose.
const names = ['home', 'sage', 'leaf'] as const
type Name = (typeof names)[number]
const made = new Map<Name, { readonly at: RealDirectory; readonly node: RunningNode }>()
let inverter: DeviceProcess
let battery: DeviceProcess
let cli: ManyCommands
let files = ''
const root = fileURLToPath(new URL('../../', import.meta.url))

const of = (name: Name): { readonly at: RealDirectory; readonly node: RunningNode } => {
  const found = made.get(name)
  expect(found).toBeDefined()
  return found as NonNullable<typeof found>
}

/** Writes a record at another node as soon as what it builds on is there; answers its id. */
async function write(name: Name, kind: string, given: object): Promise<string> {
  let id = ''
  let because: unknown
  await until(`${name} writes ${kind}`, async () => {
    id = await of(name)
      .node.replica.write(kind, given)
      .catch((error: unknown) => ((because = error), ''))
    return id !== ''
  }).catch((error: unknown) => {
    throw new AggregateError([error, because], `${name} cannot write ${kind}: ${String(because)}`)
  })
  return id
}

const policy = { vouchInteractions: 0, vouchBondDays: 0, vouchTrust: 0 }

beforeAll(async () => {
  files = await newDirectory()
  inverter = await startDevice('sunspec-inverter')
  battery = await startDevice('sunspec-battery')
  for (const name of names) {
    const bootstrap = made.get('home')?.node.network.addresses() ?? []
    // At home everything is done by hand, so that the examples find it undone.
    const sections = name === 'home' ? { automation: { manual: true } } : {}
    const at = await makeNode(name, { adp: '5000', bootstrap: [...bootstrap], policy, sections })
    made.set(name, { at, node: await runNode(at) })
  }
  await until('all know each other', () =>
    [...made.values()].every(({ node }) => node.replica.documentHeads().length === 6),
  )
  await of('sage').node.replica.prove({ ...measurementOf(), fields: { rated: 3_000 } })
  cli = startCommands()
})

afterAll(async () => {
  await cli.close()
  for (const { node } of [...made.values()].toReversed()) await node.close()
  for (const { at } of made.values()) await removeNode(at)
  await stopDevices()
})

/** Words of a command line as a shell splits it, up to a pipe, an output or a comment. */
function wordsOf(line: string): readonly string[] {
  const words = line.match(/"[^"]*"|[^\s"]+/g) ?? []
  const end = words.findIndex((word) => /^[|>#]/.test(word))
  return (end < 0 ? words : words.slice(0, end)).map((word) => word.replaceAll('"', ''))
}

/** What stands in examples for what a reader has: by what it stands for here. */
const stands = new Map<string, string>([
  ['oak', 'sage'],
  ['elm', 'leaf'],
  ['loom', 'sage'],
])

/** What an example comes to: the id of its record, an exit code, or the code of a refusal. */
type Outcome = 'done' | 'any' | `refused ${string}`

async function run(example: string): Promise<{ outcome: string; value: unknown }> {
  const [program, ...words] = wordsOf(example)
  expect(program).toBe('society')
  const given = words.map((word) => stands.get(word) ?? word.replaceAll('~/', `${files}/`))
  const args = given.includes('--json') ? given : [...given, '--json']
  const { code, stdout } = await cli.run(args, of('home').at.directory)
  const value: { readonly id?: string; readonly error?: { readonly code: string } } =
    JSON.parse(stdout)
  return { outcome: value.error === undefined ? `${code}` : `refused ${value.error.code}`, value }
}

type Step = {
  readonly example: string
  readonly comes?: Outcome
  /** Brings about what the example presupposes; answers what its words stand for. */
  readonly before?: () => Promise<Readonly<Record<string, string>>>
  /** Under this name the id of its record stands in examples from then on. */
  readonly as?: string
  /** Others have to see it first. */
  readonly eventually?: true
}

const sunspec = async (): Promise<Readonly<Record<string, string>>> => ({
  '192.0.2.7:502': `127.0.0.1:${inverter.port}`,
})
const storage = async (): Promise<Readonly<Record<string, string>>> => ({
  '192.0.2.7:502': `127.0.0.1:${battery.port}`,
})
async function source(): Promise<Readonly<Record<string, string>>> {
  const ids = Object.keys(of('home').node.replica.society().energy.sources)
  const solar = ids.find((id) => id.startsWith('solar:')) ?? ''
  const named = ['solar:sunspec:acme-1', 'solar:sunspec:acme-4711', 'acme-4711', 'solar:sunspec:..']
  return Object.fromEntries([...named, 'solar:sunspec:...'].map((name) => [name, solar]))
}

const steps: readonly Step[] = [
  { example: 'society status --json' },
  { example: 'society status' },
  { example: 'society peers' },
  { example: 'society key show --json' },
  { example: 'society key export ~/society.key' },
  { example: 'society clock' },
  { example: 'society checkpoints --json' },
  { example: 'society checkpoints' },
  { example: 'society checkpoints write' },
  { example: 'society federation members' },
  { example: 'society why sage' },
  { example: 'society doctor --all', comes: 'any' },
  { example: 'society dashboard --read' },
  { example: 'society completion bash > /etc/bash_completion.d/society' },
  { example: 'society man | man -l -' },
  { example: 'society prove solar --sunspec 192.0.2.7:502', before: sunspec },
  { example: 'society prove battery --sunspec 192.0.2.7:502', before: storage },
  { example: 'society prove wind --sunspec 192.0.2.7:502', before: sunspec, comes: 'any' },
  { example: 'society prove compute --nvml', comes: 'any' },
  { example: 'society prove grid --p1 192.0.2.9:23', comes: 'any', before: nothingThere },
  { example: 'society prove human', comes: 'any' },
  { example: 'society sources' },
  { example: 'society charge 2000 --source solar:sunspec:...', before: source },
  { example: 'society charge 100 --source solar:sunspec:...', before: source },
  { example: 'society charge 100 --source solar:sunspec:acme-4711 --lifetime 2' },
  { example: 'society request 200 --to sage --urgency 0.8', as: '4e9b7d' },
  { example: 'society queue --society sage' },
  { example: 'society queue 4e9b7d', eventually: true },
  // One an hour is what sage allows whom it knows as little as home.
  { example: 'society request 200 --to sage', comes: 'refused rate-limited' },
  {
    example: 'society work allocate 200 --worker oak --description "index the archive"',
    as: '4e9b7d',
  },
  { example: 'society work confirm 4e9b7d... --quality 0.9', before: whole('4e9b7d...') },
  {
    example: 'society work complete 4e9b7d --quality 0.9 --consumed 47',
    as: '7c02e5',
    eventually: true,
  },
  { example: 'society work disown 7c02e5' },
  { example: 'society work allocate 100 --worker sage', as: '4e9b7d' },
  { example: 'society work fail 4e9b7d --reason "disk full"' },
  { example: 'society work list --worker leaf' },
  { example: 'society work list --worker home' },
  { example: 'society federation admit leaf', comes: 'any' },
  {
    example: 'society citizen admit leaf',
    before: async () => (await write('leaf', 'citizenship.apply', { parent: 'home' }), {}),
    eventually: true,
  },
  { example: 'society grant 300 --to leaf', as: '37b2d7' },
  { example: 'society revoke 37b2d7' },
  { example: 'society citizen apply sage' },
  {
    example: 'society citizen leave',
    before: async () => (await write('sage', 'citizenship.admit', { child: 'home' }), {}),
    eventually: true,
  },
  { example: 'society trade offer 200 --price 1.25 --service "code review"', as: 'offer' },
  { example: 'society trade list --json' },
  { example: 'society trade settle 586443', before: accepted, eventually: true },
  { example: 'society trade decline 586443', before: accepted, eventually: true },
  { example: 'society trade cancel 8ee90e', before: ownOffer },
  { example: 'society trade accept 8ee90e --amount 50', before: offered, eventually: true },
  { example: 'society trust leaf' },
  { example: 'society trust sage' },
  { example: 'society bond commit acme-4711 --lock 90', before: source },
  { example: 'society bond list --society sage' },
  { example: 'society bond commit solar:sunspec:..', comes: 'refused bond-exists' },
  { example: 'society bond fulfil', comes: 'any' },
  {
    example: 'society vouch give 100 --to leaf --days 30 --endorser oak --endorser elm',
    comes: 'any',
  },
  { example: 'society vouch give 100 --to leaf' },
  { example: 'society vouch accept 9c41d0', before: vouched, eventually: true },
  { example: 'society vouch list --society leaf' },
  { example: 'society bond abandon' },
  { example: 'society history sage --at 2026-06-21T12:00:00Z', before: today, comes: 'any' },
  { example: 'society history sage --at 2026-06-21', comes: 'any' },
  { example: 'society backing sage' },
  { example: 'society backing loom --export loom.backing', before: inFiles, comes: 'any' },
  { example: 'society verify loom.backing --max-age 24', comes: 'any' },
  { example: 'society simulate test/scenarios/01-charge-and-work.yaml --seed 7', before: scenario },
  { example: 'society witnesses' },
  // Of the four two are missing here.
  { example: 'society witnesses appoint sage leaf oak elm', comes: 'refused malformed' },
  { example: 'society backup ~/society.backup' },
  { example: 'society backup verify ~/society.backup' },
  { example: 'society restore ~/society.backup --dir ~/.society' },
  { example: 'society resume' },
  { example: 'society retire solar:sunspec:acme-1', before: source, comes: 'any' },
  { example: 'society log' },
  {
    example: 'society start --dir ~/.society',
    comes: 'refused directory-in-use',
    before: ownDirectory,
  },
  {
    example: 'society init --name home --federation test-home --adp 1000',
    comes: 'refused directory-in-use',
  },
]

async function nothingThere(): Promise<Readonly<Record<string, string>>> {
  return { '192.0.2.9:23': '127.0.0.1:1' }
}

function whole(name: string): () => Promise<Readonly<Record<string, string>>> {
  return async () => ({ [name]: stands.get('4e9b7d') ?? '' })
}

async function ownOffer(): Promise<Readonly<Record<string, string>>> {
  return { '8ee90e': stands.get('offer') ?? '' }
}

async function accepted(): Promise<Readonly<Record<string, string>>> {
  const offer = stands.get('offer') ?? ''
  return { '586443': await write('sage', 'trade.accept', { offer, amount: '20' }) }
}

async function offered(): Promise<Readonly<Record<string, string>>> {
  // Enough for the request as well, which sage serves by itself.
  await write('sage', 'atp.charge', { amount: '500', source: measuredSource })
  return { '8ee90e': await write('sage', 'trade.offer', { amount: '100' }) }
}

async function vouched(): Promise<Readonly<Record<string, string>>> {
  return { '9c41d0': await write('sage', 'vouch.give', { to: 'home', watts: '10' }) }
}

async function today(): Promise<Readonly<Record<string, string>>> {
  return { '2026-06-21T12:00:00Z': new Date().toISOString() }
}

async function inFiles(): Promise<Readonly<Record<string, string>>> {
  return { 'loom.backing': join(files, 'loom.backing') }
}

async function scenario(): Promise<Readonly<Record<string, string>>> {
  const path = 'test/scenarios/01-charge-and-work.yaml'
  return { [path]: `${root}${path}` }
}

async function ownDirectory(): Promise<Readonly<Record<string, string>>> {
  return { '~/.society': of('home').at.directory }
}

describe('the doctor, at a node that runs', () => {
  it('finds nothing ill, and little that it cannot tell', async () => {
    const { stdout } = await cli.run(['doctor', '--json'], of('home').at.directory)
    const { checks }: Diagnosis = JSON.parse(stdout)
    // How the machine of a test fares says nothing of the node.
    const ofMachine = ['disk-space', 'disk-sync', 'memory-free', 'open-files', 'event-loop']
    const ill = checks.filter(({ state, code }) => state === 'ill' && !ofMachine.includes(code))
    expect(ill).toEqual([])
    const unknown = checks.filter(({ state }) => state === 'unknown').map(({ code }) => code)
    const untold = ['clock-servers', 'clock-peers', 'outbound-diversity', 'reachable']
    const early = ['backup-age', 'backup-verified']
    expect(unknown.filter((code) => ![...untold, ...early, ...ofMachine].includes(code))).toEqual(
      [],
    )
  })
})

describe('examples, run at a real node', () => {
  it.each(steps.map((step, i) => [step.example, i] as const))('%s', async (example, i) => {
    const step = steps[i] ?? { example }
    for (const [word, value] of Object.entries((await step.before?.()) ?? {})) {
      stands.set(word, value)
    }
    let last = await run(example)
    if (step.eventually === true) {
      const look = async (): Promise<boolean> => (last = await run(example)).outcome === '0'
      if (last.outcome !== '0') await until(example, look).catch(() => undefined)
    }
    if (step.comes === undefined || step.comes === 'done') {
      expect(last).toEqual({ outcome: '0', value: last.value })
    } else if (step.comes !== 'any') expect(last.outcome).toBe(step.comes)
    if (step.as !== undefined) {
      stands.set(step.as, String(Reflect.get(Object(last.value), 'id')))
    }
  })
})

// Each of these is run by a test of its own: they start what never ends, or end what is running.
const elsewhere: ReadonlySet<string> = new Set([
  'society stop',
  'society key change-passphrase',
  'society key import ~/society.key --federation test-home --bootstrap MULTIADDR',
  'society log -f',
  'society localnet --societies 6 --keep',
  'society localnet kill oak',
  'society localnet restart oak',
  'society localnet partition oak,loom',
  'society localnet heal',
  'society localnet snapshot before',
  'society localnet snapshots',
  'society localnet revert before',
  'society localnet forget before',
  'society localnet advance 8d',
])

describe('the examples above', () => {
  it('are those of the README', async () => {
    const readme = await readFile(join(root, 'README.md'), 'utf8')
    const lines = [...readme.matchAll(/^society [^\n`]+/gm)].map(([line]) =>
      line.replace(/ +# .*/, '').trimEnd(),
    )
    const tried = new Set(steps.map(({ example }) => example))
    expect(lines.length).toBeGreaterThan(10)
    expect(lines.filter((line) => !tried.has(line) && !elsewhere.has(line))).toEqual([])
  })

  it('are those of every command', () => {
    const tried = new Set(steps.map(({ example }) => example))
    const missing = commands.map(({ example }) => example).filter((each) => !tried.has(each))
    expect(missing.filter((example) => !elsewhere.has(example))).toEqual([])
  })
})
