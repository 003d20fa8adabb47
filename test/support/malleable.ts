import { createHash } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import {
  type Column,
  type Frame,
  type Parts,
  bytesOf,
  columnOf,
  frameOf,
  joinParts,
} from './chunk.ts'
import { leb, overlong, partsOf } from './chunk.ts'

/** Makes other bytes of a change's body. */
type Variant = (body: Uint8Array) => Uint8Array

/** Numbers of the columns, as the format has them. */
const id = {
  objectActor: 0x01,
  objectCounter: 0x02,
  keyActor: 0x11,
  key: 0x15,
  insert: 0x34,
  action: 0x42,
  valueKind: 0x56,
  value: 0x57,
  predecessors: 0x70,
  expand: 0x94,
  unknown: 0x86,
} as const

const framed =
  (frame: Frame): Variant =>
  (body) =>
    frameOf(body, frame)

const parts =
  (edit: (parts: Parts) => Partial<Parts>): Variant =>
  (body) => {
    const all = partsOf(body)
    return frameOf(joinParts({ ...all, ...edit(all) }))
  }

const columns = (edit: (columns: readonly Column[]) => readonly Column[]): Variant =>
  parts((all) => {
    const edited = edit(all.columns)
    return { columns: edited, columnCount: leb(edited.length) }
  })

/** Edits the bytes of one column; what is not there is empty. */
const column = (number: number, edit: (data: Uint8Array) => Uint8Array): Variant =>
  columns((all) => {
    const before = all.filter((each) => each.id[0]! < number)
    const after = all.filter((each) => each.id[0]! > number)
    const data = all.find((each) => each.id[0] === number)?.data ?? new Uint8Array()
    return [...before, columnOf(number, edit(data)), ...after]
  })

/** Replaces a column that must be as told, lest the variant is another one than its name says. */
const replaced = (number: number, from: readonly number[], to: readonly number[]): Variant =>
  column(number, (data) => {
    if (Buffer.compare(data, Uint8Array.from(from)) !== 0) {
      throw new TypeError(`column ${number} is ${[...data].join(' ')}`)
    }
    return Uint8Array.from(to)
  })

const compressed =
  (rest: readonly number[], frame: Frame = {}): Variant =>
  (body) =>
    frameOf(bytesOf(deflateRawSync(body), rest), { ...frame, type: 2, hashed: body })

/** Of another type, with the checksum of exactly these bytes. */
const ownType =
  (type: number): Variant =>
  (body) => {
    const length = leb(body.length)
    const digest = createHash('sha256')
      .update(bytesOf([type], length, body))
      .digest()
    return frameOf(body, { type, checksum: digest.subarray(0, 4) })
  }

/** A change with these records after a first one is what the variants below are made of. */
export const malleableRecords: readonly (readonly [string, string | number | boolean])[][] = [
  [
    ['a', 1],
    ['b', 'x'],
    ['c', true],
  ],
  [
    ['a', 1],
    ['b', 'x'],
    ['c', 2],
  ],
]

