import {
  actorOf,
  evidenceDigest,
  frameChangesBytesMax,
  keyOfActor,
  keyOfBytes,
  type ChangesFrame,
  type DocumentKind,
  type Fields,
  type RecordId,
  type SocietyKey,
} from '../../protocol/index.ts'
import { Failure } from '../failure.ts'
import { pipelineJobsMax } from '../limits.ts'
import type { GossipVerdict, PeerName, StoreWrite } from '../ports.ts'
import { atOnce } from '../turns.ts'
import { adoptContent, type AdoptParts, type Adopted } from './adopt.ts'
import {
  admitFrame,
  bytesOf,
  isForMember,
  peekFrame,
  type AdmissionParts,
  type PeekedFrame,
  type Verdict,
} from './admission.ts'
import { writeDrafts, type AuthoringParts } from './authoring.ts'
import { Batch, type Accepted } from './batch.ts'
import { Convictions } from './convictions.ts'
import { DocumentsHeld } from './documents-held.ts'
import type { Suspicion } from './evidence.ts'
import { evictDocuments } from './evict.ts'
import { Forks } from './forks.ts'
import { Index } from './index-of-facts.ts'
import type { BatchJob, FrameJob, Job, Taken, Task } from './jobs.ts'
import type { LedgerParts } from './ledger-parts.ts'
import { loadDocuments, type LoadParts } from './load.ts'
import { Namings } from './namings.ts'
import { PastEnd } from './past-end.ts'
import { Pipeline, type JudgedBatch, type Past } from './pipeline.ts'
import { SnapshotsDue, snapshotWrite } from './snapshots.ts'
import { Tails } from './tails.ts'
import { verifyAhead } from './verify-ahead.ts'
import { WaitingRoom } from './waiting.ts'
import { writeStates } from './write-states.ts'

/** What is loaded from a store. */
type Loaded = {
  readonly held: DocumentsHeld
  readonly index: Index
  readonly forks: Forks
  readonly namings: Namings
  readonly tails: Tails
}

/**
 * The documents of a federation as one node holds them, behind a single pipeline.
 *
 * 1. Frames and own records pass it one after the other; a verdict is given once it is on disk,
 *    but for whether a frame may be passed on.
 * 2. Own changes are synced to disk before anybody hears of them.
 * 3. After a failed write nothing more is taken or signed.
 * 4. Frames may be judged on what is being written, and are written after it; own records are
 *    judged on what is on disk.
 * 5. While a task runs, everything that was folded is on disk and nothing more is being folded.
 */
export class Ledger {
  readonly held: DocumentsHeld
  readonly index: Index
  readonly forks: Forks
  readonly namings: Namings
  /** By own document: nothing is dated before, for a head was signed then. Times in ms. */
  readonly signedUntil: Map<DocumentKind, number> = new Map()
  readonly #parts: LedgerParts
  readonly #whole: AdmissionParts & AuthoringParts & AdoptParts & LoadParts
  readonly #convictions: Convictions
  readonly #pastEnd: PastEnd
  readonly #waiting: WaitingRoom = new WaitingRoom()
  readonly #snapshots: SnapshotsDue = new SnapshotsDue()
  readonly #pipeline: Pipeline
  #broken: Failure | undefined

