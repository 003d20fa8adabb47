import assert from 'node:assert/strict'
import { recordKinds, type Fields, type Scalar, type SocietyKey } from '../../../protocol/index.ts'
import type { Target } from './target.ts'

const kinds = [...recordKinds.values()]
const author = '8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c' as SocietyKey
const reference = Uint8Array.from({ length: 34 }, (_, at) => (at < 32 ? at : 0))

/** Values that a field may have been given, by the byte that picks them. */
const scalars: readonly Scalar[] = [
  0,
  1,
  -1,
  1_000_000,
  1_000_001,
  1_790_000_000_000,
  Number.MAX_SAFE_INTEGER,
  -Number.MAX_SAFE_INTEGER,
  true,
  false,
  '',
  'a',
  '__proto__',
  'solar:sunspec:acme-sim-0001',
  'compute:nvml:GPU-5c1e3a1f-6a0e-4c3b-9d1f-0123456789ab',
  'grid:p1:x',
  'é'.repeat(200),
  'x'.repeat(70_000),
  new Uint8Array(),
  reference,
  Uint8Array.from(Buffer.from(author, 'hex')),
  new Uint8Array(64).fill(9),
  new Uint8Array(17_000),
]

/** Fields as the bytes pick them: the kind, then for each field whether, under what name, what. */
function fieldsOf(bytes: Uint8Array): Fields {
  let at = 0
  const next = (): number => bytes[at++] ?? 0
  const { kind, schema } = kinds[next() % kinds.length] ?? { kind: '', schema: {} }
  const fields = new Map<string, Scalar>([['kind', kind]])
  for (const [name, { listMax }] of Object.entries(schema)) {
    const how = next()
    if (how === 255) continue
    const count = listMax === undefined ? 1 : how % 4
    for (let entry = 0; entry < count; entry += 1) {
      const wanted = listMax === undefined ? name : `${name}.${entry}`
      const picked = next()
      const value = scalars[picked % scalars.length] ?? 0
      const isNumber = picked >= 200
      fields.set(how === 254 ? `${wanted}x` : wanted, isNumber ? next() * 256 + next() : value)
    }
  }
  return fields
}

/** Records of every kind with whatever in their fields, up to the rules that need a state. */
export const records: Target = {
  name: 'records',
  share: 20,
  seeds: () =>
    kinds.map((_, kind) => Uint8Array.from([kind, ...Array.from({ length: 23 }).keys()])),
  read: (bytes) => {
    const fields = fieldsOf(bytes)
    const kind = recordKinds.get(String(fields.get('kind')))
    const reading = kind?.read(fields)
    if (kind === undefined || reading === undefined || !reading.ok) return
    kind.shape(reading.value, author)
    const again = kind.read(kind.write(reading.value))
    assert(again.ok, `a ${kind.kind} that was read cannot be written`)
  },
}
