import * as fc from 'fast-check'
import type { Actor, Fields, Operation, Scalar } from '../../protocol/change/types.ts'
import { integerMax } from '../../protocol/limits.ts'
import { actorOf } from './automerge-reference.ts'

/** Actors of 33 bytes. */
export const actors: fc.Arbitrary<Actor> = fc
  .tuple(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.constantFrom('00', '01'))
  .map(([key, kind]) => actorOf(Buffer.from(key).toString('hex') + kind))

/** Integers around every border of their encodings, and any others. */
export const integers: fc.Arbitrary<number> = fc.oneof(
  fc
    .tuple(fc.integer({ min: 0, max: 53 }), fc.integer({ min: -2, max: 2 }), fc.boolean())
    .map(([exponent, offset, negative]) => (2 ** exponent + offset) * (negative ? -1 : 1))
    .filter((value) => Math.abs(value) <= integerMax)
    .map((value) => value + 0),
  fc.integer({ min: -integerMax, max: integerMax }),
  fc.constantFrom(0, 1, integerMax, -integerMax),
)

/** Well-formed text: any code points, words, runs of one sign around the borders of a length. */
export const texts: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.constantFrom(
    '',
    'atp.charge',
    '\u{feff}bom',
    'Strom fließt',
    '電力',
    '🔋⚡',
    '\0',
    '__proto__',
  ),
  fc
    .tuple(
      fc.constantFrom('x', 'ß', '電', '🔋'),
      fc.constantFrom(1, 23, 24, 25, 42, 63, 64, 127, 128),
    )
    .map(([sign, count]) => sign.repeat(count)),
)

/** Values of every kind, some of them often, so that runs of equal ones appear. */
export const scalars: fc.Arbitrary<Scalar> = fc.oneof(
  integers,
  texts,
  fc.boolean(),
  fc.uint8Array({ maxLength: 150 }),
  fc.constantFrom<Scalar>(7, 'same', true),
)

const fieldNames: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom('amount', 'at', 'kind', 'policy.ageing', 'sources.0', 'sources.1', 'constructor'),
  fc.stringMatching(/^[a-z][A-Za-z0-9]{0,11}(\.[A-Za-z0-9]{1,11}){0,3}$/),
)

/** Fields of a record, in any order of their names. */
const fieldsWith = (values: fc.Arbitrary<Scalar>): fc.Arbitrary<Fields> =>
  fc
    .uniqueArray(fc.tuple(fieldNames, values), {
      selector: ([name]) => name,
      minLength: 1,
      maxLength: 8,
    })
    .map((entries) => new Map(entries))

/** The same fields in ascending order of their names, as they are read back. */
export const sortedFields = (fields: Fields): Fields =>
  new Map([...fields].sort(([left], [right]) => (left < right ? -1 : 1)))

/** The batches of records of a few changes; now and then the first ends just before a segment. */
export const batchesWith = (values: fc.Arbitrary<Scalar>): fc.Arbitrary<Fields[][]> =>
  fc
    .tuple(
      fc.oneof(
        { weight: 30, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.integer({ min: 505, max: 513 }) },
      ),
      fc.array(fc.array(fieldsWith(values), { minLength: 1, maxLength: 6 }), {
        minLength: 1,
        maxLength: 8,
      }),
    )
    .map(([fillers, batches]) => {
      if (fillers === 0) return batches
      return [Array.from({ length: fillers }, () => new Map([['n', 1]])), ...batches]
    })

/**
 * Operations of several changes that insert maps and values anywhere: any key once in a map,
 * parents picked from all maps made before.
 */
export const inserts: fc.Arbitrary<Operation[][]> = fc
  .array(
    fc.array(
      fc.record({
        parent: fc.nat(),
        key: fc.oneof(fc.constantFrom('a', 'b', 'ключ'), texts),
        value: fc.option(scalars, { nil: undefined, freq: 3 }),
      }),
      { minLength: 1, maxLength: 30 },
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((batches) => {
    const maps: { readonly object: number; readonly keys: Set<string> }[] = [
      { object: 0, keys: new Set() },
    ]
    let counter = 0
    return batches.map((batch) =>
      batch.map(({ parent, key: wanted, value }) => {
        counter++
        const { object, keys } = maps[parent % maps.length]!
        let key = wanted
        while (key === '' || keys.has(key)) key += 'x'
        keys.add(key)
        if (value !== undefined) return { object, key, value }
        maps.push({ object: counter, keys: new Set() })
        return { object, key }
      }),
    )
  })
