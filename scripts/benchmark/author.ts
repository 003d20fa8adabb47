import { createHash, randomBytes, sign, type KeyObject } from 'node:crypto'
import { privateKeyOf, publicKeyOf } from '../../node/keys/ed25519-seed.ts'
import {
  actorOf,
  admitChange,
  bytesOfKey,
  changeMessage,
  documentName,
  emptyChain,
  encodeChange,
  keyOfBytes,
  operationsFor,
  recordId,
  type Chain,
  type ChangesFrame,
  type DocumentKind,
  type Fields,
  type RecordId,
  type Scalar,
  type SocietyKey,
} from '../../protocol/index.ts'

/** The federation that all benchmarks play in. */
export const federation = 'test-benchmark'

/** A society that writes its documents without a node: histories for others to read. */
export class Author {
  readonly key: SocietyKey
  readonly #secret: KeyObject
  readonly #chains: Map<DocumentKind, Chain> = new Map()

  constructor(seed: Uint8Array = randomBytes(32)) {
    this.#secret = privateKeyOf(seed)
    this.key = keyOfBytes(publicKeyOf(this.#secret))
  }

  /** Writes records as the next change of a document; `time` in ms. */
  write(
    document: DocumentKind,
    records: readonly Readonly<Record<string, Scalar>>[],
    time: number,
  ): { readonly frame: ChangesFrame; readonly ids: readonly RecordId[] } {
    const actor = actorOf(document, this.key)
    const chain = this.#chains.get(document) ?? emptyChain(actor, documentName(document, this.key))
    const fields = records.map(fieldsOf)
    const operations = operationsFor(fields, chain)
    const change = {
      actor,
      seq: chain.seq + 1,
      startOperation: chain.nextOperation,
      time,
      previous: chain.head,
      operations,
    }
    const { bytes, hash } = encodeChange(change)
    const admitted = admitChange(change, hash, chain)
    if (!admitted.ok) throw new TypeError(admitted.message)
    this.#chains.set(document, admitted.chain)
    const signature = new Uint8Array(sign(null, changeMessage(hash), this.#secret))
    return {
      frame: { actor, changes: [bytes], signature },
      ids: records.map((_, place) => recordId(hash, place)),
    }
  }

  /** Founds the society and has it join; `adp` in thousandths. */
  found(time: number, adp = 0): { readonly frame: ChangesFrame; readonly founding: RecordId } {
    const { frame, ids } = this.write(
      'trust',
      [
        {
          kind: 'society.found',
          name: this.key.slice(0, 8),
          federation,
          adp,
          'policy.admission': 1,
          'policy.minimumOccupancy': 0,
        },
        { kind: 'federation.join', federation },
      ],
      time,
    )
    return { frame, founding: ids[0] as RecordId }
  }
}

function fieldsOf(record: Readonly<Record<string, Scalar>>): Fields {
  return new Map(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** An observation of another society: what everybody writes most. */
export function observation(subject: SocietyKey, number: number): Readonly<Record<string, Scalar>> {
  return {
    kind: 'trust.observe',
    subject: bytesOfKey(subject),
    success: number % 7 !== 0,
    count: 1,
    note: `delivery ${number}`,
  }
}

/** A key that stands for a society nobody has met. */
export function strangerNumbered(number: number): SocietyKey {
  return keyOfBytes(createHash('sha256').update(`stranger ${number}`).digest())
}

/** Observations of a society in changes of so many records, each with a signature of its own. */
export function observations(
  author: Author,
  count: number,
  recordsPerChange: number,
  beginMs: number,
  stepMs = 1,
): readonly ChangesFrame[] {
  const subjects = Array.from({ length: 16 }, (_, number) => strangerNumbered(number))
  const frames: ChangesFrame[] = []
  for (let done = 0; done < count; done += recordsPerChange) {
    const size = Math.min(recordsPerChange, count - done)
    const records = Array.from({ length: size }, (_, at) =>
      observation(subjects[(done + at) % subjects.length] as SocietyKey, done + at),
    )
    frames.push(author.write('trust', records, beginMs + frames.length * stepMs).frame)
  }
  return frames
}
