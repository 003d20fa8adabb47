import { isDeepStrictEqual } from 'node:util'
import * as Automerge from '@automerge/automerge'
import { describe, expect, test } from 'vitest'
import { admitChange } from '../../protocol/change/admit.ts'
import { actorOf, decodeStrictly, linksOf } from '../support/automerge-reference.ts'
import { bodyOf, frameOf } from '../support/chunk.ts'
import { malleableRecords, refusedByAutomerge, takenByAutomerge } from '../support/malleable.ts'
import type { LooseChange } from '../support/structural-edits.ts'

const records = malleableRecords.map((fields) => new Map(fields))
const link = linksOf(actorOf('5a'.repeat(32) + '01'), 'd', [[new Map([['n', 1]])], records])[1]!
const body = bodyOf(link.bytes)

/** Whether Automerge reads the same operations from other bytes. */
const meansTheSame = (bytes: Uint8Array): boolean => {
  try {
    return isDeepStrictEqual(
      Automerge.decodeChange(bytes).ops,
      Automerge.decodeChange(link.bytes).ops,
    )
  } catch {
    return false
  }
}

/** What becomes of a change behind the first one: taken, refused by the codec, or by the chain. */
const fateOf = (bytes: Uint8Array): string => {
  const taken = decodeStrictly(bytes)
  if (taken === undefined) return 'undecodable'
  const admission = admitChange(taken.change, taken.hash, link.chain)
  return admission.ok ? 'admitted' : admission.code
}

describe('a change in another encoding (R8, R10, R12)', () => {
  test('is compared with one that is taken', () => {
    expect(frameOf(body)).toEqual(link.bytes)
    expect(fateOf(link.bytes)).toBe('admitted')
    expect(meansTheSame(link.bytes)).toBe(true)
  })

  test.each(Object.entries(takenByAutomerge))('with %s is refused', (_, variant) => {
    const bytes = variant(body)
    expect(meansTheSame(bytes)).toBe(true)
    expect(fateOf(bytes)).toBe('undecodable')
  })

  test.each(Object.entries(refusedByAutomerge))(
    'with %s is refused, as by Automerge',
    (_, variant) => {
      const bytes = variant(body)
      expect(meansTheSame(bytes)).toBe(false)
      expect(fateOf(bytes)).toBe('undecodable')
    },
  )
})

type Edit = (change: LooseChange, value: LooseChange['ops'][number]) => void

const foreign = 'cc'.repeat(33)
const contents: readonly (readonly [name: string, fate: string, edit: Edit])[] = [
  ['nothing else', 'admitted', (): void => {}],
  ['a message', 'undecodable', (change) => (change.message = 'm')],
  ['bytes of its own', 'undecodable', (change) => (change.extra_bytes = [1])],
  ['two dependencies', 'undecodable', (change) => change.deps.push('ee'.repeat(32))],
  ['no dependency', 'equivocation', (change) => (change.deps = [])],
  ['another dependency', 'equivocation', (change) => (change.deps = ['ee'.repeat(32)])],
  ['a time before 1970', 'undecodable', (change) => (change.time = -1)],
  ['a time that no date has', 'undecodable', (change) => (change.time = 8.64e15 + 1)],
  ['an earlier time', 'clock-backwards', (change) => (change.time = 5)],
  ['no number', 'undecodable', (change) => (change.seq = 0)],
  ['a later number', 'out-of-order', (change) => change.seq++],
  ['a number beyond 32 bits', 'undecodable', (change) => (change.seq = 2 ** 40)],
  ['another count', 'malformed', (change) => (change.startOp += 1)],
  ['a count near 32 bits', 'undecodable', (change) => (change.startOp = 2 ** 32 - 3)],
  ['no operations', 'undecodable', (change) => (change.ops = [])],
  ['an overwrite', 'undecodable', (change, value) => value.pred.push(`2@${change.actor}`)],
  ['an overwrite of another', 'undecodable', (_, value) => value.pred.push(`2@${foreign}`)],
  [
    'a delete',
    'undecodable',
    ({ actor }, value) => {
      value.action = 'del'
      value.pred.push(`4@${actor}`)
    },
  ],
  ['an increment', 'undecodable', (_, value) => (value.action = 'inc')],
  ['a list', 'undecodable', (_, value) => (value.action = 'makeList')],
  ['a text', 'undecodable', (_, value) => (value.action = 'makeText')],
  [
    'an element of a list',
    'undecodable',
    (_, value) => {
      value.insert = true
      value.elemId = '_head'
      Reflect.deleteProperty(value, 'key')
    },
  ],
  ['a value in a missing object', 'malformed', ({ actor }, value) => (value.obj = `99@${actor}`)],
  ['a value in an earlier record', 'malformed', ({ actor }, value) => (value.obj = `3@${actor}`)],
  ['a value at the root', 'malformed', (_, value) => (value.obj = '_root')],
  ["a value in another's object", 'undecodable', (_, value) => (value.obj = `1@${foreign}`)],
  [
    'a value of null',
    'undecodable',
    (_, value) => {
      Reflect.set(value, 'value', null)
      Reflect.deleteProperty(value, 'datatype')
    },
  ],
  ['an unsigned integer', 'undecodable', (_, value) => (value.datatype = 'uint')],
  ['a fraction', 'undecodable', (_, value) => (value.datatype = 'float64')],
  ['a counter', 'undecodable', (_, value) => (value.datatype = 'counter')],
  ['a timestamp', 'undecodable', (_, value) => (value.datatype = 'timestamp')],
  ['too large an integer', 'undecodable', (_, value) => (value.value = 2 ** 53 - 1)],
  ['the least integer', 'undecodable', (_, value) => (value.value = -(2 ** 53) + 1)],
  ['a key of a prototype', 'malformed', (_, value) => (value.key = '__proto__')],
  ['a key twice', 'malformed', (_, value) => (value.key = 'b')],
]

describe('a change with another content (R8, R10)', () => {
  test.each(contents)('with %s is %s', (_, fate, edit) => {
    const change: LooseChange = Automerge.decodeChange(link.bytes)
    edit(change, change.ops[1]!)
    expect(fateOf(Automerge.encodeChange(change))).toBe(fate)
  })

  test.each([32, 34, 0])('with an actor of %i bytes is undecodable', (length) => {
    const change = Automerge.decodeChange(linksOf(link.chain.actor, 'd', [records])[0]!.bytes)
    const actor = '5a'.repeat(length)
    const ops = change.ops.slice(0, 1)
    expect(fateOf(Automerge.encodeChange({ ...change, actor, ops }))).toBe('undecodable')
  })

  test.each([
    ['of the other kind of document', `${'5a'.repeat(32)}00`, 'wrong-author'],
    ['of no kind of document', `${'5a'.repeat(32)}02`, 'undecodable'],
    ['of another society', `${'5b'.repeat(32)}01`, 'wrong-author'],
  ])('with an actor %s is %s', (_, actor, fate) => {
    const change = Automerge.decodeChange(linksOf(link.chain.actor, 'd', [records])[0]!.bytes)
    const ops = change.ops.slice(0, 1)
    expect(fateOf(Automerge.encodeChange({ ...change, actor, ops }))).toBe(fate)
  })
})
