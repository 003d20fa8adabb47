import { compareRecordIds, type RecordId, type SocietyKey } from '../identity.ts'
import { handoverSlicesMax, integerMax } from '../limits.ts'
import { pushDue } from './due.ts'
import type { Lot, PoolState, Share } from './pool-state.ts'
import type { Slice } from './outcomes.ts'

/** What a lot's ATP is doing. */
export type Use = 'available' | 'reserved' | 'escrowed' | 'lent'

function partsOfLotKey(key: string): { readonly record: RecordId; readonly index: number } {
  const slash = key.lastIndexOf('/')
  return { record: key.slice(0, slash) as RecordId, index: Number(key.slice(slash + 1)) }
}

/** Spend order: first to expire first, ties by the record that brought the lot, then by index. */
export function compareLots(a: Lot, b: Lot): number {
  if (a.expiresAt !== b.expiresAt) return a.expiresAt - b.expiresAt
  if (a.broughtAt !== b.broughtAt) return a.broughtAt - b.broughtAt
  const left = partsOfLotKey(a.key)
  const right = partsOfLotKey(b.key)
  return compareRecordIds(left.record, right.record) || left.index - right.index
}

/** All ATP of a lot, whatever it is doing, in mATP. */
export function lotTotal(lot: Lot): number {
  return lot.available + lot.reserved + lot.escrowed + lot.lent
}

/** Adds a lot whose ATP is all available. Amortised constant where lots expire as they come. */
export function addLot(state: PoolState, lot: Lot): void {
  state.available += lot.available
  if (lot.via !== null) state.borrowed += lot.available
  pushDue(state.due, { at: lot.expiresAt + 1, type: 'lot', id: lot.key })
  if (state.lastLot === null || compareLots(state.lastLot, lot) < 0) {
    state.lots.set(lot.key, lot)
    state.lastLot = lot
    return
  }
  const sorted = [...state.lots.values(), lot].sort(compareLots)
  state.lots = new Map(sorted.map((each) => [each.key, each]))
  state.lastLot = sorted.at(-1) ?? null
}

function put(state: PoolState, lot: Lot): void {
  if (lotTotal(lot) === 0) state.lots.delete(lot.key)
  else state.lots.set(lot.key, lot)
}

/** Moves ATP of a lot from one use to another. Nothing where the lot has expired. */
export function moveLot(state: PoolState, key: string, from: Use, to: Use, amount: number): void {
  const lot = state.lots.get(key)
  if (lot === undefined) return
  state[from] -= amount
  state[to] += amount
  put(state, { ...lot, [from]: lot[from] - amount, [to]: lot[to] + amount })
}

/** Takes ATP out of a lot. The caller says where its packets go. */
export function takeFromLot(state: PoolState, key: string, from: Use, amount: number): void {
  const lot = state.lots.get(key)
  if (lot === undefined) return
  state[from] -= amount
  if (lot.via !== null) state.borrowed -= amount
  put(state, { ...lot, [from]: lot[from] - amount })
}

/** Moves every share from one use to another. */
export function moveShares(state: PoolState, shares: readonly Share[], from: Use, to: Use): void {
  for (const share of shares) moveLot(state, share.lot, from, to, share.amount)
}

/** Shares in spend order that make up the amount, from available ATP of lots that are eligible. */
export function pickAvailable(
  state: PoolState,
  amount: number,
  eligible: (lot: Lot) => boolean = () => true,
): { readonly shares: readonly Share[]; readonly missing: number } {
  const shares: Share[] = []
  let missing = amount
  for (const lot of state.lots.values()) {
    if (missing === 0) break
    if (lot.available === 0 || !eligible(lot)) continue
    const part = Math.min(missing, lot.available)
    shares.push({ lot: lot.key, amount: part })
    missing -= part
  }
  return { shares, missing }
}

/** The shares whose lots are still alive, with their lots, in spend order. */
export function aliveShares(
  state: PoolState,
  shares: readonly Share[],
): readonly { readonly lot: Lot; readonly amount: number }[] {
  return shares
    .flatMap((share) => {
      const lot = state.lots.get(share.lot)
      return lot === undefined ? [] : [{ lot, amount: share.amount }]
    })
    .sort((a, b) => compareLots(a.lot, b.lot))
}

/** Splits shares in spend order into the first `amount` and the rest. */
export function splitShares(
  state: PoolState,
  shares: readonly Share[],
  amount: number,
): { readonly first: readonly Share[]; readonly rest: readonly Share[] } {
  const first: Share[] = []
  const rest: Share[] = []
  let missing = amount
  for (const { lot, amount: held } of aliveShares(state, shares)) {
    const part = Math.min(missing, held)
    missing -= part
    if (part > 0) first.push({ lot: lot.key, amount: part })
    if (held > part) rest.push({ lot: lot.key, amount: held - part })
  }
  return { first, rest }
}

/** Sum of shares in mATP. */
export function sumOf(shares: readonly { readonly amount: number }[]): number {
  return shares.reduce((sum, share) => sum + share.amount, 0)
}

/**
 * Whether a pool could not count what comes besides what it has. No pool has so much unless liars
 * made it up: by many pasts of many societies that hand it to each other.
 */
export function isBeyondCount({ supply, borrowed }: PoolState, more: number): boolean {
  return supply + borrowed + more > integerMax
}

/** Whether a hand-over of these shares has too many slices. */
export function tooManySlices(shares: readonly Share[]): boolean {
  return shares.length > handoverSlicesMax
}

/** The slices that a hand-over of these shares consists of. A `lender` is added to their path. */
export function slicesOf(
  state: PoolState,
  shares: readonly Share[],
  lender: SocietyKey | null,
): readonly Slice[] {
  return aliveShares(state, shares).map(({ lot, amount }) => ({
    batch: lot.batch,
    charger: lot.charger,
    source: lot.source,
    proof: lot.proof,
    chargedAt: lot.chargedAt,
    expiresAt: lot.expiresAt,
    lot: lot.key,
    amount,
    owner: lot.owner,
    path: lender === null ? [] : [...lot.path, lender],
    via: lot.via,
  }))
}

/** A lot made of a slice that was handed over. */
export function lotOfSlice(
  slice: Slice,
  brought: { readonly by: RecordId; readonly at: number; readonly index: number },
  holder: Pick<Lot, 'owner' | 'path' | 'via'>,
): Lot {
  return {
    batch: slice.batch,
    charger: slice.charger,
    source: slice.source,
    proof: slice.proof,
    chargedAt: slice.chargedAt,
    expiresAt: slice.expiresAt,
    key: `${brought.by}/${brought.index}`,
    broughtAt: brought.at,
    ...holder,
    available: slice.amount,
    reserved: 0,
    escrowed: 0,
    lent: 0,
  }
}
