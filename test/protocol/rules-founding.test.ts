import { describe, expect, test } from 'vitest'
import {
  nodeMessage,
  peerIdOf,
  policyNames,
  policyRules,
  witnessesMax,
} from '../../protocol/index.ts'
import type { Code } from '../../protocol/index.ts'
import { codeOf, foundedWorld, foundingOf } from '../support/ledger-society.ts'
import { markerSignature } from '../support/ledger-replica.ts'
import { fieldsOf, keyNamed, LedgerWorld, worldStart } from '../support/ledger-world.ts'

const [anna, berta] = [keyNamed('anna'), keyNamed('berta')]
const others = Array.from({ length: 40 }, (_, i) => keyNamed(`other ${i}`))

const foundingCode = (fields: object): Code | null =>
  codeOf(new LedgerWorld([anna]), anna, 'society.found', { ...foundingOf(), ...fields })

describe('society.found (R29)', () => {
  test.each([
    [-1, 'invalid-amount'],
    [0, null],
    [1_000_000_000, null],
    [1_000_000_001, 'invalid-amount'],
  ])('with %d mADP: %s', (adp, code) => {
    expect(foundingCode({ adp })).toBe(code)
  })

  test.each([
    ['one character', 'a', null],
    ['64 bytes', 'ä'.repeat(32), null],
    ['65 bytes', `${'ä'.repeat(32)}a`, 'malformed'],
    ['nothing', '', 'malformed'],
    ['a line break', 'a\nb', 'malformed'],
    ['a delete character', 'a\u{7f}', 'malformed'],
  ])('with %s as its name', (_, name, code) => {
    expect(foundingCode({ name })).toBe(code)
    expect(foundingCode({ federation: name })).toBe(code)
  })

  test.each([
    [0, null],
    [1, null],
    [2, 'malformed'],
    [3, 'malformed'],
    [4, null],
    [witnessesMax, null],
    [witnessesMax + 3, 'malformed'],
  ])('with %d witnesses: %s', (count, code) => {
    expect(foundingCode({ witnesses: others.slice(0, count) })).toBe(code)
  })

  test('with itself or one society twice among its witnesses is malformed', () => {
    expect(foundingCode({ witnesses: [anna] })).toBe('malformed')
    const [first, second, third] = others
    expect(foundingCode({ witnesses: [first, second, third, first] })).toBe('malformed')
  })

  test('comes once, and first', () => {
    const world = new LedgerWorld([anna])
    const before = codeOf(world, anna, 'citizenship.apply', { parent: berta })
    expect(before).toBe('unknown-reference')
    world.valid(anna, 'society.found', foundingOf())
    expect(world.code(anna, 'society.found', foundingOf())).toBe('already-ended')
    expect(world.code(anna, 'citizenship.apply', { parent: berta })).toBe(null)
  })

  test('with a field that is not known, or without one, is malformed (R17, R19)', () => {
    const world = new LedgerWorld([anna])
    const fields = fieldsOf('society.found', foundingOf())
    const more = new Map([...fields, ['zeal', 1] as const])
    const fewer = new Map([...fields].filter(([name]) => name !== 'adp'))
    const wrong = new Map([...fields, ['adp', '1'] as const])
    expect(world.write(anna, [more, fewer])).toMatchObject([
      { void: 'malformed', fault: { message: expect.stringContaining('not known') } },
      { void: 'malformed', fault: { message: 'adp is missing' } },
    ])
    expect(world.write(anna, [wrong])).toMatchObject([{ void: 'invalid-amount' }])
  })
})

describe('policy (R57)', () => {
  const set = (name: string, value: number, federation: string): object =>
    foundingOf({ federation, policy: { [name]: value } })

  const cases = policyNames.map((name) => ({ name, ...policyRules[name] }))

  test.each(cases)('$name stays within $minimum and $maximum', ({ name, minimum, maximum }) => {
    for (const value of [minimum, maximum]) {
      expect(foundingCode(set(name, value, 'test-x'))).toBe(null)
    }
    for (const value of [minimum - 1, maximum + 1]) {
      expect(foundingCode(set(name, value, 'test-x'))).toBe('malformed')
    }
  })

  const lifting = [
    'minimumOccupancy',
    'acceptAssurance',
    'bondGraceHours',
    'leaveNoticeDays',
    'vouchInteractions',
    'vouchBondDays',
    'vouchTrust',
  ]

  test.each(lifting)('%s may be 0 in a test federation only', (name) => {
    for (const federation of ['valley', 'latest-', 'Test-x', 'test']) {
      expect(foundingCode(set(name, 0, federation))).toBe('not-authorised')
      expect(foundingCode(set(name, 1, federation))).toBe(null)
    }
    expect(foundingCode(set(name, 0, 'test-'))).toBe(null)
  })

  test.each(['acceptFinality', 'wasteAlert', 'admission'])('%s may be 0 anywhere', (name) => {
    expect(foundingCode(set(name, 0, 'valley'))).toBe(null)
  })

  test('admission is open in a test federation only', () => {
    expect(foundingCode(set('admission', 1, 'valley'))).toBe('not-authorised')
    expect(foundingCode(set('admission', 1, 'test-x'))).toBe(null)
  })

  test('is the default where the founding record sets none', () => {
    const world = foundedWorld([anna], { policy: { ageingHours: 5 } })
    expect(world.replica.trust(anna).policy).toMatchObject({
      ageingHours: 5,
      minimumOccupancy: 3_600_000,
      atpLifetimeDays: 7 * 86_400_000,
      leaveNoticeDays: 90 * 86_400_000,
      vouchTrust: 700_000,
    })
  })
})

