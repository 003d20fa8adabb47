import type { Actor, DocumentKind } from '../../protocol/index.ts'
import { Failure } from '../failure.ts'
import type { Accepted } from '../ledger/batch.ts'
import { checkpointFirstLookMs, checkpointLookMs, checkpointNudgeMs } from '../limits.ts'
import { takeCensus, type DocumentKept } from './census.ts'
import { Compaction, type CompactionParts, type Dropped } from './compaction.ts'
import type { HistoryKept } from './joining.ts'
import { Notary, type NotaryParts } from './notary.ts'

/** What checkpoints need of the node. */
export type CheckpointsParts = NotaryParts &
  CompactionParts & {
    readonly history: HistoryKept
    /** Leaves own checkpoints to the operator. */
    readonly manual: boolean
  }

const ownDocuments: readonly DocumentKind[] = ['pool', 'trust']

/** Writes own checkpoints when they are due, signs those of others, and drops what is old. */
export class Checkpoints {
  readonly notary: Notary
  readonly compaction: Compaction
  readonly #parts: CheckpointsParts
  #cancel: () => void = () => {}
  #cancelNudge: (() => void) | undefined
  #dropping: Promise<void> | undefined
  #isWriting = false
  #stopped = true
  #lookedAt: number | null = null
  #census: ReadonlyMap<Actor, DocumentKept> = new Map()

  constructor(parts: CheckpointsParts) {
    this.#parts = parts
    this.notary = new Notary(parts)
    this.compaction = new Compaction(parts)
  }

  /** Answers other nodes, and looks now and then at what is to be done. */
  start(): void {
    this.#stopped = false
    this.notary.serve()
    this.#schedule(checkpointFirstLookMs)
    this.#nudge()
  }

  /** Stops; resolves when nothing is being written any more. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    this.#cancelNudge?.()
    await this.#dropping
  }

  /** Changes are on disk: states at the checkpoints among them are kept soon. */
  accepted(accepted: readonly Accepted[]): void {
    const isAny = accepted.some(({ judged }) =>
      judged.some((record) => record.kind === 'society.checkpoint' && record.void === null),
    )
    if (isAny) this.#nudge()
  }

  #nudge(): void {
    if (this.#stopped || this.#parts.history === 'all' || this.#cancelNudge !== undefined) return
    this.#cancelNudge = this.#parts.clock.after(checkpointNudgeMs, () => {
      this.#cancelNudge = undefined
      void this.#exclusively(() => this.compaction.keep())
    })
  }

  #schedule(ms: number): void {
    this.#cancel = this.#parts.clock.after(ms, () => {
      this.#schedule(checkpointLookMs)
      void this.look()
    })
  }

  /** Does what is to be done now, each once at a time. */
  async look(): Promise<void> {
    if (this.#stopped) return
    await this.#exclusively(() => this.#drop())
    if (this.#isWriting || this.#parts.manual) return
    this.#isWriting = true
    await this.#guarded(() => this.#write((kind) => this.notary.isDue(kind)))
    this.#isWriting = false
  }

  /**
   * The operator will not wait: checkpoints of own documents that have changed are written, due or
   * not, and what may be dropped is. Fails with `uncertified`, `rate-limited` while another look
   * is under way.
   */
  async now(): Promise<void> {
    if (this.#stopped || this.#isWriting) {
      throw new Failure('rate-limited', 'checkpoints are being written: ask again in a while')
    }
    this.#isWriting = true
    try {
      await this.#write((kind) => this.notary.hasChanged(kind))
    } finally {
      this.#isWriting = false
    }
    await this.#exclusively(() => this.#drop())
  }

  /** How checkpoints and what is kept stood at the last look. */
  get seen(): {
    readonly keep: HistoryKept
    readonly lookedAt: number | null
    readonly census: ReadonlyMap<Actor, DocumentKept>
    readonly dropped: Dropped
  } {
    const { dropped } = this.compaction
    return { keep: this.#parts.history, lookedAt: this.#lookedAt, census: this.#census, dropped }
  }

  /** Runs what writes to the store, one after the other. */
  async #exclusively(run: () => Promise<void>): Promise<void> {
    while (this.#dropping !== undefined) await this.#dropping
    if (this.#stopped) return
    this.#dropping = this.#guarded(run).finally(() => {
      this.#dropping = undefined
    })
    await this.#dropping
  }

  async #drop(): Promise<void> {
    if (this.#parts.history === 'window') await this.compaction.look()
    this.#census = await takeCensus(this.#parts)
    this.#lookedAt = this.#parts.clock.now()
  }

  async #write(isWanted: (kind: DocumentKind) => boolean): Promise<void> {
    const failures: unknown[] = []
    for (const kind of ownDocuments) {
      if (this.#stopped || !isWanted(kind)) continue
      // One that fails must not keep the other from being written.
      await this.notary.write(kind).catch((error: unknown) => failures.push(error))
    }
    if (failures.length > 0) throw failures[0]
  }

  /** What fails for the world's sake is tried again at the next look. */
  async #guarded(run: () => Promise<void>): Promise<void> {
    try {
      await run()
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      const { code, message } = error
      this.#parts.log.info('checkpoint-put-off', { code, message })
    }
  }
}
