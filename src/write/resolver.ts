import type { DocumentKind, RecordId, SocietyKey } from '../../protocol/index.ts'
import type { Failure } from '../failure.ts'
import type { Finality } from '../finality/finality.ts'
import type { DocumentsHeld } from '../ledger/documents-held.ts'
import type { Forks } from '../ledger/forks.ts'
import type { Index } from '../ledger/index-of-facts.ts'
import type { Agenda } from '../automation/agenda.ts'
import type { Membership } from '../membership/membership.ts'
import type { Claims } from '../claims/claims.ts'
import type { MeasurementHistory } from '../energy/measurement-history.ts'
import type { Plausibility, Readings } from '../ports.ts'
import type { WorkQueue } from '../queue/work-queue.ts'
import type { Release } from '../automation/release.ts'
import type { VouchKnowledge } from '../trust/vouches.ts'
import type { Input } from './input.ts'

/** What resolving a caller's fields may look at. */
export type Resolving = {
  readonly self: SocietyKey
  readonly now: number
  readonly held: DocumentsHeld
  readonly index: Index
  readonly agenda: Agenda
  readonly queue: WorkQueue
  readonly claims: Claims
  readonly vouching: VouchKnowledge
  readonly forks: Forks
  readonly membership: Membership
  /** What this society's meters showed before. */
  readonly history: MeasurementHistory
  /** What the transcript tells besides the fields that are resolved. */
  readonly readings: Readings
  /** Level that two witnesses stand ready to bear out; 0 where nobody is known to. */
  readonly witnessedLevel: number
  readonly plausibility: Plausibility | undefined
  readonly finality: Finality
  readonly find: (text: string) => SocietyKey
  /** By what an own acceptance can be taken back; undefined where nothing is known. */
  readonly releaseOf: (acceptance: RecordId) => Promise<Release | undefined>
}

/** Makes wire values of what a caller gives for a kind of record; throws `Failure` to refuse. */
export type Resolver = {
  readonly document: DocumentKind
  /** Names of everything that a caller may give. */
  readonly fields: readonly string[]
  /** Wire values, complete but for what the node adds by itself (signatures). */
  resolve(input: Input, resolving: Resolving): Promise<object> | object
  /** Why this node does not write it by what else it knows (R78), where the rules have no word. */
  refusal?(value: object, resolving: Resolving): Refusal | Promise<Refusal>
}

/** A refusal of a node's own; undefined where there is none. */
export type Refusal = Failure | undefined

/** Record ids of everything that is live in the pools held here, for shortened ids. */
export function* liveIds(resolving: Resolving): Generator<RecordId> {
  for (const pool of resolving.held.pools()) {
    yield* pool.tickets.keys()
    for (const ticket of pool.endedTickets) yield ticket.id
    yield* pool.offers.keys()
    yield* pool.acceptances.keys()
    yield* pool.grants.keys()
  }
  for (const item of resolving.agenda.items()) yield item.id
  yield* resolving.queue.ids()
}
