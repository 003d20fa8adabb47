import {
  keyOfBytes,
  type ChangesFrame,
  type DocumentKind,
  type Fields,
  type RecordId,
  type SocietyKey,
} from '../../protocol/index.ts'
import { Failure } from '../failure.ts'
import { pipelineBatchMax, pipelineJobsMax } from '../limits.ts'
import type { Clock, Log, PeerName, Signer, Store, StoreWrite, Verifier } from '../ports.ts'
import { admitFrame, type AdmissionParts, type Verdict } from './admission.ts'
import { writeDrafts, type AuthoringParts, type Draft } from './authoring.ts'
import { Batch, type Accepted } from './batch.ts'
import { DocumentsHeld } from './documents-held.ts'
import { Index } from './index-of-facts.ts'
import { snapshotWrite } from './layout.ts'
import { loadDocuments } from './load.ts'
import type { RecordObserver } from './observer.ts'
import { WaitingRoom } from './waiting.ts'

type FrameJob = {
  readonly frame: ChangesFrame
  readonly from: PeerName | null
  readonly resolve: (verdict: Verdict) => void
}
type Task = {
  readonly run: () => Promise<void>
  readonly done: (failure: Failure | undefined) => void
}
type BatchJob = { readonly incoming: FrameJob } | { readonly draft: Draft }
type Job = BatchJob | { readonly task: Task }

/** What a ledger needs of the world. */
export type LedgerParts = {
  readonly store: Store
  readonly verifier: Verifier
  readonly signer: Signer
  readonly clock: Clock
  readonly log: Log
  /** Told of every record that becomes part of a document. */
  readonly observers: readonly RecordObserver[]
  /** Why changes up to a place are not taken from others; undefined where they are. */
  readonly refuses: AdmissionParts['refuses']
  /** Called after each write with what it made part of the documents, in order. */
  readonly onAccepted: (accepted: readonly Accepted[]) => void
  /** Two statements of one society contradict each other. */
  readonly onEquivocation: AdmissionParts['onEquivocation']
}

/**
 * The documents of a federation as one node holds them, behind a single pipeline.
 *
 * 1. Frames and own records pass it one after the other; a verdict is given once it is on disk.
 * 2. Own changes are synced to disk before anybody hears of them.
 * 3. After a failed write nothing more is taken or signed.
 * 4. While a task runs, everything that was folded is on disk and nothing more is being folded.
 */
export class Ledger {
  readonly held: DocumentsHeld
  readonly index: Index
  /** By own document: nothing is dated before, for a head was signed then. Times in ms. */
  readonly signedUntil: Map<DocumentKind, number> = new Map()
  readonly #parts: LedgerParts
  readonly #whole: AdmissionParts & AuthoringParts
  readonly #waiting: WaitingRoom = new WaitingRoom()
  readonly #jobs: Job[] = []
  #running: Promise<void> | undefined
  #broken: Failure | undefined

  private constructor(parts: LedgerParts, held: DocumentsHeld, index: Index) {
    this.#parts = parts
    this.#whole = { ...parts, held, index, signedUntil: this.signedUntil }
    this.held = held
    this.index = index
  }

  /** Opens a ledger on a store: loads snapshots, replays what came after them. */
  static async open(parts: LedgerParts): Promise<Ledger> {
    const held = new DocumentsHeld()
    const index = new Index(parts.store, parts.verifier)
    await loadDocuments(parts.store, held, index, parts.log)
    return new Ledger(parts, held, index)
  }

  /** The society that this node writes for. */
  get self(): SocietyKey {
    return keyOfBytes(this.#parts.signer.publicKey)
  }

  /** Jobs that wait, and frames that wait for others. */
  get load(): { readonly jobs: number; readonly waiting: number } {
    return { jobs: this.#jobs.length, waiting: this.#waiting.size }
  }

  /** Puts a frame of a peer through the pipeline. Never throws; overload ignores. */
  ingest(frame: ChangesFrame, from: PeerName | null): Promise<Verdict> {
    return new Promise((resolve) => {
      if (this.#broken !== undefined || this.#jobs.length >= pipelineJobsMax) {
        const message = this.#broken?.message ?? 'too much waits to be judged'
        resolve({ verdict: 'ignore', code: 'rate-limited', message })
        return
      }
      this.#push({ incoming: { frame, from, resolve } })
    })
  }

  /**
   * Writes a record of this society. `prepare` makes its wire fields when its turn has come.
   * Resolves with its id once it is on disk; rejects with a `Failure` where it is refused.
   */
  append(document: DocumentKind, prepare: () => Promise<Fields>): Promise<RecordId> {
    return new Promise((resolve, reject) => {
      if (this.#broken !== undefined) {
        reject(this.#broken)
        return
      }
      if (this.#jobs.length >= pipelineJobsMax) {
        reject(new Failure('rate-limited', 'too much waits to be written; try again'))
        return
      }
      this.#push({ draft: { document, prepare, resolve, reject } })
    })
  }

  /**
   * Runs a task between two writes. Rejects with a `Failure` where the ledger has stopped; a task
   * that fails stops it.
   */
  exclusively(run: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#broken !== undefined) {
        reject(this.#broken)
        return
      }
      const done: Task['done'] = (failure) => (failure === undefined ? resolve() : reject(failure))
      this.#push({ task: { run, done } })
    })
  }

  #push(job: Job): void {
    this.#jobs.push(job)
    this.#running ??= this.#run()
  }

