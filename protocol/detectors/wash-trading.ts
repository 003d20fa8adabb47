import type { RecordId, SocietyKey } from '../identity.ts'
import { finding, share, type Detector } from './finding.ts'
import { dayMs, isAfter, type History, type Trade } from './history.ts'

/** Within this time of its sale ATP comes back, in ms. */
const returnMs: number = 7 * dayMs
/** Societies that a cycle has at most. */
const cycleMax = 4
/** Time of trades that is looked at, in ms: long enough for a habit to show. */
const spanMs: number = 28 * dayMs
/** Part of what a society has traded that must have gone round, in millionths. */
const shareMin = 200_000
/** Trades of one batch that are followed; a batch that was cut up finer is left alone. */
const tradesPerBatchMax = 64

type Leg = {
  readonly trade: Trade
  /** mATP of the batch in it. */
  readonly amount: number
}

function legsOf(history: History, batch: RecordId, now: number): readonly Leg[] {
  const legs: Leg[] = []
  for (const trade of history.tradesOfBatch(batch)) {
    if (isAfter(trade.at, now) || now - trade.at >= spanMs) continue
    const amount = trade.slices.reduce(
      (sum, each) => (each.batch === batch ? sum + each.amount : sum),
      0,
    )
    legs.push({ trade, amount })
  }
  return legs.sort((a, b) => a.trade.at - b.trade.at || (a.trade.id < b.trade.id ? -1 : 1))
}

/** Cycles of a batch that begin with a leg: sold on and on within the time until it is back. */
function cyclesFrom(start: Leg, legs: readonly Leg[]): readonly (readonly Leg[])[] {
  const found: (readonly Leg[])[] = []
  const follow = (path: readonly Leg[], visited: readonly SocietyKey[]): void => {
    const last = path.at(-1) as Leg
    for (const next of legs) {
      const { trade } = next
      if (trade.seller !== last.trade.buyer || path.includes(next)) continue
      if (trade.at < last.trade.at || trade.at - start.trade.at > returnMs) continue
      if (trade.buyer === start.trade.seller) found.push([...path, next])
      else if (visited.length < cycleMax && !visited.includes(trade.buyer)) {
        follow([...path, next], [...visited, trade.buyer])
      }
    }
  }
  follow([start], [start.trade.seller, start.trade.buyer])
  return found
}

/** mATP of a batch that went round through a society, and the trades in which it did. */
function returnedOf(
  society: SocietyKey,
  legs: readonly Leg[],
): { readonly amount: number; readonly evidence: readonly RecordId[] } {
  // A leg brings home no more than it carried, however many cycles it closes.
  const home = new Map<Leg, number>()
  const evidence: RecordId[] = []
  for (const start of legs) {
    for (const cycle of cyclesFrom(start, legs)) {
      if (!cycle.some(({ trade }) => trade.seller === society)) continue
      const closing = cycle.at(-1) as Leg
      const carried = Math.min(...cycle.map(({ amount }) => amount))
      home.set(closing, Math.max(home.get(closing) ?? 0, carried))
      evidence.push(...cycle.map(({ trade }) => trade.id))
    }
  }
  const amount = [...home.values()].reduce((sum, each) => sum + each, 0)
  return { amount, evidence }
}

/** ATP that is sold in a circle: back with its seller within 7 d, by way of 4 societies at most. */
export const washTrading: Detector = (history, society, now) => {
  const batches = new Set<RecordId>()
  let sold = 0
  for (const { at, seller, slices } of history.tradesOf(society)) {
    if (seller !== society || isAfter(at, now) || now - at >= spanMs) continue
    for (const { batch, amount } of slices) {
      batches.add(batch)
      sold += amount
    }
  }
  let returned = 0
  const evidence: RecordId[] = []
  for (const batch of [...batches].sort()) {
    const legs = legsOf(history, batch, now)
    if (legs.length < 2 || legs.length > tradesPerBatchMax) continue
    const round = returnedOf(society, legs)
    returned += round.amount
    evidence.push(...round.evidence)
  }
  const severity = share(returned, sold)
  return severity < shareMin ? [] : finding('wash-trading', severity, evidence)
}
