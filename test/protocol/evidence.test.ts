import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  actorOf,
  bytesOfKey,
  changeMessage,
  decodeEvidence,
  encodeEvidence,
  evidenceBytesMax,
  headMessage,
  judgeEvidence,
  keyOfBytes,
  type Conviction,
  type DocumentKind,
  type Evidence,
  type Statement,
} from '../../protocol/index.ts'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { chainOf, forgeChange } from '../../node/simulate/forger.ts'
import { signerOf } from '../../node/simulate/simulated-keys.ts'

const verifier = createVerifier()
const liar = signerOf('liar')
const key = keyOfBytes(liar.publicKey)
const actor = actorOf('pool', key)
const start = Date.UTC(2026, 5, 21, 12)

type Written = { readonly bytes: Uint8Array; readonly hash: string; readonly signature: Uint8Array }

/** Changes of a chain, one of each text, each a second after the one before. */
function written(
  texts: readonly string[],
  after: readonly Written[] = [],
  document: DocumentKind = 'pool',
  signer: typeof liar = liar,
): readonly Written[] {
  const all = [...after]
  for (const text of texts) {
    const chain = chainOf(
      document,
      signer,
      all.map(({ bytes }) => bytes),
    )
    const fields = new Map([['kind', text]])
    all.push(forgeChange(signer, chain, [fields], start + (all.length + 1) * 1_000))
  }
  return all
}

function run(changes: readonly Written[]): Statement {
  const signature = changes.at(-1)?.signature ?? new Uint8Array(64)
  return { type: 'run', changes: changes.map(({ bytes }) => bytes), signature }
}

function head(seq: number, hash: string, time: number, signer: typeof liar = liar): Statement {
  const said = { author: key, document: 'pool', seq, hash, time } as const
  return { type: 'head', head: { head: said, signature: signer.sign(headMessage(said)) } }
}

function judge(...statements: readonly Statement[]): Conviction | string {
  const judged = judgeEvidence({ actor, statements }, (signature, message, society) =>
    verifier.verify(signature, message, bytesOfKey(society)),
  )
  return judged.ok ? judged.value : judged.fault.message
}

const at = (place: number): Conviction => ({ society: key, document: 'pool', place })
const common = written(['a', 'b'])
const left = written(['c', 'd', 'e'], common)
const right = written(['x', 'y'], common)

describe('two pasts of one document (E1, E3)', () => {
  test('part where their first changes of one number differ', () => {
    expect(judge(run(left.slice(2, 3)), run(right.slice(2, 3)))).toEqual(at(3))
  })

  test('part there too where only later changes are signed', () => {
    expect(judge(run(left.slice(2)), run(right.slice(2)))).toEqual(at(3))
  })

  test('part at the earliest place that the evidence shows, whatever comes with it', () => {
    expect(judge(run(left), run(right))).toEqual(at(3))
    expect(judge(run(left.slice(3, 4)), run(right.slice(3, 4)))).toEqual(at(3))
    expect(judge(run(left.slice(4)), run(right.slice(3)))).toEqual(at(4))
  })

  test('show in a head that names another change', () => {
    expect(judge(run(left.slice(3)), head(4, right[3]?.hash ?? '', start))).toEqual(at(4))
    expect(judge(head(3, left[2]?.hash ?? '', 1), head(3, right[2]?.hash ?? '', 2))).toEqual(at(3))
  })

  test('show in what is dated before a head that does not have it', () => {
    const later = head(2, common[1]?.hash ?? '', start + 3_001)
    expect(judge(later, run(left.slice(2, 3)))).toEqual(at(3))
    expect(judge(run(left.slice(2)), later)).toEqual(at(3))
    expect(judge(head(2, 'a'.repeat(64), 9), head(5, 'b'.repeat(64), 8))).toEqual(at(3))
  })
})

