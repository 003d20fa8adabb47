import {
  actorOf,
  didOf,
  evidencePartsMax,
  fromMilli,
  isOutOfReach,
  namedMsMax,
  partsOfRecordId,
  valueBytesMax,
  type Actor,
  type RecordId,
  type SocietyKey,
} from '../protocol/index.ts'
import type { Agenda } from './automation/agenda.ts'
import type { EventLog } from './events.ts'
import { Failure } from './failure.ts'
import type { Accepted } from './ledger/batch.ts'
import type { Convicted } from './ledger/convictions.ts'
import type { Ledger } from './ledger/ledger.ts'
import { reportPauseMs } from './limits.ts'
import type { Clock, Log, Random, Store } from './ports.ts'
import { forgedBy } from './view/forged.ts'

/** What dealing with liars needs of the node. */
export type LiarsParts = {
  readonly ledger: Ledger
  readonly store: Store
  readonly agenda: Agenda
  readonly events: EventLog
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Tells everybody of evidence. */
  readonly publish: (evidence: Uint8Array) => void
  readonly write: (kind: string, given: unknown) => Promise<unknown>
}

/** A report that is known here. */
type Report = { readonly id: RecordId; readonly at: number; readonly place: number }

/**
 * What a node does about societies that signed two pasts: passes the evidence on, writes it down
 * where nobody has, and forgets what they handed over past the end of their documents.
 */
export class Liars {
  readonly #parts: LiarsParts
  readonly #caughtAt: Map<SocietyKey, number> = new Map()
  /** mATP, by liar. */
  readonly #forged: Map<SocietyKey, number> = new Map()
  readonly #renewing: Set<Actor> = new Set()
  #stopped = true
  #counting = false
  #stale = false

  constructor(parts: LiarsParts) {
    this.#parts = parts
  }

  /** Goes on with what an earlier run may have left undone. */
  start(): void {
    this.#stopped = false
    this.#aside(() => this.#forget())
    this.#aside(() => this.#recount())
    this.reportAll()
  }

