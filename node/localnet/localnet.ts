import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Failure } from '../../src/index.ts'
import { Actions } from './actions.ts'
import { everybody, type Cast } from './cast.ts'
import { openControl } from './control.ts'
import { Processes } from './processes.ts'
import { makeCertificates, startSimulators } from './simulators.ts'
import { LocalSociety } from './society.ts'
import { story } from './story.ts'

/** How a local network is run. */
export type LocalnetOptions = {
  /** Number of societies, 4 to 32; those beyond the four of the story watch. */
  readonly societies: number
  /** Leaves the nodes running until the process is told to stop. */
  readonly keep: boolean
  /** Says nothing while it runs; what became of the story once nodes are kept, as JSON. */
  readonly json: boolean
}

/** What became of it, in the form that `localnet --json` prints. */
export type LocalnetResult = {
  readonly societies: readonly {
    readonly name: string
    readonly id: string
    readonly api: string
  }[]
  readonly steps: readonly {
    readonly title: string
    readonly ok: boolean
    readonly detail: string
  }[]
  readonly converged: boolean
}

/** Societies that one machine is asked to run at most. */
const societiesMax = 32
const foundingAdp: Readonly<Record<string, string>> = { sage: '3000', loom: '500' }

async function castOf(root: string, count: number, processes: Processes): Promise<Cast> {
  const certificates = await makeCertificates(root)
  const names = ['sage', 'leaf', 'loom', 'oak']
  for (let i = names.length; i < count; i++) names.push(`watcher-${i - 3}`)
  const societies: LocalSociety[] = []
  for (const name of names) {
    const directory = join(root, name)
    await mkdir(directory)
    const { authority } = certificates
    const adp = foundingAdp[name] ?? '0'
    societies.push(new LocalSociety({ name, directory, adp, authority }, processes))
  }
  const [sage, leaf, loom, oak, ...others] = societies as [
    LocalSociety,
    LocalSociety,
    LocalSociety,
    LocalSociety,
    ...LocalSociety[],
  ]
  const simulators = startSimulators(processes, root, certificates)
  await sage.init()
  return { sage, leaf, loom, oak, others, simulators, began: Date.now() }
}

/**
 * Runs the story on real nodes, each a process of its own on loopback with a directory of its own,
 * device simulators and CLI. Stops at the first step that is not as it should be and leaves nothing
 * running.
 */
export async function runLocalnet(options: LocalnetOptions): Promise<LocalnetResult> {
  const { societies: count, keep, json } = options
  if (!Number.isInteger(count) || count < 4 || count > societiesMax) {
    throw new Failure('malformed', `a local network has 4 to ${societiesMax} societies`)
  }
  const say = (line: string): void => {
    if (!json) process.stdout.write(`${line}\n`)
  }
  const root = await mkdtemp(join(tmpdir(), 'society-localnet-'))
  const processes = new Processes()
  const stop = new AbortController()
  const onSignal = (): void => stop.abort()
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal)
  process.once('exit', () => processes.killAll())
  try {
    const cast = await castOf(root, count, processes)
    const steps = await play(cast, say, stop.signal)
    const converged = steps.length === story.length && steps.every(({ ok }) => ok)
    const societies = await Promise.all(
      everybody(cast).map(async (society) => ({
        name: society.name,
        id: society.id,
        api: await society.api(),
      })),
    )
    const result = { societies, steps, converged }
    if (keep && converged) {
      await keepRunning({ societies: everybody(cast), root, result, json }, stop.signal)
    }
    return result
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
    await processes.endAll()
    await rm(root, { recursive: true, force: true })
  }
}

async function play(
  cast: Cast,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<LocalnetResult['steps']> {
  const began = Date.now()
  const steps: { title: string; ok: boolean; detail: string }[] = []
  for (const { title, play: act } of story) {
    if (signal.aborted) break
    let ok = true
    let detail: string
    try {
      detail = await act(cast)
    } catch (error) {
      ok = false
      const code = error instanceof Failure ? `${error.code}: ` : ''
      detail = `${code}${error instanceof Error ? error.message : String(error)}`
    }
    steps.push({ title, ok, detail })
    const seconds = ((Date.now() - began) / 1000).toFixed(1).padStart(5)
    say(`${seconds} s  ${ok ? 'ok  ' : 'FAIL'}  ${title}\n               ${detail}`)
    if (!ok) break
  }
  return steps
}

type Kept = {
  readonly societies: readonly LocalSociety[]
  readonly root: string
  readonly result: LocalnetResult
  readonly json: boolean
}

/** Does what other shells ask for until the process is told to stop. */
async function keepRunning(kept: Kept, signal: AbortSignal): Promise<void> {
  const actions = new Actions(kept.societies)
  const control = await openControl(actions.act)
  try {
    if (kept.json) process.stdout.write(`${JSON.stringify(kept.result)}\n`)
    else await tell(kept, control !== undefined)
    await untilAborted(signal)
  } finally {
    await control?.close()
  }
}

/** Tells people what runs; `heard` if commands from other shells come here. */
async function tell({ societies, root }: Kept, heard: boolean): Promise<void> {
  const say = (line: string): boolean => process.stdout.write(`${line}\n`)
  say(`\nThe nodes keep running; press Ctrl-C to stop them and remove ${root}.`)
  say(
    heard
      ? "In other shells, 'society localnet --help' tells what can be done to them."
      : 'Another local network is kept already: commands from other shells go to that one.',
  )
  say('Dashboards, each opened once and within five minutes; later, ask for another address with')
  say("'society dashboard' and the --dir of the node:\n")
  for (const society of societies) {
    const { url } = await society.run('dashboard')
    say(`  ${society.name.padEnd(12)} ${String(url)}\n               --dir ${society.directory}`)
  }
}

/** Keeps the process alive until it is told to stop. */
async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  const alive = setInterval(() => {}, 1 << 30)
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
  clearInterval(alive)
}
