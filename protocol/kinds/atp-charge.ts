import { formatMilli } from '../amounts.ts'
import { fault, type Fault } from '../codes.ts'
import { chargeMilliAtpMin, lifetimeMsMax, liveBatchesMax, suppliesMax } from '../limits.ts'
import type { RecordId } from '../identity.ts'
import { addLots } from '../ledger/lots.ts'
import { leftAt, startOccupation } from '../ledger/occupation.ts'
import type { OutcomeOf } from '../ledger/outcomes.ts'
import type { PoolState } from '../ledger/pool-state.ts'
import { named, poolKind, type Judging, type RecordKind } from './kind.ts'
import { amount, integer, list, reference } from './schema.ts'

type Proven = OutcomeOf<'proof'>
type Charge = {
  readonly amount: number
  readonly proof: RecordId
  readonly supplies: readonly RecordId[]
  readonly lifetime: number
}

/** The charged source's proof and those of what powers it, nearest first. */
function chainOf(charge: Charge, judging: Judging): readonly Proven[] {
  return [charge.proof, ...charge.supplies].map((id) => named(judging, id, 'proof').outcome)
}

function chainFault(state: PoolState, charge: Charge, judging: Judging): Fault | null {
  const chain = chainOf(charge, judging)
  const broken = chain.find((proof, i) => proof.poweredBy !== (chain[i + 1]?.source ?? null))
  if (broken !== undefined) {
    return fault('unknown-reference', `the charge must name the proof of what powers it`)
  }
  for (const id of [charge.proof, ...charge.supplies]) {
    if (named(judging, id, 'proof').author !== judging.author) {
      return fault('not-authorised', 'the proof is another society’s', id)
    }
  }
  for (const proof of chain) {
    const { source } = proof
    if (judging.time >= proof.staleAt)
      return fault('proof-stale', `${source}: measured too long ago`)
    if (proof.number < (state.proofs.get(source) ?? 0)) {
      return fault('proof-stale', `${source}: a newer proof was charged against before`)
    }
    if (proof.assurance < 1) return fault('unverified-source', `${source} is only claimed`)
  }
  return null
}

function capacityFault(state: PoolState, charge: Charge, judging: Judging): Fault | null {
  const chain = chainOf(charge, judging)
  for (const { source, capacity, inherited } of chain) {
    const before = leftAt(inherited, judging.time)
    const occupied = before + (state.occupied.get(source) ?? 0)
    if (occupied + charge.amount > capacity) {
      const free = Math.max(0, capacity - occupied)
      return fault(
        'insufficient-capacity',
        `${source} has ${formatMilli(free)} W free of ${formatMilli(capacity)} W`,
      )
    }
  }
  for (const { source, dailyEnergy } of chain) {
    const today = (state.chargedToday.get(source) ?? 0) + charge.amount
    if (dailyEnergy !== null && today > dailyEnergy) {
      return fault(
        'insufficient-capacity',
        `${source} gives at most ${formatMilli(dailyEnergy)} Wh in 24 h`,
      )
    }
  }
  return null
}

/** `atp.charge`: ADP becomes ATP against a proof that is valid now and watts that are free. */
export const atpCharge: RecordKind = poolKind(
  'atp.charge',
  {
    amount,
    proof: reference('energy.prove'),
    supplies: list(reference('energy.prove'), suppliesMax),
    lifetime: integer(1, lifetimeMsMax),
  },
  {
    shape(value) {
      return value.amount < chargeMilliAtpMin
        ? fault('invalid-amount', 'a charge is at least 1 ATP')
        : null
    },
    check(state, value, judging) {
      const broken = chainFault(state, value, judging)
      if (broken !== null) return broken
      if (value.amount > state.pool) {
        return fault('insufficient-adp', `the pool holds ${formatMilli(state.pool)} ADP`)
      }
      const full = capacityFault(state, value, judging)
      if (full !== null) return full
      return state.lots.size >= liveBatchesMax
        ? fault('too-many-batches', `${liveBatchesMax} batches are live`)
        : null
    },
    apply(state, value, judging) {
      const chain = chainOf(value, judging)
      const { source, policy } = chain[0] as Proven
      const { id: batch, author, time: chargedAt } = judging
      const expiresAt = chargedAt + value.lifetime
      const origin = { batch, charger: author, source, proof: value.proof, chargedAt, expiresAt }
      for (const proof of chain) state.proofs.set(proof.source, proof.number)
      state.pool -= value.amount
      const uses = { available: value.amount, reserved: 0, escrowed: 0, lent: 0 }
      const held = { owner: author, path: [], via: null, ...uses }
      addLots(state, [{ ...origin, key: `${batch}/0`, broughtAt: chargedAt, ...held }])
      const minimumUntil = chargedAt + policy.minimumOccupancyMs
      const daily = chain.filter(({ dailyEnergy }) => dailyEnergy !== null)
      startOccupation(
        state,
        {
          batch,
          sources: chain.map((proof) => proof.source),
          amount: value.amount,
          discharged: 0,
          chargedAt,
          expiresAt,
          minimumOver: minimumUntil <= chargedAt,
          expired: false,
        },
        minimumUntil,
        daily.map((proof) => proof.source),
      )
      return { type: 'charge', supplies: value.supplies }
    },
  },
)
