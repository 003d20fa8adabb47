import { beforeEach, describe, expect, test } from 'vitest'
import { endorsementMessage, encodeEndorsement, decodeEndorsement } from '../../protocol/index.ts'
import type { RecordId, SocietyKey } from '../../protocol/index.ts'
import { day, foundedWorld, prove, vouchNow } from '../support/bond-world.ts'
import { markerSignature } from '../support/ledger-replica.ts'
import { completed, keyNamed, worldStart, type LedgerWorld } from '../support/ledger-world.ts'

const sage = keyNamed('sage')
const leaf = keyNamed('leaf')
const oak = keyNamed('oak')
const elm = keyNamed('elm')
const fir = keyNamed('fir')
const everybody = [sage, leaf, oak, elm, fir]
const lowered = { 'policy.vouchBondDays': 0, 'policy.vouchTrust': 0 }
const month = 30 * day

let world: LedgerWorld

const at = (days: number, ms = 0): void => {
  world.now = worldStart + days * day + ms
}

type Terms = { to?: SocietyKey; watts?: number; duration?: number; admission?: RecordId }

/** A vouch of sage's with the signatures of endorsers, or of those who sign in their place. */
function vouch(
  { to = leaf, watts = 100_000, duration = month, admission }: Terms = {},
  endorsers: readonly SocietyKey[] = [],
  signers: readonly SocietyKey[] = endorsers,
): object {
  const message = endorsementMessage({ sponsor: sage, to, watts, duration })
  const signatures = signers.map((signer) => markerSignature(message, signer))
  return { to, watts, duration, endorsers, signatures, admission }
}

const give = (terms?: Terms, ...signed: readonly SocietyKey[][]): string | null =>
  world.code(sage, 'vouch.give', vouch(terms, ...signed))

describe('a vouch given (V1)', () => {
  beforeEach(() => {
    world = foundedWorld(everybody, lowered)
    prove(world, sage, 'm1', 1_000)
  })

  test('is not for oneself, nor twice for the same while it is open', () => {
    expect(give({ to: sage })).toBe('not-eligible')
    expect(give({ duration: 10 * day })).toBe(null)
    at(10)
    prove(world, sage, 'm1', 1_000)
    expect(world.copy().code(sage, 'vouch.give', vouch())).toBe('not-eligible')
    at(10, 1)
    expect(give()).toBe(null)
  })

  test('is of at most half of what the sponsor has proven itself', () => {
    expect(give({ watts: 500_001 })).toBe('insufficient-capacity')
    expect(give({ watts: 500_000 })).toBe(null)
    at(7)
    expect(give({ to: oak, watts: 1 })).toBe('insufficient-capacity')
  })

  test('is of some watts for up to a year', () => {
    expect(give({ watts: 0 })).toBe('invalid-amount')
    expect(give({ duration: 0 })).toBe('malformed')
    expect(give({ duration: 365 * day + 1 })).toBe('malformed')
    expect(give({ duration: 365 * day })).toBe(null)
  })

  test('carries a signature for each endorser, each once, neither sponsor nor newcomer', () => {
    expect(give({}, [oak, elm], [oak])).toBe('malformed')
    expect(give({}, [oak, oak])).toBe('malformed')
    expect(give({}, [oak, sage])).toBe('not-eligible')
    expect(give({}, [oak, leaf])).toBe('not-eligible')
    expect(give({}, [oak, elm], [oak, fir])).toBe('bad-signature')
    expect(give({}, [oak, elm])).toBe(null)
  })

  test('what endorsers sign is read back, and nothing else is (V2)', () => {
    const terms = { sponsor: sage, to: leaf, watts: 2 ** 53 - 2, duration: month }
    expect(decodeEndorsement(encodeEndorsement(terms))).toEqual(terms)
    expect(decodeEndorsement(encodeEndorsement(terms).subarray(1))).toBe(undefined)
    expect(decodeEndorsement(new Uint8Array(80).fill(255))).toBe(undefined)
  })
})

describe('a sponsor (V1)', () => {
  test('has held a bond for the time its policy asks for', () => {
    world = foundedWorld([sage, leaf], { 'policy.vouchBondDays': 5 * day, 'policy.vouchTrust': 0 })
    prove(world, sage, 'm1', 1_000)
    expect(give()).toBe('not-eligible')
    world.valid(sage, 'bond.commit', { sources: ['grid:test:m1'], lock: 7 * day })
    at(5, -1)
    expect(give()).toBe('not-eligible')
    at(5)
    expect(world.copy().code(sage, 'vouch.give', vouch())).toBe(null)
    prove(world, sage, 'm1', 1_000)
    at(8)
    expect(world.copy().code(sage, 'vouch.give', vouch())).toBe(null)
    world.valid(sage, 'energy.retire', { source: 'grid:test:m1' })
    prove(world, sage, 'm2', 1_000)
    expect(give()).toBe('not-eligible')
  })

  test('has the parent that admitted it sign, or two others', () => {
    world = foundedWorld(everybody, { 'policy.vouchBondDays': 0 })
    prove(world, sage, 'm1', 1_000)
    expect(give()).toBe('not-eligible')
    expect(give({}, [oak])).toBe('not-eligible')
    const application = world.valid(sage, 'citizenship.apply', { parent: oak })
    expect(give({}, [oak])).toBe('not-eligible')
    const admission = world.valid(oak, 'citizenship.admit', { child: sage, application })
    expect(give({ admission }, [elm])).toBe('not-eligible')
    expect(world.copy().code(sage, 'vouch.give', vouch({ admission }, [oak]))).toBe(null)
    expect(world.copy().code(sage, 'vouch.give', vouch({}, [oak, elm]))).toBe(null)
    const { chain } = world.replica.pool(sage)
    world.valid(sage, 'citizenship.leave', { pool: `${chain.head}:0` })
    world.now += 1
    expect(give({ admission }, [oak])).toBe('not-eligible')
  })
})

