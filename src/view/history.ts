import {
  attestationsKeptMs,
  didOf,
  standingOf,
  type Chain,
  type DocumentKind,
  type SocietyKey,
  type TrustState,
} from '../../protocol/index.ts'
import { Claims } from '../claims/claims.ts'
import { Failure } from '../failure.ts'
import { stateAt, type AtTimeParts } from '../ledger/at-time.ts'
import { DocumentsHeld } from '../ledger/documents-held.ts'
import { requestsKeptMs } from '../limits.ts'
import type { Ranked } from '../queue/order.ts'
import { countVouches } from '../trust/vouches.ts'
import { bondOf } from './commitments.ts'
import { viewQueue } from './queue.ts'
import { viewSociety, type SocietyContext, type SocietyView } from './society.ts'

/** A place of a document. */
export type DocumentPlace = {
  readonly changes: number
  readonly head: string
  readonly time: string
}

/** A society as the ledger stood at an instant. */
export type HistoryView = SocietyView & {
  readonly asOf: {
    /** The instant: everything is of the records dated at or before it. */
    readonly at: string
    /** When this was asked: of the records that this node holds then, whenever they came. */
    readonly known: string
    /** Newest change of each of its documents by then; null where there was none. */
    readonly trust: DocumentPlace | null
    readonly pool: DocumentPlace | null
    /** Changes of its documents that are dated later. */
    readonly later: number
    /** Other societies whose documents were taken as of the same instant. */
    readonly others: readonly string[]
    /** Members of the view that do not quite show what was, and why. */
    readonly partial: readonly { readonly member: string; readonly because: string }[]
  }
}

/** What showing a society's past needs of the node. */
export type HistoryParts = AtTimeParts & {
  readonly now: number
  /** Claims as they are now: who may have claimed or witnessed a source. */
  readonly claims: Claims
  readonly members: () => ReadonlyMap<SocietyKey, number>
  /** When a society was caught signing two pasts; null where it was not. */
  readonly caughtAt: (society: SocietyKey) => number | null
  /** What waited for a society at an instant. */
  readonly queueAt: (society: SocietyKey, at: number) => Promise<readonly Ranked[]>
}

const iso = (time: number): string => new Date(time).toISOString()

/** Societies whose trust documents a society's view is made of, beside its own. */
function named(own: TrustState, { claims, held, now }: HistoryParts, at: number): Set<SocietyKey> {
  const names = new Set<SocietyKey>(own.children.keys())
  if (own.application !== null) names.add(own.application.parent)
  for (const { to } of own.given.values()) names.add(to)
  for (const { sponsor } of own.received.values()) names.add(sponsor)
  for (const { id, proof } of own.sources.values()) {
    for (const society of claims.partiesOf(id, proof)) names.add(society)
  }
  // Present states have forgotten who witnessed an old proof; those of then had not.
  const isForgotten = [...own.sources.values()].some(
    ({ measuredAt, staleAt, retired }) =>
      retired === null && at < staleAt && measuredAt + attestationsKeptMs < now,
  )
  if (isForgotten) for (const society of held.societies()) names.add(society)
  names.delete(own.society)
  return names
}

/** The documents that a society's view is made of, each as it stood at an instant. */
async function pastOf(
  parts: HistoryParts,
  society: SocietyKey,
  at: number,
): Promise<DocumentsHeld> {
  const past = new DocumentsHeld()
  const put = async (kind: DocumentKind, key: SocietyKey): Promise<void> =>
    past.put(await stateAt(parts, kind, key, at))
  await put('trust', society)
  await put('pool', society)
  for (const other of named(past.trust(society), parts, at)) await put('trust', other)
  // Reputation is what others' pools have credited.
  const crediting = [...parts.held.pools()].filter(({ credited }) => credited.has(society))
  for (const { society: other } of crediting) if (other !== society) await put('pool', other)
  return past
}

function contextAt(
  { caughtAt }: HistoryParts,
  past: DocumentsHeld,
  society: SocietyKey,
  at: number,
  queue: readonly Ranked[],
): SocietyContext {
  const caught = caughtAt(society)
  const caughtBy = (other: SocietyKey): number | null => {
    const time = caughtAt(other)
    return time === null || time > at ? null : time
  }
  const { bond, sources } = past.trust(society)
  return {
    standing: caught !== null && caught <= at ? 'equivocated' : 'good',
    queue: viewQueue(queue),
    flags: [],
    bond: bondOf(bond === null ? undefined : standingOf(bond, sources, at)),
    vouches: countVouches({ held: past, caughtAt: caughtBy }, society, at),
  }
}

const placeOf = ({ seq, head, time }: Chain): DocumentPlace | null =>
  head === null ? null : { changes: seq, head, time: iso(time) }

function partialAt(
  { now }: HistoryParts,
  at: number,
  { queue, standing }: SocietyContext,
): HistoryView['asOf']['partial'] {
  const partial = [{ member: 'flags', because: 'detectors look at the present alone' }]
  if (standing !== 'good') {
    partial.push({ member: 'forged', because: 'what was handed over twice is counted now alone' })
  }
  if (at + requestsKeptMs < now) {
    const because = 'of requests that have ended, those of the last 30 days are kept'
    partial.push({ member: 'queue', because })
  } else if (queue.length > 0) {
    const because = 'classes follow from those told when they were served, or from present trust'
    partial.push({ member: 'queue', because })
  }
  return partial
}

/** Nothing is dated so early: says since when there is anything. */
async function refuseEarly(
  { held, index }: HistoryParts,
  society: SocietyKey,
  at: number,
): Promise<never> {
  const founding = held.trust(society).founding?.id
  const since = founding === undefined ? undefined : (await index.record(founding))?.time
  const known = since === undefined ? 'nothing of it is held' : `it was founded at ${iso(since)}`
  throw new Failure('unknown-reference', `there was no ${didOf(society)} at ${iso(at)}: ${known}`)
}

/**
 * A society as the ledger stood at an instant: its two documents folded again up to there, and
 * those of others that its view is made of. In memory are the states of these alone. Fails with
 * `malformed` for an instant to come, `unknown-reference` for one before its first record.
 */
export async function viewHistory(
  parts: HistoryParts,
  society: SocietyKey,
  instant: number | null,
): Promise<HistoryView> {
  const { held, now, claims: present, caughtAt, queueAt } = parts
  const newest = [held.trust(society).chain, held.pool(society).chain]
  const latest = Math.max(now, ...newest.map(({ time }) => time))
  const at = instant ?? latest
  if (at > latest) throw new Failure('malformed', `${iso(at)} is still to come`)
  const past = await pastOf({ ...parts, claims: present }, society, at)
  const [trust, pool] = [past.trust(society).chain, past.pool(society).chain]
  if (trust.head === null && pool.head === null) return refuseEarly(parts, society, at)
  const members = new Map([...parts.members()].filter(([, since]) => since <= at))
  const claims = new Claims({
    held: () => past,
    members: () => members,
    isCaught: (other) => (caughtAt(other) ?? Infinity) <= at,
  })
  claims.load()
  const queue = await queueAt(society, at)
  const context = contextAt(parts, past, society, at, queue)
  const changes = newest.reduce((sum, { seq }) => sum + seq, 0)
  return {
    ...viewSociety(past, society, at, claims, context),
    asOf: {
      at: iso(at),
      known: iso(now),
      trust: placeOf(trust),
      pool: placeOf(pool),
      later: changes - trust.seq - pool.seq,
      others: past
        .societies()
        .filter((other) => other !== society)
        .map(didOf),
      partial: partialAt(parts, at, context),
    },
  }
}
