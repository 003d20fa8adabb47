import type { RecordId, SocietyKey } from '../protocol/index.ts'
import { Failure } from './failure.ts'
import type { DocumentsHeld } from './ledger/documents-held.ts'
import type { Index } from './ledger/index-of-facts.ts'
import type { RecordObserver } from './ledger/observer.ts'
import type { Clock, Store } from './ports.ts'
import type { PlaceAudit } from './queue/audit.ts'
import { Deadlines } from './queue/deadlines.ts'
import { queueKnowledge } from './queue/knowledge.ts'
import { WorkQueue, type QueueNotice } from './queue/work-queue.ts'
import { viewQueue } from './view/queue.ts'
import { capacityAt, type SocietyContext } from './view/society.ts'

/** What the indexes ask of the node that keeps them. */
export type IndexedNode = {
  readonly held: DocumentsHeld
  readonly index: Index
  readonly clock: Clock
  readonly store: Store
  /** Trust in millionths. */
  readonly trustOf: (observer: SocietyKey, subject: SocietyKey) => number
  readonly hasActiveBond: (society: SocietyKey) => boolean
  readonly emit: (type: string, data: Readonly<Record<string, unknown>>) => void
}

/**
 * What a node keeps in step with the records, beyond the documents' own states, to answer questions
 * without going through all history: queues of requests.
 */
export class Indexes {
  readonly queue: WorkQueue
  readonly observers: readonly RecordObserver[]
  readonly #node: () => IndexedNode
  #deadlines: Deadlines | undefined

  /** `node` is asked for once records are judged, not before. */
  constructor(self: SocietyKey, node: () => IndexedNode) {
    this.#node = node
    this.queue = new WorkQueue(self, () => {
      const { held, clock, trustOf, hasActiveBond } = node()
      const capacityOf = (society: SocietyKey): number => this.capacityOf(society)
      return queueKnowledge(held, { now: () => clock.now(), trustOf, hasActiveBond, capacityOf })
    })
    this.observers = [this.queue]
  }

  /** Loads what is stored of them. */
  async load(store: Store, now: number): Promise<void> {
    await this.queue.load(store, now)
  }

  /** Begins to watch what time alone changes. */
  start(): void {
    const { clock, store, emit } = this.#node()
    const tell = ({ type, data }: QueueNotice): void => emit(type, data)
    this.#deadlines = new Deadlines({ queue: this.queue, clock, store, tell })
    this.#deadlines.start()
  }

  /** Stops watching. */
  stop(): void {
    this.#deadlines?.stop()
  }

  /** Records have come. */
  look(): void {
    this.#deadlines?.look()
  }

  /** mW of a society's valid sources now. */
  capacityOf(society: SocietyKey): number {
    const { held, clock } = this.#node()
    return capacityAt(held.trust(society), clock.now())
  }

  /** What a society's view shows of them. */
  contextOf(society: SocietyKey): Omit<SocietyContext, 'standing'> {
    return { queue: viewQueue(this.queue.ordered(society)), flags: [] }
  }

  /** Whether the place of a request in its queue was honoured. Fails with `unknown-reference`. */
  async auditRequest(id: RecordId): Promise<PlaceAudit> {
    const { index, store } = this.#node()
    const outcome = (await index.record(id))?.outcome
    const to = outcome?.type === 'request' ? outcome.to : undefined
    const audit = to === undefined ? undefined : await this.queue.audit(store, to, id)
    if (audit === undefined) throw new Failure('unknown-reference', 'no such request is known here')
    return audit
  }
}