  async #run(): Promise<void> {
    // Lets what arrives in the same turn share the first write.
    await Promise.resolve()
    while (this.#jobs.length > 0) {
      const [first] = this.#jobs
      if (first !== undefined && 'task' in first) {
        this.#jobs.shift()
        await this.#runTask(first.task)
      } else {
        await this.#runBatch(this.#nextBatch())
      }
    }
    this.#running = undefined
  }

  /** Jobs up to the next task. */
  #nextBatch(): readonly BatchJob[] {
    const batch: BatchJob[] = []
    for (const job of this.#jobs) {
      if ('task' in job || batch.length === pipelineBatchMax) break
      batch.push(job)
    }
    this.#jobs.splice(0, batch.length)
    return batch
  }

  async #runTask(task: Task): Promise<void> {
    try {
      await task.run()
    } catch (error) {
      this.#break(error, [])
    }
    task.done(this.#broken)
  }

  async #runBatch(jobs: readonly BatchJob[]): Promise<void> {
    const batch = new Batch(this.index, this.#parts.observers)
    const answers: (() => void)[] = []
    try {
      for (let at = 0; at < jobs.length; at++) {
        const job = jobs[at] as BatchJob
        if ('incoming' in job) {
          await this.#admit(job.incoming, batch, answers)
          continue
        }
        const drafts = [job.draft]
        for (let next = jobs[at + 1]; next !== undefined; next = jobs[at + 1]) {
          if ('incoming' in next || next.draft.document !== job.draft.document) break
          drafts.push(next.draft)
          at += 1
        }
        await writeDrafts(this.#whole, job.draft.document, drafts, batch)
      }
      const writes = batch.finish()
      if (writes.length > 0) await this.#parts.store.write(writes, { sync: batch.sync })
    } catch (error) {
      this.#break(error, jobs)
      return
    }
    this.index.batchWritten()
    for (const answer of [...batch.afterwards, ...answers]) answer()
    if (batch.accepted.length === 0) return
    for (const { hash } of batch.accepted) {
      for (const { frame, from } of this.#waiting.take(hash)) void this.ingest(frame, from)
    }
    try {
      this.#parts.onAccepted(batch.accepted)
    } catch (error) {
      // Whoever listens must not stop the pipeline.
      this.#parts.log.error('accepted-not-told', { error: String(error) })
    }
  }

  async #admit(job: FrameJob, batch: Batch, answers: (() => void)[]): Promise<void> {
    const verdict = await admitFrame(this.#whole, job.frame, batch)
    if (verdict.missing !== undefined) {
      this.#waiting.add(verdict.missing, { frame: job.frame, from: job.from })
    }
    answers.push(() => job.resolve(verdict))
  }

  /** After a failed write the state in memory is ahead of the disk: nothing more is signed. */
  #break(error: unknown, jobs: readonly Job[]): void {
    const message = error instanceof Error ? error.message : String(error)
    const failure = new Failure('store-damaged', `the ledger has stopped: ${message}`, {
      cause: error,
    })
    this.#broken = failure
    this.#parts.log.error('ledger-stopped', { message })
    for (const job of [...jobs, ...this.#jobs.splice(0)]) {
      if ('task' in job) job.task.done(failure)
      else if ('draft' in job) job.draft.reject(failure)
      else job.incoming.resolve({ verdict: 'ignore', code: 'store-damaged', message })
    }
  }

  /** Why the ledger has stopped; undefined while it works. */
  get broken(): Failure | undefined {
    return this.#broken
  }

  /** Waits until everything that was handed in is on disk, then writes snapshots. */
  async close(): Promise<void> {
    await this.#running
    if (this.#broken !== undefined) return
    const states = [...this.held.trusts(), ...this.held.pools()]
    await this.#parts.store.write(states.map(snapshotWrite), { sync: true })
  }

  /** Writes what is no part of a document and could be had again. A failure stops the ledger. */
  async note(writes: readonly StoreWrite[]): Promise<void> {
    if (this.#broken !== undefined || writes.length === 0) return
    try {
      await this.#parts.store.write(writes, { sync: false })
    } catch (error) {
      this.#break(error, [])
    }
  }
}
