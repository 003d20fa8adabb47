import { describe, expect, test } from 'vitest'
import { admitChange, emptyChain, operationsFor } from '../../protocol/change/admit.ts'
import type { Chain, Change, Fields, Operation, Scalar } from '../../protocol/change/types.ts'
import { recordFieldsMax, segmentRecords, valueBytesMax } from '../../protocol/limits.ts'
import { actorOf, isHash } from '../support/automerge-reference.ts'

const actor = actorOf(`${'5a'.repeat(32)}00`)
const record = (entries: Readonly<Record<string, Scalar>>): Fields =>
  new Map(Object.entries(entries))
const one = [record({ n: 1 })]

const hashOf = (digits: string): Change['previous'] & string => {
  const hash = digits.repeat(32)
  if (!isHash(hash)) throw new TypeError(`${digits} makes no hash`)
  return hash
}

/** A change that fits the chain. */
const changeFor = (chain: Chain, records: readonly Fields[], time = chain.time): Change => ({
  actor: chain.actor,
  seq: chain.seq + 1,
  startOperation: chain.nextOperation,
  time,
  previous: chain.head,
  operations: operationsFor(records, chain),
})

const admitted = (chain: Chain, records: readonly Fields[]): Chain => {
  const hash = hashOf((chain.seq + 16).toString(16))
  const admission = admitChange(changeFor(chain, records, 1_000), hash, chain)
  if (!admission.ok) throw new TypeError(admission.message)
  return admission.chain
}

const empty = emptyChain(actor, 'trust/did:key:zExample')
const chain = Object.freeze(admitted(empty, [record({ a: 1, b: 2 }), record({ a: 3 })]))
const fitting = changeFor(chain, one)

/** Whose operations are right but for where they count from. */
const startingAt = (startOperation: number): Partial<Change> => ({
  startOperation,
  operations: operationsFor(one, { ...chain, nextOperation: startOperation }),
})

describe('a change in its chain (R14)', () => {
  test('moves it on', () => {
    expect(chain).toEqual({
      ...empty,
      seq: 1,
      head: hashOf('10'),
      nextOperation: 8,
      time: 1_000,
      root: 1,
      segment: 2,
      count: 2,
    })
    expect(admitChange(fitting, hashOf('ff'), chain)).toEqual({
      ok: true,
      chain: { ...chain, seq: 2, head: hashOf('ff'), nextOperation: 10, count: 3 },
      records: [{ number: 2, fields: one[0] }],
    })
  })

  const later = { ...admitted(chain, one), seq: 7 }
  const cases: readonly (readonly [string, string, Chain, Partial<Change>, string])[] = [
    ['of another actor', 'wrong-author', chain, { actor: actorOf(`${'5a'.repeat(32)}01`) }, 'ff'],
    ['that is its head', 'out-of-order', chain, { seq: 1, previous: null }, '10'],
    ['in the place of its head', 'equivocation', chain, { seq: 1, previous: null }, 'ff'],
    // Whether this is the change known at that place or a rival only its keeper can tell.
    ['behind its head', 'out-of-order', later, { seq: 3 }, 'ff'],
    ['after a gap', 'out-of-order', chain, { seq: 3 }, 'ff'],
    ['on another past', 'equivocation', chain, { previous: hashOf('11') }, 'ff'],
    ['on no past', 'equivocation', chain, { previous: null }, 'ff'],
    ['dated before its head', 'clock-backwards', chain, { time: 999 }, 'ff'],
    ['that counts from elsewhere', 'malformed', chain, startingAt(9), 'ff'],
    ['that counts from before', 'malformed', chain, startingAt(7), 'ff'],
    ['without operations', 'malformed', chain, { operations: [] }, 'ff'],
  ]
  test.each(cases)('%s is %s', (_, code, before, change, hash) => {
    const admission = admitChange({ ...fitting, ...change }, hashOf(hash), before)
    expect(admission).toMatchObject({ ok: false, code, message: expect.any(String) })
  })

  test('that is the first may depend on nothing', () => {
    const change = { ...changeFor(empty, one), previous: hashOf('11') }
    expect(admitChange(change, hashOf('ff'), empty)).toMatchObject({ code: 'equivocation' })
  })
})

/** The operations of a first change, and of one behind two records, with an edit. */
const verdictOn = (before: Chain, edit: (operations: Operation[]) => unknown): string => {
  const operations = operationsFor([record({ a: 1, b: 2 }), record({ c: 3 })], before)
  edit(operations)
  const admission = admitChange({ ...changeFor(before, one), operations }, hashOf('ff'), before)
  return admission.ok ? 'admitted' : admission.message
}

