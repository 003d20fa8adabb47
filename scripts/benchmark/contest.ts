import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { Failure } from '../../src/index.ts'
import type { FromWorker, ToWorker } from './rounds.ts'
import type { Contestant, Figures, Measured, Trial } from './trial.ts'
import { nextMessage } from './workers.ts'

/** Rounds of each trial: medians of fewer say little. */
export const roundsDefault = 5

/** Longest time for a program to end by itself, in ms. */
const endMsMax = 20_000
/** Longest time for a peer to prepare, and for one of its rounds, in ms: it may never end. */
const peerMsMax = 60_000

/** A program of a trial that runs. */
class Running {
  readonly contestant: Contestant
  readonly #process: ChildProcess

  readonly #stepMsMax: number | undefined

  constructor(contestant: Contestant, stepMsMax?: number, execArgv: readonly string[] = []) {
    this.contestant = contestant
    this.#stepMsMax = stepMsMax
    const stdio = ['ignore', 'ignore', 'inherit', 'ipc'] as const
    this.#process = fork(contestant.program, [JSON.stringify(contestant.options)], {
      stdio: [...stdio],
      // Those that it starts inherit them.
      execArgv: [...execArgv],
    })
  }

  async #answer(): Promise<Exclude<FromWorker, { type: 'failed' }>> {
    const answer = await nextMessage<FromWorker>(this.#process, this.#stepMsMax)
    if (answer.type !== 'failed') return answer
    throw new Failure('peer-unavailable', answer.message)
  }

  async ready(): Promise<void> {
    await this.#answer()
  }

  async round(): Promise<Figures> {
    this.#process.send({ type: 'round' } satisfies ToWorker)
    const answer = await this.#answer()
    return answer.type === 'figures' ? answer.figures : {}
  }

  async end(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const gone = once(this.#process, 'exit')
    if (this.#process.connected) this.#process.send({ type: 'end' } satisfies ToWorker)
    const patience = setTimeout(() => this.#process.kill('SIGKILL'), endMsMax)
    await gone
    clearTimeout(patience)
  }
}

/** Starts a program; undefined where a peer does not run here, which is told. */
async function startOne(
  contestant: Contestant,
  isPeer: boolean,
  { tell, profile }: Pick<TrialOptions, 'tell' | 'profile'>,
): Promise<Running | undefined> {
  const isProfiled = contestant.name === 'ours' && profile !== undefined
  const execArgv = isProfiled ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : []
  const running = new Running(contestant, isPeer ? peerMsMax : undefined, execArgv)
  try {
    await running.ready()
    return running
  } catch (error) {
    await running.end()
    if (!isPeer) throw error
    tell(`${contestant.name} does not run here: ${(error as Error).message.split('\n')[0]}`)
    return undefined
  }
}

/** Figures of all rounds by contestant, in the order of the rounds. */
async function play(
  runners: readonly Running[],
  rounds: number,
  tell: (line: string) => void,
): Promise<ReadonlyMap<string, readonly Figures[]>> {
  const figures = new Map<string, Figures[]>(runners.map(({ contestant }) => [contestant.name, []]))
  const dropped = new Set<string>()
  for (let round = 0; round < rounds; round++) {
    for (const running of runners) {
      const { name } = running.contestant
      if (dropped.has(name)) continue
      try {
        figures.get(name)?.push(await running.round())
      } catch (error) {
        if (running === runners[0]) throw error
        // What a peer fails at is no figure, and no reason to stop.
        tell(`${name} failed: ${(error as Error).message.split('\n')[0]}`)
        dropped.add(name)
        figures.delete(name)
      }
    }
  }
  return figures
}

function measuredOf(
  trial: Trial,
  contestants: readonly Contestant[],
  figures: ReadonlyMap<string, readonly Figures[]>,
): readonly Measured[] {
  return trial.rows.map(({ work, unit, figure }) => {
    const valuesOf = ({ name, figures: names }: Contestant): readonly number[] =>
      (figures.get(name) ?? []).flatMap((round) => round[names?.[figure] ?? figure] ?? [])
    const [ours, ...others] = contestants
    const measured = others.flatMap((other) => {
      const values = valuesOf(other)
      return values.length === 0 ? [] : [[other.name, values] as const]
    })
    const own = ours === undefined ? [] : valuesOf(ours)
    return { work, unit, ours: own, others: Object.fromEntries(measured) }
  })
}

/** How a trial is run. */
export type TrialOptions = {
  readonly withPeers: boolean
  readonly rounds?: number | undefined
  readonly tell: (line: string) => void
  /** Folder to which processes of ours write where they spent their time; undefined for none. */
  readonly profile?: string | undefined
}

/** Runs a trial: all prepare, then take turns round by round. */
export async function runTrial(trial: Trial, options: TrialOptions): Promise<readonly Measured[]> {
  const { tell } = options
  const peers = options.withPeers ? (trial.peers ?? []) : []
  const runners: Running[] = []
  try {
    for (const contestant of [...trial.contestants, ...peers]) {
      const running = await startOne(contestant, peers.includes(contestant), options)
      if (running !== undefined) runners.push(running)
    }
    const rounds = options.rounds ?? trial.rounds ?? roundsDefault
    const figures = await play(runners, rounds, tell)
    return measuredOf(
      trial,
      runners.map(({ contestant }) => contestant),
      figures,
    )
  } finally {
    await Promise.all(runners.map((running) => running.end()))
  }
}
