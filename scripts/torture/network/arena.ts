/**
 * Runs in a network namespace of its own: `node arena.ts HOSTS SECONDS FAULT...`. Makes a namespace
 * and a node for each host, does to the wires between them what each fault says for so many
 * seconds, heals them, and prints a line of JSON for each.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { NodeProcess } from '../node-process.ts'
import { Wires, type Verdict } from './wires.ts'

/** What happened under one fault; times in ms since the healing, null where over a minute. */
export type FaultTold = {
  readonly fault: string
  readonly written: number
  /** Share of the records that every host had seen 30 s after the last was written. */
  readonly seenShare: number
  readonly agreedMs: number | null
  readonly dropped: number
}

const [, , hostCount = '6', seconds = '15', ...wanted] = process.argv
const hosts = Number(hostCount)
const readyMsMax = 120_000
const agreedMsMax = 60_000
const seenMsMax = 30_000
const writePauseMs = 500
const flapMs = 2_000
const lossShare = 0.2
const last = hosts - 1
const half = hosts / 2

/** The faults by name; a verdict is asked for each frame. */
const faults: Readonly<Record<string, Verdict>> = {
  divide: (from, to) => (from < half === to < half ? 'pass' : 'drop'),
  blackhole: (from, to) => (from === last || to === last ? 'drop' : 'pass'),
  'one-way': (from) => (from === last ? 'drop' : 'pass'),
  flapping: (from, to) => {
    const isDown = Math.floor(performance.now() / flapMs) % 2 === 0
    return isDown && (from === last || to === last) ? 'drop' : 'pass'
  },
  loss: () => (Math.random() < lossShare ? 'drop' : 'pass'),
}

/** One host: its namespace, its node, and what that told. */
type Host = {
  readonly child: ChildProcess
  readonly node: NodeProcess
  readonly seen: Set<string>
  readonly written: string[]
  heads: string
  address: string
}

const ip = (...args: readonly string[]): void => void execFileSync('ip', args)

/** Begins a namespace that lives as long as this process: the arguments that lead into it. */
async function namespace(number: number): Promise<readonly string[]> {
  const holder = spawn('unshare', ['-n', 'sh', '-c', 'echo here; exec sleep 86400'])
  await once(holder.stdout, 'data')
  const into = ['nsenter', '-t', String(holder.pid), '-n']
  process.once('exit', () => holder.kill('SIGKILL'))
  ip('link', 'set', `tap${number}`, 'netns', String(holder.pid))
  const [enter = '', ...rest] = into
  const within = (...args: readonly string[]): void =>
    void execFileSync(enter, [...rest, 'ip', ...args])
  within('link', 'set', 'lo', 'up')
  within('address', 'add', `10.77.0.${number + 1}/24`, 'dev', `tap${number}`)
  within('link', 'set', `tap${number}`, 'up')
  return into
}

async function startHost(number: number, bootstrap: readonly string[]): Promise<Host> {
  const through = await namespace(number)
  const program = new URL('host.ts', import.meta.url).pathname
  const listen = `/ip4/10.77.0.${number + 1}/tcp/4100`
  const node = await NodeProcess.make(`host-${number}`, { through, program, listen, bootstrap })
  const child = node.spawn()
  const host: Host = { child, node, seen: new Set(), written: [], heads: '', address: '' }
  let rest = ''
  child.stdout?.on('data', (part: string) => {
    const lines = (rest + part).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const [word, what = ''] = line.split(' ')
      if (word === 'seen') host.seen.add(what)
      if (word === 'wrote') host.written.push(what)
      if (word === 'heads') host.heads = what
      if (word === 'ready') host.address = what
    }
  })
  await until(() => host.address !== '', readyMsMax, `host ${number} is ready`)
  return host
}

async function until(holds: () => boolean, msMax: number, what: string): Promise<number> {
  const began = performance.now()
  while (!holds()) {
    if (performance.now() - began > msMax) throw new Error(`not within ${msMax} ms: ${what}`)
    await pause(20)
  }
  return performance.now() - began
}

const agree = (all: readonly Host[]): boolean =>
  all.every(({ heads }) => heads !== '' && heads === all[0]?.heads)

async function suffer(all: readonly Host[], wires: Wires, fault: string): Promise<FaultTold> {
  const before = all.map(({ written }) => written.length)
  const droppedBefore = wires.dropped
  wires.verdict = faults[fault] ?? ((): 'pass' => 'pass')
  const end = performance.now() + Number(seconds) * 1_000
  while (performance.now() < end) {
    for (const { child } of all) child.stdin?.write('write\n')
    await pause(writePauseMs)
  }
  const written = all.flatMap((host, at) => host.written.slice(before[at]))
  const isSeen = (id: string): boolean =>
    all.every((host) => host.seen.has(id) || host.written.includes(id))
  // Losses go on while what was written under them spreads; all else is healed first.
  if (fault !== 'loss') wires.verdict = (): 'pass' => 'pass'
  const agreed = await until(() => agree(all), agreedMsMax, 'they agree').catch(() => null)
  const waited = agreed === null ? agreedMsMax : agreed
  if (waited < seenMsMax && !written.every(isSeen)) await pause(seenMsMax - waited)
  wires.verdict = (): 'pass' => 'pass'
  return {
    fault,
    written: written.length,
    seenShare: written.filter(isSeen).length / Math.max(1, written.length),
    agreedMs: agreed === null ? null : Math.round(agreed),
    dropped: wires.dropped - droppedBefore,
  }
}

const wires = new Wires(hosts)
wires.start()
const all: Host[] = []
try {
  all.push(await startHost(0, []))
  const bootstrap = [all[0]?.address ?? '']
  const others = Array.from({ length: hosts - 1 }, (_, at) => startHost(at + 1, bootstrap))
  all.push(...(await Promise.all(others)))
  for (const { child } of all) child.stdin?.write('write\n')
  const met = (): boolean => all.every(({ seen }) => seen.size >= hosts) && agree(all)
  await until(met, readyMsMax, 'the hosts know each other')
  for (const fault of wanted) {
    process.stdout.write(`${JSON.stringify(await suffer(all, wires, fault))}\n`)
  }
} finally {
  await Promise.all(all.map(({ node }) => node.remove()))
}
// Reads of the interfaces are still under way, and would keep it.
process.kill(process.pid, 'SIGKILL')