  /** Reports what nobody has reported yet. */
  reportAll(): void {
    if (this.#stopped) return
    for (const [actor, { evidence }] of this.#parts.ledger.forks.entries()) {
      this.#parts.publish(evidence)
      this.#reportSoon(actor)
    }
  }

  /** Writes nothing more. */
  stop(): void {
    this.#stopped = true
  }

  /** A society was found out, or its document ends earlier than was known. */
  convicted({ society, document, place, actor, evidence }: Convicted): void {
    const { clock, events, log, publish } = this.#parts
    const time = clock.now()
    if (!this.#caughtAt.has(society)) this.#caughtAt.set(society, time)
    events.emit('equivocation', time, { society: didOf(society), document, place })
    log.warn('equivocation', { society: didOf(society), document, place })
    if (!this.#stopped) publish(evidence)
    this.#aside(() => this.#forget())
    this.#aside(() => this.#recount())
    this.#reportSoon(actor)
  }

  /** Proof against a society, for whoever weighs its word: when it was found, and the reports. */
  equivocationOf(
    society: SocietyKey,
  ): { readonly at: number; readonly records: readonly RecordId[] } | undefined {
    if (!this.#parts.ledger.forks.convicted(society)) return undefined
    const reports = this.#reports(society).sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))
    // Without a report it is known to this node alone, since it found out.
    const at = reports[0]?.at ?? this.#caughtAt.get(society) ?? 0
    return { at, records: reports.map(({ id }) => id) }
  }

  /** How a society stands in this node's eyes, for its view. */
  standingOf(
    society: SocietyKey,
  ): { standing: 'good' } | { standing: 'equivocated'; forged: number } {
    if (!this.#parts.ledger.forks.convicted(society)) return { standing: 'good' }
    return { standing: 'equivocated', forged: fromMilli(this.#forged.get(society) ?? 0) }
  }

  /** Records have come: some may claim what a liar handed over. */
  accepted(accepted: readonly Accepted[]): void {
    if (this.#parts.ledger.forks.societies.size === 0) return
    const isClaim = accepted.some(({ judged }) =>
      judged.some(({ outcome }) => outcome?.type === 'claim' || outcome?.type === 'take'),
    )
    if (isClaim) this.#aside(() => this.#recount())
  }

  /** Counts what liars forged anew; one count at a time, once more if something came between. */
  async #recount(): Promise<void> {
    const { ledger, store } = this.#parts
    const { held, index, forks } = ledger
    this.#stale = true
    if (this.#counting) return
    this.#counting = true
    try {
      while (this.#stale && !this.#stopped) {
        this.#stale = false
        for (const society of forks.societies) {
          this.#forged.set(society, await forgedBy({ store, held, index, forks }, society))
        }
      }
    } finally {
      this.#counting = false
    }
  }

  /** Does something on the side; what the store cannot do after the end is of no interest. */
  #aside(task: () => Promise<void>): void {
    task().catch((error: unknown) => {
      if (this.#stopped) return
      const message = error instanceof Error ? error.message : String(error)
      this.#parts.log.error('liars-failed', { message })
    })
  }

  /**
   * The newest report that proves a society's lie; undefined where nobody has written one that may
   * still be named. Then this node writes one, for somebody waits for it.
   */
  reportOf(society: SocietyKey): RecordId | undefined {
    const { ledger, clock } = this.#parts
    if (!ledger.forks.convicted(society)) return undefined
    const [newest] = this.#reports(society).sort((a, b) => b.at - a.at)
    if (newest === undefined) return undefined
    if (!isOutOfReach('equivocation.report', newest.at, clock.now())) return newest.id
    for (const kind of ['pool', 'trust'] as const) void this.#renew(actorOf(kind, society))
    return undefined
  }

  /** Reports once more what was reported too long ago; one at a time. */
  async #renew(actor: Actor): Promise<void> {
    if (this.#renewing.has(actor)) return
    this.#renewing.add(actor)
    await this.#report(actor, this.#parts.clock.now() - namedMsMax)
    this.#renewing.delete(actor)
  }

  #reports(society: SocietyKey): Report[] {
    const { held } = this.#parts.ledger
    const actors = [actorOf('pool', society), actorOf('trust', society)]
    return [...held.trusts()].flatMap((trust) =>
      actors.flatMap((actor) => trust.reports.get(actor) ?? []),
    )
  }

  /** Strikes off what was handed over past the end of a document: it is on one past of several. */
  async #forget(): Promise<void> {
    const { agenda, ledger } = this.#parts
    for (const { id } of agenda.items()) {
      const facts = await ledger.index.facts(partsOfRecordId(id).hash)
      if (facts === undefined || facts.seq < ledger.forks.placeOf(facts.actor)) continue
      await ledger.note(agenda.done(id))
    }
  }

  /** Several nodes may find the same: whoever waits least writes it down for all. */
  #reportSoon(actor: Actor): void {
    const { clock, random } = this.#parts
    clock.after(Math.floor(random.next() * reportPauseMs), () => void this.#report(actor))
  }

  /** Writes down what no report says that is dated from an instant on. */
  async #report(actor: Actor, since: number = 0): Promise<void> {
    const { ledger, write, log } = this.#parts
    const fork = ledger.forks.of(actor)
    if (this.#stopped || fork === undefined || ledger.forks.convicted(ledger.self)) return
    const isReported = [...ledger.held.trusts()].some(({ reports }) => {
      const { at, place } = reports.get(actor) ?? { at: 0, place: Infinity }
      return place <= fork.place && at >= since
    })
    if (isReported) return
    const { evidence } = fork
    try {
      if (evidence.length > evidencePartsMax * valueBytesMax) await ledger.keepEvidence(evidence)
      await write('equivocation.report', { evidence })
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      log.warn('report-refused', { code: error.code, message: error.message })
    }
  }
}
