import { millionths, type RecordId, type SocietyKey } from '../protocol/index.ts'
import { Claims } from './claims/claims.ts'
import { Transcripts } from './claims/transcripts.ts'
import { ProofIndex } from './claims/proof-index.ts'
import { Flags } from './detectors/flags.ts'
import { HistoryIndex } from './detectors/history-index.ts'
import { Failure } from './failure.ts'
import type { DocumentsHeld } from './ledger/documents-held.ts'
import type { Index } from './ledger/index-of-facts.ts'
import type { RecordObserver } from './ledger/observer.ts'
import type { Clock, Store } from './ports.ts'
import type { PlaceAudit } from './queue/audit.ts'
import { Deadlines } from './queue/deadlines.ts'
import { queueKnowledge } from './queue/knowledge.ts'
import { WorkQueue, type QueueNotice } from './queue/work-queue.ts'
import { Relations, type RelationsParts } from './trust/relations.ts'
import { VouchWatch } from './trust/vouch-watch.ts'
import { countVouches } from './trust/vouches.ts'
import { bondOf } from './view/commitments.ts'
import { viewQueue } from './view/queue.ts'
import { capacityAt, type SocietyContext } from './view/society.ts'

/** What the indexes ask of the node that keeps them. */
export type IndexedNode = {
  readonly held: DocumentsHeld
  readonly index: Index
  readonly clock: Clock
  readonly store: Store
  readonly equivocationOf: RelationsParts['equivocationOf']
  /** The members in this node's eyes, and since when each is one. */
  readonly members: () => ReadonlyMap<SocietyKey, number>
  readonly emit: (type: string, data: Readonly<Record<string, unknown>>) => void
}

/**
 * What a node keeps in step with the records, beyond the documents' own states, to answer questions
 * without going through all history: queues of requests, who has seen what of whom, who claims
 * which source, and what detectors find.
 */
export class Indexes {
  readonly queue: WorkQueue
  readonly relations: Relations
  readonly claims: Claims
  readonly transcripts: Transcripts
  readonly proofs: ProofIndex
  readonly flags: Flags
  readonly observers: readonly RecordObserver[]
  readonly #node: () => IndexedNode
  readonly #history: HistoryIndex
  readonly #vouches: VouchWatch
  #deadlines: Deadlines | undefined

  /** `node` is asked for once records are judged, not before. */
  constructor(self: SocietyKey, store: Store, node: () => IndexedNode) {
    this.#node = node
    this.proofs = new ProofIndex(store)
    this.queue = new WorkQueue(self, () => {
      const { held, clock } = node()
      return queueKnowledge(held, {
        now: () => clock.now(),
        trustOf: (observer, subject) => this.trustOf(observer, subject),
        hasActiveBond: (society) => this.relations.hasActiveBond(society, clock.now()),
        capacityOf: (society) => this.capacityOf(society),
      })
    })
    this.relations = new Relations({
      held: () => node().held,
      equivocationOf: (society) => node().equivocationOf(society),
      anomalyOf: (society, now) => this.flags.anomalyOf(society, now),
    })
    this.#vouches = new VouchWatch({
      self,
      // Only asked for the time and for timers once the node is there.
      clock: { now: () => node().clock.now(), after: (ms, then) => node().clock.after(ms, then) },
      store: () => node().store,
      vouching: () => this.relations.vouching,
      emit: (type, data) => node().emit(type, data),
    })
    this.claims = new Claims({
      held: () => node().held,
      members: () => node().members(),
      isCaught: (society) => node().equivocationOf(society) !== undefined,
    })
    this.transcripts = new Transcripts({ store: () => node().store, index: () => node().index })
    this.#history = new HistoryIndex({
      held: () => node().held,
      claims: () => this.claims,
      now: () => node().clock.now(),
      memberSince: (society) => node().members().get(society),
      equivocationOf: (society) => node().equivocationOf(society),
    })
    this.flags = new Flags(this.#history)
    // The queue asks for trust: what it goes by is brought up to date first.
    this.observers = [
      this.relations,
      this.claims,
      this.proofs,
      this.transcripts,
      this.#history,
      this.queue,
    ]
  }

  /** Loads what is stored of them. */
  async load(store: Store, now: number): Promise<void> {
    await this.queue.load(store, now)
    await this.#history.load(store, now)
    await this.#vouches.load(store)
  }

  /** Begins to watch what time alone changes. */
  start(): void {
    const { clock, store, emit } = this.#node()
    const tell = ({ type, data }: QueueNotice): void => emit(type, data)
    this.#deadlines = new Deadlines({ queue: this.queue, clock, store, tell })
    this.#deadlines.start()
    this.#vouches.start()
  }

  /** Stops watching. */
  stop(): void {
    this.#deadlines?.stop()
    this.#vouches.stop()
  }

  /** Records have come. */
  look(): void {
    this.#deadlines?.look()
    this.#vouches.look()
  }

  /** mW of a society's valid sources now. */
  capacityOf(society: SocietyKey): number {
    const { held, clock } = this.#node()
    return capacityAt(held.trust(society), clock.now(), this.claims)
  }

  /** Trust in millionths; every society trusts itself. */
  trustOf(observer: SocietyKey, subject: SocietyKey): number {
    const now = this.#node().clock.now()
    return observer === subject ? millionths : this.relations.trustOf(observer, subject, now)
  }

  /** What a society's view shows of them. */
  contextOf(society: SocietyKey): Omit<SocietyContext, 'standing'> {
    const { relations } = this
    const now = this.#node().clock.now()
    return {
      queue: viewQueue(this.queue.ordered(society)),
      flags: this.flags.view(society, now),
      bond: bondOf(relations.bondAt(society, now)),
      vouches: countVouches(relations.vouching, society, now),
    }
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
