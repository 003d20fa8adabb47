import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SocietyKey } from '../protocol/index.ts'
import { DocumentsHeld } from '../src/ledger/documents-held.ts'
import { Relations } from '../src/trust/relations.ts'
import { foundedWorld, prove } from './support/bond-world.ts'
import { effort } from './support/effort.ts'
import { play, threeSocieties } from './support/ledger-history.ts'
import { histories } from './support/ledger-step.ts'
import { keyNamed, type LedgerWorld } from './support/ledger-world.ts'

const day = 86_400_000

/** The relations of a world's documents: record by record, or at once when all is there. */
function relationsOf(world: LedgerWorld, how: 'followed' | 'loaded'): Relations {
  const held = new DocumentsHeld()
  for (const state of world.replica.states.values()) held.put(state)
  const relations = new Relations({
    held: () => held,
    equivocationOf: () => undefined,
    anomalyOf: () => ({ severity: 0, records: [] }),
  })
  if (how === 'loaded') relations.load()
  else for (const { records } of world.written) records.map((record) => relations.consider(record))
  return relations
}

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a < b ? -1 : 1

function told(relations: Relations, societies: readonly SocietyKey[], now: number): unknown {
  return societies.map((observer) => ({
    edges: [...relations.edgesFrom(observer)].sort(byKey),
    seen: [...relations.edgesTo(observer)].sort(byKey),
    trust: societies.map((subject) => relations.explain(observer, subject, now)),
  }))
}

describe('relations', () => {
  test('followed record by record are those of the states at the end', () => {
    let edges = 0
    fc.assert(
      fc.property(fc.nat(3), histories, (beginning, steps) => {
        const world = play(beginning, steps)
        const people = [...threeSocieties, keyNamed('worker')]
        const followed = relationsOf(world, 'followed')
        const loaded = relationsOf(world, 'loaded')
        expect(told(followed, people, world.now)).toEqual(told(loaded, people, world.now))
        edges += people.reduce((sum, one) => sum + loaded.edgesFrom(one).size, 0)
      }),
      effort.property(60),
    )
    expect(edges).toBeGreaterThan(10)
  })

  test('take in observations, vouches and the bonds that a source went through (T5)', () => {
    const [sage, leaf, oak] = ['sage', 'leaf', 'oak'].map(keyNamed) as [
      SocietyKey,
      SocietyKey,
      SocietyKey,
    ]
    const people = [sage, leaf, oak]
    const world = foundedWorld(people, { 'policy.vouchBondDays': 0, 'policy.vouchTrust': 0 })
    prove(world, sage, 'm1', 1_000)
    prove(world, leaf, 'm2', 100)
    world.valid(oak, 'trust.observe', { subject: sage, success: true, count: 30 })
    world.valid(leaf, 'bond.commit', { sources: ['grid:test:m2'], lock: 30 * day })
    const terms = { to: leaf, watts: 500_000, duration: day, endorsers: [], signatures: [] }
    const vouch = world.valid(sage, 'vouch.give', terms)
    world.valid(leaf, 'vouch.accept', { vouch })
    world.now += 1
    world.valid(leaf, 'energy.retire', { source: 'grid:test:m2' })
    world.now += 1
    prove(world, oak, 'm2', 100)
    world.now += day
    world.valid(oak, 'trust.observe', { subject: sage, success: false, count: 1 })
    prove(world, oak, 'm2', 100)
    const followed = relationsOf(world, 'followed')
    expect(told(followed, people, world.now)).toEqual(
      told(relationsOf(world, 'loaded'), people, world.now),
    )
    const reasons = (subject: SocietyKey): readonly string[] =>
      followed
        .explain(sage, subject, world.now)
        .terms.penalties.items.map(({ reason, society }) => `${reason} ${society.slice(0, 6)}`)
    expect(reasons(leaf)).toEqual([`bond-violated ${leaf.slice(0, 6)}`])
    expect(reasons(oak)).toEqual([`bond-violated ${leaf.slice(0, 6)}`])
    expect(reasons(sage)).toEqual([`vouch-failed ${leaf.slice(0, 6)}`])
    expect(followed.hasActiveBond(leaf, world.now)).toBe(false)
  })

  test('count a penalty once, however often one comes back to it (T14)', () => {
    const [sage, leaf] = ['sage', 'leaf'].map(keyNamed) as [SocietyKey, SocietyKey]
    const world = foundedWorld([sage, leaf], {
      'policy.vouchBondDays': 0,
      'policy.vouchTrust': 0,
    })
    prove(world, sage, 'm1', 1_000)
    world.valid(sage, 'bond.commit', { sources: ['grid:test:m1'], lock: 30 * day })
    world.valid(sage, 'bond.abandon', {})
    world.now += 1
    world.valid(sage, 'energy.retire', { source: 'grid:test:m1' })
    world.now += 1
    for (let i = 0; i < 2; i++) {
      prove(world, sage, 'm1', 1_000)
      const terms = { to: leaf, watts: 1_000, duration: day, endorsers: [], signatures: [] }
      const vouch = world.valid(sage, 'vouch.give', terms)
      world.valid(leaf, 'vouch.accept', { vouch })
      world.now += 2 * day
    }
    const { items } = relationsOf(world, 'followed').explain(leaf, sage, world.now).terms.penalties
    expect(items.map(({ reason }) => reason)).toEqual(['bond-abandoned', 'vouch-failed'])
  })
})
