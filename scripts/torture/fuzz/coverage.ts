import { Session } from 'node:inspector'
import { pathToFileURL } from 'node:url'
import { root } from '../ledger.ts'

type Range = { readonly startOffset: number; readonly endOffset: number; readonly count: number }
type Script = {
  readonly scriptId: string
  readonly url: string
  readonly functions: readonly { readonly ranges: readonly Range[] }[]
}

const ours = ['protocol', 'src', 'node'].map((ring) => pathToFileURL(`${root}/${ring}/`).href)

/** A place in our code: a function, and an offset in it. */
export type Place = { readonly name: string; readonly offset: number }

/** Which characters of a function ran; undefined where it did not. */
type Run = { readonly name: string; readonly ran: Uint8Array }

function runOf(scriptId: string, ranges: readonly Range[]): Run | undefined {
  const [whole] = ranges
  if (whole === undefined || whole.count === 0) return undefined
  const { startOffset: start, endOffset: end } = whole
  const ran = new Uint8Array(end - start)
  // Inner ranges follow outer ones, and count for themselves.
  for (const { startOffset, endOffset, count } of ranges) {
    ran.fill(count > 0 ? 1 : 0, startOffset - start, endOffset - start)
  }
  return { name: `${scriptId} ${start} ${end}`, ran }
}

/** Which parts of our code have ever run, as V8 counts them. */
export class Coverage {
  readonly #session: Session = new Session()
  readonly #seen: Map<string, Uint8Array> = new Map()

  /** Characters of code that have run. */
  covered = 0

  constructor() {
    this.#session.connect()
    this.#session.post('Profiler.enable')
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  }

  /** Places that ran since the last look for the first time ever, one of a function. */
  news(): readonly Place[] {
    return this.#take().flatMap((run) => this.#merge(run) ?? [])
  }

  /** Whether a place ran since the last look. */
  hasRun({ name, offset }: Place): boolean {
    return this.#take().some((run) => run.name === name && run.ran[offset] === 1)
  }

  #take(): readonly Run[] {
    let scripts: readonly Script[] = []
    this.#session.post('Profiler.takePreciseCoverage', (_error, taken) => {
      scripts = taken.result
    })
    return scripts
      .filter(({ url }) => ours.some((folder) => url.startsWith(folder)))
      .flatMap(({ scriptId, functions }) =>
        functions.flatMap(({ ranges }) => runOf(scriptId, ranges) ?? []),
      )
  }

  #merge({ name, ran }: Run): Place | undefined {
    const seen = this.#seen.get(name) ?? new Uint8Array(ran.length)
    this.#seen.set(name, seen)
    let first: Place | undefined
    for (let at = 0; at < ran.length; at += 1) {
      if (ran[at] !== 1 || seen[at] === 1) continue
      seen[at] = 1
      this.covered += 1
      first ??= { name, offset: at }
    }
    return first
  }
}
