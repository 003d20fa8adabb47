import {
  actorOf,
  didOf,
  evidencePartsMax,
  partsOfRecordId,
  valueBytesMax,
  type Actor,
  type RecordId,
  type SocietyKey,
} from '../protocol/index.ts'
import type { Agenda } from './agenda.ts'
import type { EventLog } from './events.ts'
import { Failure } from './failure.ts'
import type { Convicted } from './ledger/convictions.ts'
import type { Ledger } from './ledger/ledger.ts'
import { reportPauseMs } from './limits.ts'
import type { Clock, Log, Random } from './ports.ts'

/** What dealing with liars needs of the node. */
export type LiarsParts = {
  readonly ledger: Ledger
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
  #stopped = true

  constructor(parts: LiarsParts) {
    this.#parts = parts
  }

  /** Goes on with what an earlier run may have left undone. */
  start(): void {
    this.#stopped = false
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
    void this.#forget()
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

  /** A report that proves a society's lie; undefined where nobody has written one. */
  reportOf(society: SocietyKey): RecordId | undefined {
    const { ledger } = this.#parts
    return ledger.forks.convicted(society) ? this.#reports(society)[0]?.id : undefined
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

  async #report(actor: Actor): Promise<void> {
    const { ledger, write, log } = this.#parts
    const fork = ledger.forks.of(actor)
    if (this.#stopped || fork === undefined || ledger.forks.convicted(ledger.self)) return
    const isReported = [...ledger.held.trusts()].some(
      ({ reports }) => (reports.get(actor)?.place ?? Infinity) <= fork.place,
    )
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
