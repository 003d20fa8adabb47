import { createHash } from 'node:crypto'
import type {
  ChangeHash,
  CheckpointContent,
  KeptChange,
  Lot,
  Outcome,
  PoolState,
  ReturnedSlice,
  Slice,
} from '../../../protocol/index.ts'
import type { SeededRandom } from '../random.ts'
import { pick } from './actions.ts'

function slicesOf(lots: readonly Lot[], amount: number): readonly Slice[] {
  return lots.slice(0, 2).map((lot) => {
    const { batch, charger, source, proof, chargedAt, expiresAt, key, owner } = lot
    const origin = { batch, charger, source, proof, chargedAt, expiresAt }
    return { ...origin, lot: key, amount, owner, path: [owner], via: null }
  })
}

/** What somebody would take of a stranger, if it were true: for what it waits for, and more. */
function handOverTo(
  { society, acceptances, grants, lots: own }: PoolState,
  lots: readonly Lot[],
  random: SeededRandom,
): readonly [kind: string, outcome: Outcome] | undefined {
  const amount = 1 + Math.floor(random.next() * 20_000)
  const lot = pick(random, [...own.values()]) ?? pick(random, lots)
  if (lot === undefined) return undefined
  const acceptance = pick(random, [...acceptances.values()])
  const grant = pick(random, [...grants.values()])
  const chance = random.next()
  if (acceptance !== undefined && chance < 1 / 3) {
    const { id, due } = acceptance
    const terms = { acceptance: id, buyer: society, amount, due }
    return ['trade.settle', { type: 'settlement', ...terms, slices: slicesOf(lots, amount) }]
  }
  if (chance < 2 / 3) {
    const slice: ReturnedSlice = {
      index: Math.floor(random.next() * 2),
      amount,
      discharged: random.next() < 1 / 2,
      lot: lot.key,
      batch: lot.batch,
      via: lot.via,
    }
    const of = { grant: grant?.id ?? lot.batch, because: lot.batch }
    return ['allocation.return', { type: 'return', to: society, ...of, slices: [slice] }]
  }
  return ['allocation.grant', { type: 'grant', to: society, slices: slicesOf(lots, amount) }]
}

/** Hand-overs that a stranger puts before the newest of its changes. */
const baits = 16

/** A pool's content with more changes, which seem to have handed something over to others. */
export function baited(
  { state, changes }: CheckpointContent,
  pools: readonly PoolState[],
  random: SeededRandom,
): CheckpointContent {
  const last = changes.at(-1)
  if (last === undefined) return { state, changes }
  const lots = pools.flatMap((pool) => [...pool.lots.values()])
  const more: KeptChange[] = []
  for (let nth = 0; nth < baits; nth++) {
    const pool = pick(random, pools)
    const bait = pool && handOverTo(pool, lots, random)
    if (bait === undefined) continue
    const [kind, outcome] = bait
    const hash = createHash('sha256').update(`${last.hash} ${nth}`).digest('hex') as ChangeHash
    const { seq, time } = { seq: last.seq + nth, time: last.time }
    const of = { hash, seq, time, kinds: [kind], outcomes: { 0: outcome } }
    more.push({ ...of, voids: {}, ended: {}, borrowedUntil: 0 })
  }
  const seq = last.seq + baits
  const moved = { ...state, chain: { ...state.chain, seq } }
  return { state: moved, changes: [...changes.slice(0, -1), ...more, { ...last, seq }] }
}
