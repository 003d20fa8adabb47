import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Failure } from '../../src/index.ts'
import { everybody, type Cast } from './cast.ts'
import { Devices } from './devices.ts'
import { keepRunning } from './keep.ts'
import { LocalNetwork } from './network.ts'
import { Processes } from './processes.ts'
import { makeCertificates, startSimulators } from './simulators.ts'
import { LocalSociety } from './society.ts'
import { untilStopped } from './stopped.ts'
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
/** Permissions of a node's directory. */
const ownerOnly = 0o700
const foundingAdp: Readonly<Record<string, string>> = { sage: '3000', loom: '500' }

async function castOf(
  root: string,
  count: number,
  processes: Processes,
  devices: Devices,
): Promise<Cast> {
  const certificates = await makeCertificates(root)
  const names = ['sage', 'leaf', 'loom', 'oak']
  for (let i = names.length; i < count; i++) names.push(`watcher-${i - 3}`)
  const societies: LocalSociety[] = []
  for (const name of names) {
    const directory = join(root, name)
    await mkdir(directory, { mode: ownerOnly })
    societies.push(new LocalSociety(name, directory, processes))
  }
  const [sage, leaf, loom, oak, ...others] = societies as [
    LocalSociety,
    LocalSociety,
    LocalSociety,
    LocalSociety,
    ...LocalSociety[],
  ]
  const simulators = startSimulators(devices, root, certificates)
  const make = (society: LocalSociety, bootstrap?: string): Promise<void> =>
    society.init(
      { adp: foundingAdp[society.name] ?? '0', authority: certificates.authority },
      bootstrap,
    )
  await make(sage)
  return { sage, leaf, loom, oak, others, simulators, make, began: Date.now() }
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
  const processes = new Processes(count)
  try {
    return await untilStopped(processes, async (signal) => {
      const devices = new Devices(processes)
      const cast = await castOf(root, count, processes, devices)
      const steps = await play(cast, say, signal)
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
        const network = new LocalNetwork(root, everybody(cast), devices)
        await keepRunning({ network, json: json ? result : undefined }, signal)
      }
      return result
    })
  } finally {
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