describe('one chain (E1, E3)', () => {
  test.each([
    ['a run and its own part', [run(left), run(left.slice(1, 4))]],
    ['runs that do not meet', [run(left.slice(0, 1)), run(right.slice(3))]],
    ['a head of the chain', [run(left), head(3, left[2]?.hash ?? '', start + 3_000)]],
    ['what is dated as its head is', [head(2, common[1]?.hash ?? '', start + 3_000), run(left)]],
    ['heads in their order', [head(2, 'a'.repeat(64), 8), head(5, 'b'.repeat(64), 8)]],
    ['a run alone', [run(left)]],
    ['a head alone', [head(9, 'a'.repeat(64), 1)]],
  ])('contains %s', (_what, statements) => {
    expect(judge(...statements)).toContain('one chain contains all of it')
  })
})

describe('evidence proves nothing (E2)', () => {
  const other = signerOf('somebody else')

  test('of whom did not sign it', () => {
    const forged = forgeChange(other, chainOf('pool', liar, []), [new Map([['kind', 'f']])], start)
    expect(judge(run(left.slice(0, 1)), run([forged]))).toContain('signature')
    expect(judge(run(left), head(3, 'f'.repeat(64), start, other))).toContain('signature')
  })

  test('where the signature is of another change of the run', () => {
    const swapped = { ...run(left.slice(2)), signature: left[2]?.signature } as Statement
    expect(judge(swapped, run(right.slice(2)))).toContain('signature')
  })

  test('of another document of the same society', () => {
    expect(judge(run(left), run(written(['t'], [], 'trust')))).toContain('another document')
  })

  test('where the changes of a run do not follow each other', () => {
    expect(judge(run([...left.slice(2, 3), ...left.slice(4)]), run(right))).toContain('follow')
  })
})

describe('one change that no honest node could write (E1, E3)', () => {
  test('is enough: operations that nobody can read', () => {
    const chain = chainOf(
      'pool',
      liar,
      common.map(({ bytes }) => bytes),
    )
    const forged = forgeChange(liar, chain, [new Map([['kind', 'g']])], start + 9_000)
    // The last byte of the operations, under a hash and a signature that fit.
    const broken = rehashed(forged.bytes)
    expect(judge(run([broken]))).toEqual(at(3))
  })

  test('is enough: dated before the one that it follows', () => {
    const chain = chainOf(
      'pool',
      liar,
      common.map(({ bytes }) => bytes),
    )
    const early = forgeChange(liar, { ...chain, time: 0 }, [new Map([['kind', 'h']])], start)
    expect(judge(run([...common.slice(1), early]))).toEqual(at(3))
    expect(judge(run([early]))).toContain('one chain')
  })
})

function rehashed(bytes: Uint8Array): Written {
  const broken = bytes.slice()
  const last = broken.length - 1
  broken[last] = (broken[last] ?? 0) ^ 0xff
  const hash = createHash('sha256').update(broken.subarray(8)).digest()
  broken.set(hash.subarray(0, 4), 4)
  const hex = hash.toString('hex') as Parameters<typeof changeMessage>[0]
  return { bytes: broken, hash: hex, signature: liar.sign(changeMessage(hex)) }
}

describe('the bytes of evidence (E2)', () => {
  const evidence: Evidence = {
    actor,
    statements: [run(left.slice(2)), head(3, right[2]?.hash ?? '', start)],
  }

  test('read back as they were written', () => {
    const read = decodeEvidence(encodeEvidence(evidence))
    expect(read).toEqual({ ok: true, value: evidence })
  })

  test.each([
    ['nothing', new Uint8Array()],
    ['half of it', encodeEvidence(evidence).slice(0, 100)],
    ['more than it', Uint8Array.of(...encodeEvidence(evidence), 0)],
    ['three statements', encodeEvidence({ actor, statements: [1, 2, 3].map(() => run(left)) })],
    ['too many bytes', new Uint8Array(evidenceBytesMax + 1)],
  ])('are refused where they are %s', (_what, bytes) => {
    expect(decodeEvidence(bytes).ok).toBe(false)
  })
})
