import { describe, expect, test } from 'vitest'
import {
  acknowledgementMessage,
  actorOf,
  appointingMessage,
  noChange,
  termAt,
  termMax,
  type Appointing,
  type Appointment,
  type Certificate,
  type ChangeHash,
  type Code,
  type SocietyKey,
} from '../../protocol/index.ts'
import { markerSignature } from '../support/ledger-replica.ts'
import { codeOf, foundedWorld } from '../support/ledger-society.ts'
import { keyNamed, type LedgerWorld } from '../support/ledger-world.ts'

const [anna, berta] = [keyNamed('anna'), keyNamed('berta')]
const named = (...names: readonly string[]): readonly SocietyKey[] => names.map(keyNamed)
const first = named('a', 'b', 'c', 'd')
const second = named('c', 'd', 'e', 'f')
const hashOf = (digit: string): ChangeHash => digit.repeat(64) as ChangeHash
const place = { actor: actorOf('pool', anna), seq: 5, hash: hashOf('5'), term: 1 }

type Signing = Partial<Appointing> & {
  readonly by?: readonly SocietyKey[]
  /** What they sign; the appointment itself by default. */
  readonly message?: Uint8Array
}

/** An amendment to new witnesses, signed by the first three of the founding record. */
function amendment({ by = first.slice(0, 3), message, ...given }: Signing = {}): object {
  const appointing = { ...place, witnesses: second, ...given }
  const signed = message ?? appointingMessage(appointing)
  const acknowledgements: Certificate['acknowledgements'] = by
    .toSorted()
    .map((witness) => ({ witness, signature: markerSignature(signed, witness) }))
  const { witnesses, ...rest } = appointing
  return { witnesses, replaceWitnesses: true, handover: { ...rest, acknowledgements } }
}

const world = (witnesses: readonly SocietyKey[] = first): LedgerWorld =>
  foundedWorld([anna], { witnesses })
const amended = (signing?: Signing): Code | null =>
  codeOf(world(), anna, 'society.amend', amendment(signing))
const current = (made: LedgerWorld): Appointment | undefined =>
  made.replica.trust(anna).appointments.at(-1)

describe('new witnesses (R30, F10)', () => {
  test('follow with 2f + 1 signatures of the old ones', () => {
    const made = world()
    expect(current(made)).toEqual({ witnesses: first, seq: 0, hash: noChange })
    made.valid(anna, 'society.amend', amendment())
    expect(current(made)).toEqual({ witnesses: second, seq: 5, hash: place.hash })
  })

  test.each<[string, Signing]>([
    ['one too few', { by: first.slice(0, 2) }],
    ['the new ones', { by: second }],
    ['a stranger among them', { by: [...first.slice(0, 2), keyNamed('x')] }],
    ['for others', { message: appointingMessage({ ...place, witnesses: first }) }],
    ['for another place', { message: appointingMessage({ ...place, seq: 6, witnesses: second }) }],
    ['for another term', { message: appointingMessage({ ...place, term: 2, witnesses: second }) }],
    ['under an acknowledgement', { message: acknowledgementMessage(place) }],
  ])('are void signed by %s', (_, signing) => {
    expect(amended(signing)).toBe('bad-signature')
  })

  test('may be none, signed for, and any after none', () => {
    const made = world()
    made.valid(anna, 'society.amend', amendment({ witnesses: [] }))
    expect(current(made)?.witnesses).toEqual([])
    made.valid(anna, 'society.amend', amendment({ by: [], term: 2 }))
    expect(current(made)?.witnesses).toEqual(second)
  })

  test('come one after the other, none before the place of those before', () => {
    const made = world()
    made.valid(anna, 'society.amend', amendment())
    const next = (signing: Signing): Code | null =>
      made.code(anna, 'society.amend', amendment({ witnesses: first, by: second, ...signing }))
    expect(next({ term: 1 })).toBe('already-ended')
    expect(next({ term: 3 })).toBe('already-ended')
    expect(next({ term: 2, seq: 4 })).toBe('already-ended')
    expect(next({ term: 2, hash: hashOf('6') })).toBe('already-ended')
    expect(made.code(anna, 'society.amend', amendment())).toBe('bad-signature')
    expect(next({ term: 2 })).toBe(null)
    expect(current(made)?.witnesses).toEqual(first)
  })

  test.each<[string, object]>([
    ['without a place', { handover: undefined }],
    ['with a place alone', { replaceWitnesses: undefined }],
    ['with the contrary', { replaceWitnesses: false }],
    ['with the author among them', { witnesses: [anna] }],
  ])('are malformed %s', (_, given) => {
    const fields = { ...amendment(), ...given }
    expect(codeOf(world(), anna, 'society.amend', fields)).toBe('malformed')
  })

  test.each<[string, Signing]>([
    ['of another society', { actor: actorOf('pool', berta) }],
    ['of another document', { actor: actorOf('trust', anna) }],
    ['without a hash', { hash: noChange }],
    ['without a number', { seq: 0 }],
    ['beyond the last term', { term: termMax + 1 }],
  ])('are malformed with a place %s', (_, signing) => {
    expect(amended(signing)).toBe('malformed')
  })

  test('may follow before there is a pool', () => {
    expect(amended({ seq: 0, hash: noChange })).toBe(null)
  })

  test('leave the policy alone, and are left alone by it', () => {
    const made = world()
    made.valid(anna, 'society.amend', { ...amendment(), 'policy.ageingHours': 7 })
    made.valid(anna, 'society.amend', { witnesses: [], 'policy.wasteAlert': 8 })
    expect(made.replica.trust(anna).policy).toMatchObject({ ageingHours: 7, wasteAlert: 8 })
    expect(current(made)?.witnesses).toEqual(second)
  })
})

test('each set speaks of the changes after its place, up to that of the next (F10)', () => {
  const sets = [0, 5, 5, 9].map((seq) => ({ witnesses: first, seq, hash: noChange }))
  expect([1, 5, 6, 9, 10].map((seq) => termAt(sets, seq))).toEqual([0, 0, 2, 2, 3])
  expect(termAt([], 1)).toBe(-1)
})
