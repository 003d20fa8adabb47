import { ownerOfActor } from '../../protocol/index.ts'
import { draftBytes } from '../limits.ts'
import type { Job } from './jobs.ts'

/** A job and the work that its society had had done when its turn comes, in bytes. */
type Queued = { readonly job: Job; readonly start: number }

/** Whose turn a job takes, and how much work it is, in bytes; undefined for a task. */
function shareOf(job: Job): { readonly society: string; readonly bytes: number } | undefined {
  if ('task' in job) return undefined
  if ('draft' in job) return { society: '', bytes: draftBytes }
  const { frame, bytes } = job.incoming
  return { society: ownerOfActor(frame.actor)?.key ?? frame.actor, bytes }
}

/**
 * Jobs in the order of their turns. Each society has the same share, in bytes of its changes, and
 * this one for its own records, so that nobody waits for all that another writes: start-time fair
 * queueing.
 *
 * 1. What one society wrote stays in its order, and whatever is all that waits is in order.
 * 2. A task has its turn after all that waited when it came.
 */
export class JobQueue {
  #jobs: Queued[] = []
  /** Start of what was taken last: nobody who comes later begins before. */
  #now = 0
  /** Where the next job of a society may start. */
  readonly #next: Map<string, number> = new Map()

  /** How many wait. */
  get length(): number {
    return this.#jobs.length
  }

  /** Whose turn is next; undefined where none waits. */
  get first(): Job | undefined {
    return this.#jobs[0]?.job
  }

  /** Those that wait, in order. */
  *[Symbol.iterator](): Generator<Job> {
    for (const { job } of this.#jobs) yield job
  }

  /** Adds a job in its place. */
  push(job: Job): void {
    const share = shareOf(job)
    const last = this.#jobs.at(-1)?.start ?? this.#now
    if (share === undefined) {
      this.#jobs.push({ job, start: last })
      return
    }
    const { society, bytes } = share
    const start = Math.max(this.#now, this.#next.get(society) ?? 0)
    this.#next.set(society, start + bytes)
    if (start >= last) this.#jobs.push({ job, start })
    else this.#jobs.splice(this.#placeOf(start), 0, { job, start })
  }

  /** The first place behind everything that starts at the same time or before. */
  #placeOf(start: number): number {
    let from = 0
    let to = this.#jobs.length
    while (from < to) {
      const middle = (from + to) >> 1
      if ((this.#jobs[middle] as Queued).start <= start) from = middle + 1
      else to = middle
    }
    return from
  }

  /** Takes the first so many. */
  take(count: number): readonly Job[] {
    const taken = this.#jobs.splice(0, count)
    this.#now = taken.at(-1)?.start ?? this.#now
    if (this.#jobs.length === 0) {
      this.#now = 0
      this.#next.clear()
    }
    return taken.map(({ job }) => job)
  }
}
