import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import {
  admitChange,
  decodeChange,
  emptyChain,
  encodeChange,
  peekChange,
} from '../../../protocol/index.ts'
import type { Target } from './target.ts'
import { vectors } from './vectors.ts'

const [first] = vectors
const chain = emptyChain(first?.actor ?? ('' as never), first?.document ?? '')

/** Bytes of the magic number and the checksum, and of those and the type. */
const checksumEnd = 8
const typeEnd = 9

/** Puts checksum and length of a chunk right; `bodyOf` and `frameOf` of the tests are slower. */
function reframed(bytes: Uint8Array): Uint8Array {
  let start = typeEnd
  while ((bytes[start] ?? 0) > 127) start += 1
  const body = bytes.subarray(start + 1)
  const length: number[] = []
  let rest = body.length
  for (; rest > 127; rest >>= 7) length.push((rest & 127) | 128)
  length.push(rest)
  const framed = new Uint8Array(typeEnd + length.length + body.length)
  framed.set([0x85, 0x6f, 0x4a, 0x83])
  framed[checksumEnd] = 1
  framed.set(length, typeEnd)
  framed.set(body, typeEnd + length.length)
  const digest = createHash('sha256').update(framed.subarray(checksumEnd)).digest()
  framed.set(digest.subarray(0, 4), 4)
  return framed
}

/** Changes of documents, most with their checksum and length put right again. */
export const changes: Target = {
  name: 'changes',
  share: 15,
  seeds: () => vectors.map(({ bytes }) => bytes).filter((bytes) => bytes.length < 500),
  mend: reframed,
  read: (bytes) => {
    const peeked = peekChange(bytes)
    if (!peeked.ok) return
    const change = decodeChange(bytes, peeked.value)
    if (!change.ok) return
    assert.deepEqual(Buffer.from(encodeChange(change.value).bytes), Buffer.from(bytes))
    admitChange(change.value, peeked.value.hash, chain)
  },
}
