import { writeFile } from 'node:fs/promises'
import * as ed25519 from '@noble/ed25519'
import { sha512 } from '@noble/hashes/sha2.js'
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { admitChange, emptyChain, operationsFor } from '../protocol/change/admit.ts'
import { encodeChange } from '../protocol/change/codec.ts'
import type { Fields, Scalar } from '../protocol/change/types.ts'
import { actorOf, type DocumentKind, documentName, keyOfBytes } from '../protocol/identity.ts'
import { integerMax } from '../protocol/limits.ts'

/** A value as JSON can hold it: its kind and the value, bytes as hex digits. */
export type VectorValue =
  | readonly ['text', string]
  | readonly ['integer', number]
  | readonly ['boolean', boolean]
  | readonly ['bytes', string]

/** A change that every version of the program must write and read in exactly these bytes. */
export type ChangeVector = {
  readonly name: string
  /** Seed of the ed25519 key that owns the document, in hex. */
  readonly seed: string
  readonly document: string
  readonly actor: string
  readonly seq: number
  readonly startOperation: number
  /** Milliseconds since 1970. */
  readonly time: number
  readonly previous: string | null
  /** Fields in the order of their names; the records follow those of the change before. */
  readonly records: readonly Readonly<Record<string, VectorValue>>[]
  readonly hash: string
  /** The whole chunk in hex. */
  readonly bytes: string
}

const seed = '01'.repeat(32)

const vectorValue = (value: Scalar): VectorValue => {
  if (typeof value === 'string') return ['text', value]
  if (typeof value === 'number') return ['integer', value]
  if (typeof value === 'boolean') return ['boolean', value]
  return ['bytes', bytesToHex(value)]
}

/** The fields that a vector holds as JSON. */
export const vectorFields = (values: Readonly<Record<string, VectorValue>>): Fields =>
  new Map(
    Object.entries(values).map(([name, value]) => [
      name,
      value[0] === 'bytes' ? hexToBytes(value[1]) : value[1],
    ]),
  )

const record = (entries: Readonly<Record<string, Scalar>>): Fields =>
  new Map(Object.entries(entries).sort(([left], [right]) => (left < right ? -1 : 1)))

const first = record({ kind: 'society.found', name: 'Sonnendorf', version: 1 })

const everyValue = [
  record({ truth: true, falsehood: false, zero: 0, one: 1, minus: -1 }),
  record({
    empty: '',
    word: 'atp.charge',
    none: new Uint8Array(),
    some: Uint8Array.of(0, 127, 255),
  }),
  record({ 'sources.0': 'solar:test:x1', 'sources.1': 'wind:test:x1', 'policy.ageing': 20_000 }),
]

const integers = [
  record(Object.fromEntries([63, 64, 127, 128, 8_191, 8_192].map((n, at) => [`n${at}`, n]))),
  record(Object.fromEntries([-63, -64, -65, -8_192, -8_193].map((n, at) => [`n${at}`, n]))),
  record({ most: integerMax, least: -integerMax, word: 2 ** 31, long: 2 ** 32, edge: 2 ** 49 }),
]

const texts = [
  record({ two: 'Größe', three: '電力', four: '🔋⚡🔋', mark: '\u{feff}x', zero: 'a\0b' }),
  record({ short: 'ß'.repeat(12), long: 'ß'.repeat(13), prefix: '電'.repeat(43) }),
]

const runs = Array.from({ length: 6 }, (_, at) =>
  record(at % 2 === 0 ? { same: 'same' } : { same: 'same', twin: 7, tween: 7 }),
)

const bytes = [record({ proof: Uint8Array.from({ length: 300 }, (_, at) => (at * 37) % 256) })]

const upTo = (count: number): Fields[] =>
  Array.from({ length: count }, (_, at) => record({ n: at % 3 }))

const documents: readonly {
  readonly kind: DocumentKind
  readonly changes: readonly (readonly [name: string, records: readonly Fields[]])[]
}[] = [
  {
    kind: 'pool',
    changes: [
      ['the first change of a document', [first]],
      ['the second change of a document', [record({ kind: 'atp.charge', amount: 5_000 })]],
      ['several records of every kind of value', everyValue],
      ['integers around the borders of their lengths', integers],
      ['text of several bytes to a sign', texts],
      ['runs of equal values', runs],
      ['bytes of more than one length byte', bytes],
    ],
  },
  {
    kind: 'trust',
    changes: [
      ['the first change of the other kind of document', [first, ...upTo(509)]],
      ['the border of a segment within a change', upTo(4)],
      ['a change in the second segment', upTo(1)],
    ],
  },
]

/** Writes all vectors anew; the same in every run. */
export const makeVectors = (): ChangeVector[] => {
  ed25519.hashes.sha512 = sha512
  const key = keyOfBytes(ed25519.getPublicKey(hexToBytes(seed)))
  const vectors: ChangeVector[] = []
  for (const { kind, changes } of documents) {
    let chain = emptyChain(actorOf(kind, key), documentName(kind, key))
    for (const [at, [name, records]] of changes.entries()) {
      const time = 1_790_000_000_000 + at * 60_000
      const place = { seq: chain.seq + 1, startOperation: chain.nextOperation }
      const header = { actor: chain.actor, ...place, time, previous: chain.head }
      const change = { ...header, operations: operationsFor(records, chain) }
      const { bytes: chunk, hash } = encodeChange(change)
      const admission = admitChange(change, hash, chain)
      if (!admission.ok) throw new TypeError(`'${name}' is not admitted: ${admission.message}`)
      vectors.push({
        name,
        seed,
        document: chain.document,
        ...header,
        records: records.map((fields) =>
          Object.fromEntries([...fields].map(([field, value]) => [field, vectorValue(value)])),
        ),
        hash,
        bytes: bytesToHex(chunk),
      })
      chain = admission.chain
    }
  }
  return vectors
}

/** JSON of ASCII alone: editors and tools may take offence at marks, zeros and the like. */
const jsonOf = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** The text of the file of vectors. */
export const vectorsText = (vectors: readonly ChangeVector[]): string => {
  const lines = (vector: ChangeVector): string => {
    const { records, ...rest } = vector
    const members = Object.entries(rest).map(
      ([name, value]) => `    ${jsonOf(name)}: ${jsonOf(value)}`,
    )
    const listed = records.map((each) => `      ${jsonOf(each)}`).join(',\n')
    return `  {\n${members.join(',\n')},\n    "records": [\n${listed}\n    ]\n  }`
  }
  return `[\n${vectors.map(lines).join(',\n')}\n]\n`
}

/** Where the vectors are kept. */
export const vectorsFile: URL = new URL('../test/vectors/changes.json', import.meta.url)

if (import.meta.main) await writeFile(vectorsFile, vectorsText(makeVectors()))