/** Other encodings of one and the same change that Automerge 3.5.0 decodes. */
export const takenByAutomerge: Readonly<Record<string, Variant>> = {
  'a wrong checksum': framed({ checksum: Uint8Array.of(1, 2, 3, 4) }),
  'a compressed body': compressed([]),
  'a compressed body with bytes behind it': compressed([1, 2, 3]),
  'a compressed body with a wrong checksum': compressed([], {
    checksum: Uint8Array.of(1, 2, 3, 4),
  }),
  'bytes behind the columns': parts(() => ({ extra: Uint8Array.of(1, 32, 7) })),
  'its own actor among the others': parts(({ actorLength, actor }) => ({
    others: bytesOf([1], actorLength, actor),
  })),
  'another actor that it does not use': parts(({ actor }) => ({
    others: bytesOf([1, 33], actor.with(0, 7)),
  })),
  'a column nobody knows': column(id.unknown, () => Uint8Array.of(8, 1)),
  'an empty column': column(id.keyActor, () => new Uint8Array()),
  'an unused column of zeros': column(id.expand, () => Uint8Array.of(8)),
  'a column twice': columns((all) =>
    all.flatMap((each) => (each.id[0] === id.key ? [each, each] : [each])),
  ),
  'a run split in two': replaced(id.predecessors, [8, 0], [4, 0, 4, 0]),
  'a run written as a literal': replaced(id.predecessors, [8, 0], [0x78, 0, 0, 0, 0, 0, 0, 0, 0]),
  'a run of one': replaced(id.action, [0x7f, 0, 3, 1, 0x7f, 0, 3, 1], [1, 0, 3, 1, 0x7f, 0, 3, 1]),
  'a run without its last value': replaced(
    id.objectCounter,
    [0x7f, 2, 3, 5, 0x7f, 2, 3, 9],
    [0x7f, 2, 3, 5, 0x7f, 2, 2, 9, 0x7f, 9],
  ),
  'a literal split in two': column(id.key, (data) =>
    bytesOf([0x7c], data.subarray(1, 9), [0x7c], data.subarray(9)),
  ),
  'a null run of nothing': replaced(id.objectActor, [8, 0], [0, 0, 8, 0]),
  'a column of nothing but nulls': column(id.keyActor, () => Uint8Array.of(0, 8)),
  'booleans in two runs': replaced(id.insert, [8], [4, 0, 4]),
  'a number in a column longer than need be': replaced(id.insert, [8], [0x88, 0]),
  'a count of a run longer than need be': replaced(id.predecessors, [8, 0], [0x88, 0, 0]),
  'bytes of a value that no operation has': column(id.value, (data) => bytesOf(data, [9])),
}

const overlongParts = [
  'previousCount',
  'actorLength',
  'seq',
  'startOperation',
  'message',
  'others',
  'columnCount',
] as const

const overlongColumns = (part: 'id' | 'length'): Variant =>
  columns(([first, ...rest]) => [{ ...first!, [part]: overlong(first![part]) }, ...rest])

/** Other bytes of one and the same change that Automerge 3.5.0 refuses too. */
export const refusedByAutomerge: Readonly<Record<string, Variant>> = {
  'another magic number': framed({ magic: [0x85, 0x6f, 0x4a, 0x82] }),
  'the type of a document': framed({ type: 0 }),
  'the type of a bundle': framed({ type: 3 }),
  'the type of a document in its checksum too': ownType(0),
  'the type of a bundle in its checksum too': ownType(3),
  'a byte behind it': (body) => bytesOf(frameOf(body), [0]),
  'another chunk behind it': (body) => bytesOf(frameOf(body), frameOf(body)),
  'a byte missing': (body) => frameOf(body).subarray(0, -1),
  'a length longer than need be': (body) => frameOf(body, { length: overlong(leb(body.length)) }),
  'a length one too large': (body) => frameOf(body, { length: leb(body.length + 1) }),
  'a length one too small': (body) => frameOf(body, { length: leb(body.length - 1) }),
  ...Object.fromEntries(
    overlongParts.map((part) => [
      `${part} longer than need be`,
      parts((all) => ({ [part]: overlong(all[part]) })),
    ]),
  ),
  'a count of other actors that are not there': parts(() => ({ others: Uint8Array.of(1) })),
  'operations that count from 0': parts(() => ({ startOperation: Uint8Array.of(0) })),
  'a time longer than need be': parts(({ time }) => ({ time: overlong(time) })),
  'the number of a column longer than need be': overlongColumns('id'),
  'the length of a column longer than need be': overlongColumns('length'),
  'every column twice': columns((all) => all.flatMap((each) => [each, each])),
  'columns in another order': columns((all) => all.toReversed()),
  'a column missing': columns((all) => all.filter((each) => each.id[0] !== id.predecessors)),
}