describe('a vouch accepted (V4)', () => {
  let id: RecordId

  beforeEach(() => {
    world = foundedWorld(everybody, lowered)
    for (const sponsor of [sage, oak, elm])
      prove(world, sponsor, `of-${sponsor.slice(0, 6)}`, 1_000)
    id = world.valid(sage, 'vouch.give', vouch({ duration: 10 * day }))
  })

  const accept = (by = leaf, which = id): string | null =>
    world.code(by, 'vouch.accept', { vouch: which })

  test('by whom it is for, once, in time', () => {
    expect(accept(oak)).toBe('not-authorised')
    at(10, 1)
    expect(world.copy().code(leaf, 'vouch.accept', { vouch: id })).toBe('expired')
    at(10)
    expect(accept()).toBe(null)
    expect(accept()).toBe('already-claimed')
    expect(vouchNow(world, leaf, id)?.state).toBe('active')
  })

  test('by a newcomer that has fewer than two', () => {
    const terms = { to: leaf, watts: 1, duration: 20 * day, endorsers: [], signatures: [] }
    const others = [oak, elm].map((sponsor) => world.valid(sponsor, 'vouch.give', terms))
    expect([accept(), accept(leaf, others[0]), accept(leaf, others[1])]).toEqual([
      null,
      null,
      'not-eligible',
    ])
    at(10, 1)
    expect(accept(leaf, others[1])).toBe(null)
  })

  test('fails when its period is over and the watts were not proven (V5, V6)', () => {
    accept()
    at(10)
    expect(vouchNow(world, leaf, id)).toEqual({ state: 'active', decidedAt: null })
    at(10, 1)
    expect(vouchNow(world, leaf, id)).toEqual({ state: 'failed', decidedAt: world.now })
  })

  test('succeeds by a proof of the watts, up to the last instant (V6)', () => {
    accept()
    at(1)
    prove(world, leaf, 'own', 99)
    expect(vouchNow(world, leaf, id)?.decidedAt).toBe(null)
    at(10, 1)
    const late = world.copy()
    prove(late, leaf, 'own', 100)
    expect(vouchNow(late, leaf, id)?.state).toBe('failed')
    at(10)
    prove(world, leaf, 'own', 100)
    expect(vouchNow(world, leaf, id)).toEqual({ state: 'active', decidedAt: world.now })
    at(10, 1)
    expect(vouchNow(world, leaf, id)?.state).toBe('succeeded')
  })

  test('counts what was proven before it was accepted (V6)', () => {
    prove(world, leaf, 'own', 100)
    accept()
    expect(vouchNow(world, leaf, id)).toEqual({ state: 'active', decidedAt: world.now })
  })

  test('fails when the newcomer’s bond is violated or it is caught before that (V6, V7)', () => {
    prove(world, leaf, 'own', 50)
    world.valid(leaf, 'bond.commit', { sources: ['grid:test:own'], lock: month })
    accept()
    at(8, -1)
    expect(vouchNow(world, leaf, id)?.state).toBe('active')
    expect(vouchNow(world, leaf, id, world.now)?.state).toBe('failed')
    at(8)
    expect(vouchNow(world, leaf, id)?.state).toBe('failed')
    at(7)
    const saved = world.copy()
    prove(saved, leaf, 'more', 100)
    saved.now = worldStart + 9 * day
    expect(vouchNow(saved, leaf, id)?.state).toBe('active')
    expect(vouchNow(saved, leaf, id, saved.now)?.state).toBe('active')
    expect(vouchNow(saved, leaf, id, worldStart + day)?.state).toBe('failed')
  })

  test('lends at most one ATP per vouched watt at a time, while it runs (V8)', () => {
    expect(accept()).toBe(null)
    const accepted = world.replica.trust(leaf).received.get(id)?.id as RecordId
    const proof = world.replica.valid('proof').find(({ author }) => author === sage)?.id
    const charge = { amount: 400_000, proof, supplies: [], lifetime: 20 * day }
    world.valid(sage, 'atp.charge', charge)
    const grant = { to: leaf, vouch: accepted }
    const code = (amount: number, by = sage, to = leaf): string | null =>
      world.code(by, 'allocation.grant', { ...grant, amount, to })
    expect(code(100_001)).toBe('invalid-amount')
    expect(code(60_000)).toBe(null)
    expect(code(40_001)).toBe('invalid-amount')
    expect(code(40_000)).toBe(null)
    expect(code(1, oak)).toBe('not-authorised')
    expect(code(1, sage, oak)).toBe('not-citizen')
    expect(world.code(sage, 'allocation.grant', { to: leaf, amount: 1 })).toBe('malformed')
    const lent = world.replica.valid('grant').map((record) => record.id)
    world.valid(leaf, 'allocation.take', { grant: lent[0] })
    const job = { amount: 60_000, worker: oak, deadline: day }
    const ticket = world.valid(leaf, 'work.allocate', job)
    const done = completed({ ticket, worker: oak, beneficiary: leaf })
    const completion = world.valid(leaf, 'work.complete', done)
    const back = world.valid(leaf, 'allocation.return', { grant: lent[0], completion })
    expect(code(1)).toBe('invalid-amount')
    world.valid(sage, 'allocation.take', { return: back })
    expect(code(60_000)).toBe(null)
    expect(world.replica.pool(sage).dealings.get(leaf)?.successes).toBe(1)
    at(10, 1)
    expect(code(1)).toBe('expired')
  })
})