describe('the operations of a change (R15)', () => {
  test('are as expected where nothing is edited', () => {
    expect(verdictOn(empty, () => {})).toBe('admitted')
    expect(verdictOn(chain, () => {})).toBe('admitted')
  })

  const maps: readonly (readonly [string, Chain, number, Partial<Operation>, string])[] = [
    ['another root', empty, 0, { key: 'trust/did:key:zOther' }, 'not the root'],
    ['a root elsewhere', empty, 0, { object: 1 }, 'not the root'],
    ['a root that is a value', empty, 0, { value: 1 }, 'not the root'],
    ['another segment', empty, 1, { key: '1' }, 'not segment 0'],
    ['a segment elsewhere', empty, 1, { object: 0 }, 'not segment 0'],
    ['a segment that is a value', empty, 1, { value: 1 }, 'not segment 0'],
    ['another record', chain, 0, { key: '3' }, 'not record 2'],
    ['a record elsewhere', chain, 0, { object: 1 }, 'not record 2'],
    ['a record that is a value', chain, 0, { value: true }, 'not record 2'],
    ['a second record elsewhere', chain, 3, { object: 8 }, 'a map in a record, record 2'],
    ['a field elsewhere', chain, 1, { object: 3 }, 'a record without fields, record 2'],
    ['a later field elsewhere', chain, 2, { object: 3 }, 'not record 3'],
    ['a field twice', chain, 2, { key: 'a' }, 'fields out of order, record 2'],
  ]
  test.each(maps)('may not make %s', (_, before, at, edit, message) => {
    expect(verdictOn(before, (all) => (all[at] = { ...all[at]!, ...edit }))).toBe(message)
  })

  test('may not hold a map in a record', () => {
    const message = verdictOn(chain, (all) => (all[2] = { object: 8, key: 'b' }))
    expect(message).toBe('a map in a record, record 2')
  })

  test('may not come in another order, twice or not at all', () => {
    expect(verdictOn(chain, (all) => all.unshift(...all.splice(1)))).toBe('not record 2')
    expect(verdictOn(chain, (all) => all.splice(1, 2, all[2]!, all[1]!))).toMatch('out of order')
    expect(verdictOn(chain, (all) => all.push(all[4]!))).toMatch('out of order')
    expect(verdictOn(chain, (all) => all.pop())).toBe('a record without fields, record 3')
    expect(verdictOn(empty, (all) => all.shift())).toBe('not the root')
  })

  test('begin a segment before every record whose number is a multiple of its size', () => {
    const filler = Array.from({ length: segmentRecords - 3 }, () => record({ n: 1 }))
    const before = admitted(chain, filler)
    expect(before.count).toBe(segmentRecords - 1)
    const operations = operationsFor([...one, ...one, ...one], before)
    const keys = operations.filter(({ value }) => value === undefined).map(({ key }) => key)
    expect(keys).toEqual(['e7', '1', 'e8', 'e9'])
    const after = admitted(before, [...one, ...one, ...one])
    expect(after.segment).toBe(before.nextOperation + 2)
    expect(operationsFor(one, after)[0]).toEqual({ object: after.segment, key: 'ea' })
    expect(verdictOn(before, (all) => all.splice(3, 1))).toBe('not segment 1')
  })
})

/** So many fields. */
const named = (count: number): Fields =>
  new Map(Array.from({ length: count }, (_, at) => [`f${at}`, at]))

const verdictOf = (fields: Fields): boolean =>
  admitChange(changeFor(chain, [fields]), hashOf('ff'), chain).ok

describe('the fields of a record (R16)', () => {
  test('are written in ascending order of their names, whatever order they come in', () => {
    const names = ['b', 'a.1', 'a.10', 'aB', 'a', 'ab', 'a.2', 'a0']
    const operations = operationsFor([new Map(names.map((name) => [name, 1]))], chain)
    const sorted = ['a', 'a.1', 'a.10', 'a.2', 'a0', 'aB', 'ab', 'b']
    expect(operations.slice(1).map(({ key }) => key)).toEqual(sorted)
  })

  test.each(['a', 'aB9', 'sources.0', 'policy.ageing', 'a.B.0.c', 'constructor', 'x'.repeat(48)])(
    'may be named %s',
    (name) => {
      expect(verdictOf(record({ [name]: 1 }))).toBe(true)
    },
  )

  test.each(['A', '0', '.a', 'a.', 'a..b', 'a_b', 'a b', 'é', 'aé', 'a\n', 'x'.repeat(49), ''])(
    'may not be named %j',
    (name) => {
      expect(verdictOf(record({ [name]: 1 }))).toBe(false)
    },
  )

  test('may not be named like what every object has in secret', () => {
    expect(verdictOf(new Map([['__proto__', 1]]))).toBe(false)
  })

  test('are at least one and no more than the limit says', () => {
    expect(verdictOf(named(0))).toBe(false)
    expect(verdictOf(named(recordFieldsMax))).toBe(true)
    expect(verdictOf(named(recordFieldsMax + 1))).toBe(false)
  })

  test.each([
    ['x', 1],
    ['ß', 2],
    ['電', 3],
    ['🔋', 4],
  ])('may hold text of %s up to the limit in bytes of UTF-8', (sign, bytes) => {
    const most = sign.repeat(Math.floor(valueBytesMax / bytes))
    expect(verdictOf(record({ text: most }))).toBe(true)
    expect(verdictOf(record({ text: `${most}${sign}` }))).toBe(false)
  })

  test('may hold bytes up to the limit', () => {
    expect(verdictOf(record({ bytes: new Uint8Array(valueBytesMax) }))).toBe(true)
    expect(verdictOf(record({ bytes: new Uint8Array(valueBytesMax + 1) }))).toBe(false)
  })
})
