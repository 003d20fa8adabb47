import type { Failure } from '../failure.ts'
import { verifyAheadMin } from '../limits.ts'
import type { StoreWrite } from '../ports.ts'
import type { Peek } from './admission.ts'
import type { Batch } from './batch.ts'
import { JobQueue } from './job-queue.ts'
import {
  batchLength,
  isWorthJudging,
  leadingFrames,
  type BatchJob,
  type FrameJob,
  type Job,
  type Taken,
  type Task,
} from './jobs.ts'

/** Changes of a frame that are past the end of their document. */
export type Past = { readonly job: FrameJob; readonly peeks: readonly Peek[] }

/** Jobs that were judged, and what follows once what came of them is on disk. */
export type JudgedBatch = {
  readonly jobs: readonly BatchJob[]
  readonly batch: Batch
  readonly writes: readonly StoreWrite[]
  readonly answers: readonly (() => void)[]
  readonly pasts: readonly Past[]
}

/** What a pipeline does with the jobs that it brings into an order. */
export type Stages = {
  /** Looks at frames whose turn comes next, and has their signatures checked aside. */
  readonly prepare: (jobs: readonly BatchJob[]) => Taken
  /** Judges jobs one after the other; undefined where that failed, and they are answered. */
  readonly judge: (taken: Taken) => Promise<JudgedBatch | undefined>
  /** Writes what was judged, then answers and tells. Never rejects. */
  readonly write: (judged: JudgedBatch) => Promise<void>
  /** Whether something follows for what is judged next, once what was judged is written. */
  readonly hasConsequences: (judged: JudgedBatch) => boolean
  /** Runs a task. Never rejects. */
  readonly run: (task: Task) => Promise<void>
  /** Why nothing more is taken; undefined while all is well. */
  readonly broken: () => Failure | undefined
  readonly refuse: (jobs: readonly Job[], failure: Failure) => void
}

/**
 * The order in which jobs are judged and written.
 *
 * 1. Jobs are judged one after the other, and written in the order in which they were judged.
 * 2. While frames are written the next may be judged, but nothing else is. One write at a time.
 * 3. What has consequences for others has them before these are judged.
 */
export class Pipeline {
  readonly #stages: Stages
  readonly #jobs: JobQueue = new JobQueue()
  /** Taken already, while others are judged and written. */
  #next: Taken | undefined
  #running: Promise<void> | undefined
  /** Resolves when what was judged last is on disk and was told of. */
  #writing: Promise<void> | undefined
  /** Called when a frame comes while others are written. */
  #wake: () => void = () => {}

  constructor(stages: Stages) {
    this.#stages = stages
  }

  /** Jobs that wait. */
  get length(): number {
    return this.#jobs.length
  }

  /** Resolves when nothing is left to do; undefined while nothing is. */
  get running(): Promise<void> | undefined {
    return this.#running
  }

  /** Adds a job. */
  push(job: Job): void {
    this.#jobs.push(job)
    if ('incoming' in job) this.#wake()
    this.#running ??= this.#run()
  }

  /** Takes all jobs that wait out of it. */
  drain(): readonly Job[] {
    const next = this.#next?.jobs ?? []
    this.#next = undefined
    return [...next, ...this.#jobs.take(Infinity)]
  }

  async #run(): Promise<void> {
    // Lets what arrives in the same turn share the first write.
    await Promise.resolve()
    while (this.#next !== undefined || this.#jobs.length > 0 || this.#writing !== undefined) {
      if (this.#writing !== undefined && this.#next === undefined && !isWorthJudging(this.#jobs)) {
        await this.#writtenOrMore(this.#writing)
        continue
      }
      const { first } = this.#jobs
      if (this.#next === undefined && first !== undefined && 'task' in first) {
        this.#jobs.take(1)
        await this.#stages.run(first.task)
        continue
      }
      // While others are written, frames alone.
      const length = this.#writing === undefined ? batchLength : leadingFrames
      const taken = this.#next ?? this.#take(length(this.#jobs))
      this.#next = undefined
      this.#takeAhead()
      await this.#runBatch(taken)
    }
    this.#running = undefined
  }

  /** Waits until what is being written is, or until there is more to judge meanwhile. */
  async #writtenOrMore(writing: Promise<void>): Promise<void> {
    const { promise: more, resolve } = Promise.withResolvers<void>()
    this.#wake = resolve
    await Promise.race([writing, more])
  }

  /** Judges jobs, and writes what comes of them once what was judged before them is written. */
  async #runBatch(taken: Taken): Promise<void> {
    const { judge, write, broken, refuse } = this.#stages
    const judged = await judge(taken)
    this.#takeAhead()
    await this.#writing
    if (judged === undefined) return
    const failure = broken()
    if (failure !== undefined) {
      refuse(judged.jobs, failure)
      return
    }
    this.#writing = write(judged).finally(() => {
      this.#writing = undefined
    })
    const isOwn = judged.jobs.some((job) => 'draft' in job)
    if (isOwn || this.#stages.hasConsequences(judged)) await this.#writing
  }

  /** Has the signatures of frames that come next checked while others are judged and written. */
  #takeAhead(): void {
    if (this.#next !== undefined || this.#stages.broken() !== undefined) return
    const length = leadingFrames(this.#jobs)
    if (length >= verifyAheadMin) this.#next = this.#take(length)
  }

  /** Takes so many of the jobs that wait, none of them a task. */
  #take(length: number): Taken {
    return this.#stages.prepare(this.#jobs.take(length) as readonly BatchJob[])
  }
}
