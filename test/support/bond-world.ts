import { standingOf, vouchStanding, violationsOf } from '../../protocol/index.ts'
import type { BondStanding, RecordId, SocietyKey, VouchStanding } from '../../protocol/index.ts'
import { LedgerWorld } from './ledger-world.ts'

/** A day in ms. */
export const day = 86_400_000
const evidence = 'ab'.repeat(32)

/** Proof of a meter of the grid: fresh for seven days from `measuredAt`. Watts in mW. */
export function gridProof(name: string, allocated: number, measuredAt: number): object {
  return {
    source: `grid:test:${name}`,
    allocated,
    measuredAt,
    method: 'test',
    assurance: 1,
    evidence,
  }
}

/** A few societies that are founded with their pools open; policies in wire units. */
export function foundedWorld(
  societies: readonly SocietyKey[],
  policy: Readonly<Record<string, number>> = {},
): LedgerWorld {
  const world = new LedgerWorld(societies)
  for (const society of societies) {
    const founding = world.valid(society, 'society.found', {
      name: `society ${society.slice(0, 8)}`,
      federation: 'test-world',
      adp: 10_000_000,
      witnesses: [],
      ...policy,
    })
    world.valid(society, 'pool.open', { founding })
  }
  return world
}

/** Proves a meter now. */
export function prove(world: LedgerWorld, by: SocietyKey, name: string, watts: number): RecordId {
  return world.valid(by, 'energy.prove', gridProof(name, watts * 1_000, world.now))
}

/** The newest bond of a society now. */
export function bondNow(world: LedgerWorld, society: SocietyKey): BondStanding | undefined {
  const { bond, sources } = world.replica.trust(society)
  return bond === null ? undefined : standingOf(bond, sources, world.now)
}

/** How an accepted vouch stands now. */
export function vouchNow(
  world: LedgerWorld,
  newcomer: SocietyKey,
  vouch: RecordId,
  caughtAt: number | null = null,
): VouchStanding | undefined {
  const trust = world.replica.trust(newcomer)
  const received = trust.received.get(vouch)
  const misdeeds = { violations: violationsOf(trust, world.now), caughtAt }
  return received && vouchStanding(received, misdeeds, world.now)
}