  private constructor(parts: LedgerParts, loaded: Loaded) {
    this.#parts = parts
    const { held, index, forks, namings } = loaded
    const isAwaited = (hash: string): boolean => this.#waiting.has(hash)
    const isWanted = (hash: string): boolean => this.#waiting.isWanted(hash)
    const whole = { ...parts, ...loaded, isAwaited, isWanted, signedUntil: this.signedUntil }
    this.#whole = whole
    this.#convictions = new Convictions({
      ...whole,
      onConvicted: (convicted) => {
        for (const observer of parts.observers) observer.cut?.(convicted.society)
        parts.onConvicted(convicted)
      },
    })
    this.#pastEnd = new PastEnd(whole)
    this.#pipeline = new Pipeline({
      prepare: (jobs) => this.#prepare(jobs),
      judge: (taken) => this.#judge(taken),
      write: (judged) => this.#write(judged),
      hasConsequences: (judged) => this.#hasConsequences(judged),
      run: (task) => this.#runTask(task),
      broken: () => this.#broken,
      refuse: (jobs, failure) => this.#refuse(jobs, failure),
    })
    this.held = held
    this.index = index
    this.forks = forks
    this.namings = namings
  }

  /** Opens a ledger on a store: loads snapshots, replays what came after them. */
  static async open(parts: LedgerParts): Promise<Ledger> {
    const held = new DocumentsHeld()
    const forks = new Forks(parts.store)
    await forks.load()
    const tails = new Tails()
    await tails.load(parts.store)
    const index = new Index(parts.store, parts.verifier, forks)
    const namings = new Namings()
    await namings.load(parts.store)
    await loadDocuments(parts.store, held, index, parts.log)
    return new Ledger(parts, { held, index, forks, namings, tails })
  }

  /** Believes reports whose consequences a crash prevented; before anything else is done. */
  async catchUp(): Promise<void> {
    await this.exclusively(() => this.#convictions.believeHeld())
  }

  /** The society that this node writes for. */
  get self(): SocietyKey {
    return keyOfBytes(this.#parts.signer.publicKey)
  }

  /** Time of the newest that this society has signed, records and heads, in ms; 0 for nothing. */
  get newestTime(): number {
    const chains = [this.held.trust(this.self).chain, this.held.pool(this.self).chain]
    return Math.max(...chains.map(({ time }) => time), ...this.signedUntil.values())
  }

  /** Jobs that wait, and frames that wait for others. */
  get load(): { readonly jobs: number; readonly waiting: number; readonly waitingBytes: number } {
    const { size, bytes } = this.#waiting
    return { jobs: this.#pipeline.length, waiting: size, waitingBytes: bytes }
  }

  /** Whether all that was folded is on disk and was told of. */
  get settled(): boolean {
    return this.#pipeline.running === undefined && this.#broken === undefined
  }

  /**
   * Puts a frame of a peer through the pipeline. Never throws; overload ignores. `passed` is called
   * as soon as all of it is found to be good, which says nothing of what is on disk.
   */
  ingest(frame: ChangesFrame, from: PeerName | null, passed?: () => void): Promise<Verdict> {
    return new Promise((resolve) => {
      const bytes = bytesOf(frame)
      if (from !== null && bytes > frameChangesBytesMax) {
        const message = 'more under one signature than evidence could show'
        resolve({ verdict: 'reject', code: 'too-large', message })
        return
      }
      if (this.#broken !== undefined || this.#pipeline.length >= pipelineJobsMax) {
        const { code, message } = this.#broken ?? {
          code: 'rate-limited',
          message: 'too much waits to be judged',
        }
        resolve({ verdict: 'ignore', code, message })
        return
      }
      this.#pipeline.push({ incoming: { frame, bytes, from, passed, resolve } })
    })
  }

  /**
   * Writes a record of this society. `prepare` makes its wire fields when its turn has come.
   * Resolves with its id once it is on disk; rejects with a `Failure` where it is refused, as it
   * always is with a `refusal`: with that, or with what the rules find before it.
   */
  append(
    document: DocumentKind,
    prepare: () => Promise<Fields>,
    refusal?: Failure,
  ): Promise<RecordId> {
    return new Promise((resolve, reject) => {
      if (this.#broken !== undefined) {
        reject(this.#broken)
        return
      }
      if (this.#pipeline.length >= pipelineJobsMax) {
        reject(new Failure('rate-limited', 'too much waits to be written; try again'))
        return
      }
      this.#pipeline.push({ draft: { document, prepare, refusal, resolve, reject } })
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
      this.#pipeline.push({ task: { run, done } })
    })
  }

  /** Looks at frames whose turn comes next, and has their signatures checked aside. */
  #prepare(jobs: readonly BatchJob[]): Taken {
    const { sha256 } = this.#parts
    const frames = jobs.flatMap((job) =>
      'incoming' in job ? peekFrame(job.incoming.frame, sha256) : [],
    )
    // What could not be checked aside is checked when its turn has come.
    const checked = verifyAhead(this.#whole, frames).catch((error: unknown) => {
      this.#parts.log.error('signatures-not-checked-ahead', { error: String(error) })
    })
    return { jobs, frames, checked }
  }

  async #runTask(task: Task): Promise<void> {
    try {
      await task.run()
    } catch (error) {
      this.#break(error, [])
    }
    task.done(this.#broken)
  }

  async #judge({ jobs, frames, checked }: Taken): Promise<JudgedBatch | undefined> {
    const batch = new Batch(this.index, this.#snapshots, this.#parts.observers)
    const answers: (() => void)[] = []
    const pasts: Past[] = []
    try {
      await checked
      const peeked = frames.values()
      for (let at = 0; at < jobs.length; at++) {
        const job = jobs[at] as BatchJob
        if ('incoming' in job) {
          const { value: frame } = peeked.next() as IteratorYieldResult<PeekedFrame>
          await this.#admit(job.incoming, frame, batch, answers, pasts)
          continue
        }
        const drafts = [job.draft]
        for (let next = jobs[at + 1]; next !== undefined; next = jobs[at + 1]) {
          if ('incoming' in next || next.draft.document !== job.draft.document) break
          drafts.push(next.draft)
          at += 1
        }
        const refusal = this.silence
        if (refusal !== undefined) drafts.forEach((draft) => draft.reject(refusal))
        else await writeDrafts(this.#whole, job.draft.document, drafts, batch)
      }
      return { jobs, batch, writes: batch.finish(), answers, pasts }
    } catch (error) {
      this.#break(error, jobs)
      return undefined
    }
  }

  async #write({ jobs, batch, writes, answers, pasts }: JudgedBatch): Promise<void> {
    this.index.batchClosed()
    try {
      if (writes.length > 0) await this.#parts.store.write(writes, { sync: batch.sync })
    } catch (error) {
      this.#break(error, jobs)
      return
    }
    this.index.batchWritten()
    for (const answer of [...batch.afterwards, ...answers]) answer()
    if (batch.accepted.length > 0) {
      this.#release(batch.accepted.map(({ hash }) => hash))
      this.#tell(batch.accepted)
    }
    await this.#afterBatch(batch, pasts)
  }

  /**
   * Whether documents may end by what was judged, more is taken from others from then on, or its
   * states are written as they are held.
   */
  #hasConsequences({ batch, pasts }: JudgedBatch): boolean {
    const { admits = () => false } = this.#parts
    if (pasts.length > 0 || batch.suspicions.length > 0 || batch.snapshots.size > 0) return true
    return batch.accepted.some(({ judged }) =>
      judged.some((record) => record.outcome?.type === 'report' || admits(record)),
    )
  }

  #tell(accepted: readonly Accepted[]): void {
    try {
      this.#parts.onAccepted(accepted)
    } catch (error) {
      // Whoever listens must not stop the pipeline.
      this.#parts.log.error('accepted-not-told', { error: String(error) })
    }
  }

  /** What may only happen while nothing is being folded: documents end, and what is past ends. */
  async #afterBatch(batch: Batch, pasts: readonly Past[]): Promise<void> {
    try {
      await writeStates({ ...this.#whole, due: this.#snapshots }, batch)
      for (const { job, peeks } of pasts) {
        const { verdict, taken } = await this.#pastEnd.take(job.frame, peeks)
        this.#release(taken)
        this.#wait(verdict, job, peeks)
        job.resolve(verdict)
      }
      for (const suspicion of batch.suspicions) await this.#convictions.lookInto(suspicion)
      for (const accepted of batch.accepted) await this.#convictions.believe(accepted)
    } catch (error) {
      this.#break(error, [])
    }
    // Those that an error left without an answer.
    for (const { job } of pasts) job.resolve({ verdict: 'ignore' })
  }

  #release(hashes: readonly string[]): void {
    for (const hash of hashes) {
      for (const { frame, from } of this.#waiting.take(hash)) void this.ingest(frame, from)
    }
  }

  #wait({ missing }: Verdict, { frame, from }: FrameJob, peeks: PeekedFrame['peeks']): void {
    if (missing === undefined) return
    const forMember = isForMember(this.#whole, { frame, peeks })
    this.#waiting.add(missing, { frame, from, forMember })
  }

  async #admit(
    job: FrameJob,
    frame: PeekedFrame,
    batch: Batch,
    answers: (() => void)[],
    pasts: Past[],
  ): Promise<void> {
    const { verdict, past } = await admitFrame(this.#whole, frame, batch)
    // What is past an end is taken where something waits for it, or where its signature is that of
    // changes before the end.
    const wanted = past.some(({ hash }) => this.#waiting.has(hash))
    if (past.length > 0 && (wanted || verdict.accepted !== undefined)) {
      pasts.push({ job, peeks: past })
      return
    }
    if (past.length === 0 && verdict.verdict === 'accept') job.passed?.()
    this.#wait(verdict, job, frame.peeks)
    answers.push(() => this.#release(verdict.noted ?? []))
    const ended: Verdict = { ...verdict, verdict: 'ignore', code: 'equivocation' }
    answers.push(() => job.resolve(past.length > 0 ? ended : verdict))
  }

  /** Why nothing may be signed at present; undefined where it may. */
  get silence(): Failure | undefined {
    if (this.forks.convicted(this.self)) {
      const message = 'this society signed two pasts; nothing it writes counts any more'
      return new Failure('equivocation', message)
    }
    if (!this.#parts.mayHaveSigned()) return this.#parts.clockFault()
    const message = 'restored from a backup: others are still asked what was signed since'
    return new Failure('out-of-order', message)
  }

  /** Changes and evidence that frames wait for. */
  missing(countMax: number): readonly string[] {
    return this.#waiting.missing(countMax)
  }

  /** Takes a statement that contradicts a document as it is held. */
  suspect(suspicion: Suspicion): Promise<void> {
    return this.#quietly(() => this.#convictions.lookInto(suspicion))
  }

  /**
   * Takes a document over from a checkpoint that enough witnesses have signed; false where what is
   * held is newer, or of another past.
   */
  async adopt(adopted: Adopted): Promise<boolean> {
    let known: readonly string[] | undefined
    await this.#quietly(async () => {
      known = await adoptContent(this.#whole, adopted)
    })
    if (known === undefined) return false
    this.#release(known)
    this.#parts.onAdopted(keyOfActor(adopted.checkpoint.actor))
    return true
  }

  /**
   * Drops the trust documents of societies that are chosen once nothing is being folded; who they
   * were. Nothing that stays may need them.
   */
  async evict(choose: () => readonly SocietyKey[]): Promise<readonly SocietyKey[]> {
    let chosen: readonly SocietyKey[] = []
    await this.#quietly(async () => {
      chosen = choose()
      if (chosen.length > 0) await evictDocuments(this.#whole, chosen)
      for (const society of chosen) this.#snapshots.done(actorOf('trust', society))
    })
    return this.#broken === undefined ? chosen : []
  }

  /** Takes evidence from elsewhere; the verdict says what it is worth. */
  async takeEvidence(evidence: Uint8Array): Promise<GossipVerdict> {
    const isNew = this.#convictions.isNews(evidence)
    const digest = evidenceDigest(evidence)
    const isNamed = this.#waiting.has(digest)
    // What is known already is not worth the check of two signatures.
    if (isNew === false && !isNamed) return 'ignore'
    if (isNew === undefined || this.#convictions.judge(evidence) === undefined) return 'reject'
    if (isNamed) {
      await this.#quietly(() => this.#convictions.keep(evidence))
      this.#release([digest])
    }
    if (isNew) await this.#quietly(() => this.#convictions.convict(evidence))
    return isNamed || isNew ? 'accept' : 'ignore'
  }

  /** Keeps evidence that an own report is about to name. */
  keepEvidence(evidence: Uint8Array): Promise<void> {
    return this.#quietly(() => this.#convictions.keep(evidence))
  }

  /** Runs a task; where the ledger has stopped, nothing happens and the ledger says why. */
  async #quietly(task: () => Promise<void>): Promise<void> {
    try {
      await this.exclusively(task)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
    }
  }

  /** After a failed write the state in memory is ahead of the disk: nothing more is signed. */
  #break(error: unknown, jobs: readonly Job[]): void {
    const message = error instanceof Error ? error.message : String(error)
    const failure = new Failure('store-damaged', `the ledger has stopped: ${message}`, {
      cause: error,
    })
    this.#broken = failure
    this.#parts.log.error('ledger-stopped', { message })
    this.#refuse([...jobs, ...this.#pipeline.drain()], failure)
  }

  #refuse(jobs: readonly Job[], failure: Failure): void {
    const { message } = failure
    for (const job of jobs) {
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
    await this.#pipeline.running
    if (this.#broken !== undefined) return
    const writes: StoreWrite[] = []
    for (const state of [...this.held.trusts(), ...this.held.pools()]) {
      writes.push(await snapshotWrite(state, atOnce))
    }
    await this.#parts.store.write(writes, { sync: true })
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