describe('society.amend (R30)', () => {
  test('changes the values it names and no others', () => {
    const world = foundedWorld([anna], { policy: { ageingHours: 5, wasteAlert: 7 } })
    world.valid(anna, 'society.amend', { witnesses: [], 'policy.ageingHours': 6 })
    expect(world.replica.trust(anna).policy).toMatchObject({ ageingHours: 6, wasteAlert: 7 })
  })

  test('keeps the limits of the founding record', () => {
    const world = foundedWorld([anna], { federation: 'valley' })
    const amend = (fields: object): Code | null =>
      codeOf(world, anna, 'society.amend', { witnesses: [], ...fields })
    expect(amend({ 'policy.minimumOccupancy': 0 })).toBe('not-authorised')
    expect(amend({ 'policy.minimumOccupancy': 1 })).toBe(null)
    expect(amend({ 'policy.ageingHours': 0 })).toBe('malformed')
    const lifts = { witnesses: [], 'policy.minimumOccupancy': 0 }
    expect(codeOf(foundedWorld([anna]), anna, 'society.amend', lifts)).toBe(null)
    expect(amend({ witnesses: [anna] })).toBe('malformed')
    expect(amend({ witnesses: others.slice(0, 2) })).toBe('malformed')
  })
})

describe('pool.open (R39)', () => {
  test('brings the founding ADP, once, from the own founding record', () => {
    const world = new LedgerWorld([anna, berta])
    const hers = world.valid(anna, 'society.found', foundingOf({ adp: 5 }))
    const join = world.valid(anna, 'federation.join', { federation: 'test-rules' })
    const other = world.valid(berta, 'society.found', foundingOf())
    expect(codeOf(world, anna, 'pool.open', { founding: other })).toBe('not-authorised')
    expect(codeOf(world, anna, 'pool.open', { founding: join })).toBe('unknown-reference')
    world.valid(anna, 'pool.open', { founding: hers })
    expect(world.replica.pool(anna)).toMatchObject({ pool: 5, supply: 5, founding: hers })
    expect(world.code(anna, 'pool.open', { founding: hers })).toBe('already-ended')
    expect(world.replica.pool(anna).supply).toBe(5)
  })

  test('comes before every other record of a pool', () => {
    const world = new LedgerWorld([anna])
    const founding = world.valid(anna, 'society.found', foundingOf())
    expect(codeOf(world, anna, 'work.request', { to: berta, amount: 1 })).toBe('unknown-reference')
    world.valid(anna, 'pool.open', { founding })
    expect(codeOf(world, anna, 'work.request', { to: berta, amount: 1 })).toBe(null)
  })

  test('does not open on a void founding record', () => {
    const world = new LedgerWorld([anna])
    const voided = world.put(anna, 'society.found', { ...foundingOf(), adp: 2_000_000_000 })
    expect(world.code(anna, 'pool.open', { founding: voided.id })).toBe('unknown-reference')
  })
})

describe('node.certify (R36)', () => {
  const node = keyNamed('a node')
  const peerId = peerIdOf(node)
  const certificate = (until: number, society = anna): object => ({
    peerId,
    until,
    signature: markerSignature(nodeMessage(society, until), node),
  })

  test('is signed by the node for just this society and time', () => {
    const world = foundedWorld([anna])
    const certify = (value: object): Code | null => codeOf(world, anna, 'node.certify', value)
    const good = certificate(worldStart + 1)
    expect(certify({ ...good, until: worldStart + 2 })).toBe('bad-signature')
    expect(certify({ ...good, peerId: peerIdOf(keyNamed('another')) })).toBe('bad-signature')
    expect(certify(certificate(worldStart + 1, berta))).toBe('bad-signature')
    expect(certify({ ...good, peerId: '12D3' })).toBe('malformed')
    expect(certify({ ...good, peerId: `${peerId}x` })).toBe('malformed')
    world.valid(anna, 'node.certify', good)
    expect(world.replica.trust(anna).nodes.get(peerId)).toBe(worldStart + 1)
  })

  test('is over before it begins where it ends before the record', () => {
    const world = foundedWorld([anna])
    expect(codeOf(world, anna, 'node.certify', certificate(worldStart - 1))).toBe('expired')
    expect(codeOf(world, anna, 'node.certify', certificate(worldStart))).toBe(null)
  })
})

describe('a federation (R37, R38)', () => {
  test('is joined once, and only the one the society was founded for', () => {
    const world = foundedWorld([anna])
    const join = (federation: string): Code | null =>
      codeOf(world, anna, 'federation.join', { federation })
    expect(join('test-other')).toBe('not-authorised')
    world.valid(anna, 'federation.join', { federation: 'test-rules' })
    expect(join('test-rules')).toBe('already-ended')
  })

  test('admits who asked to join it, once', () => {
    const world = foundedWorld([anna, berta])
    const join = world.valid(berta, 'federation.join', { federation: 'test-rules' })
    const admit = (fields: object): Code | null =>
      codeOf(world, anna, 'federation.admit', { society: berta, join, ...fields })
    expect(admit({ society: keyNamed('carla') })).toBe('unknown-reference')
    world.valid(anna, 'federation.admit', { society: berta, join })
    expect(world.replica.trust(anna).admitted.get(berta)?.join).toBe(join)
    expect(admit({})).toBe('already-ended')
  })

  test('admits nobody who asked to join another', () => {
    const world = foundedWorld([anna])
    const stranger = foundedWorld([berta], { federation: 'test-other' })
    const join = stranger.valid(berta, 'federation.join', { federation: 'test-other' })
    world.replica.hearOf(stranger.replica)
    const code = world.code(anna, 'federation.admit', { society: berta, join })
    expect(code).toBe('not-authorised')
  })
})
