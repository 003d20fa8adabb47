import { expect, test } from 'vitest'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { chainOf, forgeChange } from '../../node/simulate/forger.ts'
import { signerOf } from '../../node/simulate/simulated-keys.ts'
import {
  actorOf,
  appointingMessage,
  appointmentsIn,
  bytesOfKey,
  decodePedigree,
  encodePedigree,
  keyOfBytes,
  noChange,
  recordKinds,
  type ChangeHash,
  type ChangesFrame,
  type Fields,
  type SocietyKey,
} from '../../protocol/index.ts'

const verifier = createVerifier()
const keyOf = (name: string): SocietyKey => keyOfBytes(signerOf(name).publicKey)
const keysOf = (...names: readonly string[]): readonly SocietyKey[] => names.map(keyOf)
const sage = keyOf('sage')
const first = keysOf('w1', 'w2', 'w3', 'w4')
const second = keysOf('w1', 'n1', 'n2', 'n3')
const place = { actor: actorOf('pool', sage), seq: 9, hash: '9'.repeat(64) as ChangeHash, term: 1 }

const fieldsOf = (kind: string, value: object): Fields =>
  recordKinds.get(kind)?.write(value) ?? new Map()

const founding = fieldsOf('society.found', {
  name: 'sage',
  federation: 'test-world',
  adp: 0,
  witnesses: first,
})

/** The record that appoints the second set, signed by some of the first. */
function amendment(by: readonly string[] = ['w1', 'w2', 'w3']): Fields {
  const message = appointingMessage({ ...place, witnesses: second })
  const acknowledgements = by
    .map((name) => ({ witness: keyOf(name), signature: signerOf(name).sign(message) }))
    .toSorted((a, b) => (a.witness < b.witness ? -1 : 1))
  const handover = { ...place, acknowledgements }
  return fieldsOf('society.amend', { witnesses: second, replaceWitnesses: true, handover })
}

/** Changes of sage's trust document, one for each record, each signed. */
function signedBy(name: string, ...records: readonly Fields[]): readonly ChangesFrame[] {
  const signer = signerOf(name)
  const frames: ChangesFrame[] = []
  for (const record of records) {
    const changes = frames.flatMap((frame) => frame.changes)
    const chain = chainOf('trust', signer, changes)
    const { bytes, signature } = forgeChange(signer, chain, [record], 1_000)
    frames.push({ actor: chain.actor, changes: [bytes], signature })
  }
  return frames
}

const filler = fieldsOf('federation.join', { federation: 'test-world' })
const shown = (pedigree: readonly ChangesFrame[]) =>
  appointmentsIn(pedigree, sage, (signature, message, key) =>
    verifier.verify(signature, message, bytesOfKey(key)),
  )

const frames = signedBy('sage', founding, filler, amendment())
const [found, filled, amended] = frames as [ChangesFrame, ChangesFrame, ChangesFrame]

test('a pedigree shows the sets of witnesses from the founding record on (H10)', () => {
  expect(shown([found, amended])).toEqual([
    { witnesses: first, seq: 0, hash: noChange },
    { witnesses: second, seq: 9, hash: place.hash },
  ])
  expect(shown([found])).toHaveLength(1)
  // A run that one signature vouches for as a whole.
  const run = { ...amended, changes: [filled, amended].flatMap(({ changes }) => changes) }
  expect(shown([found, run])).toBeUndefined()
  const whole = { ...amended, changes: frames.flatMap(({ changes }) => changes) }
  expect(shown([whole, amended])).toHaveLength(2)
  expect(decodePedigree(encodePedigree([found, amended]))).toEqual({
    ok: true,
    value: [found, amended],
  })
})

const [byFew] = signedBy('sage', founding, amendment(['w1', 'w2'])).slice(1)
const [byNew] = signedBy('sage', founding, amendment(['w1', 'n1', 'n2'])).slice(1)
const unsigned = { ...amended, signature: found.signature }

test.each<[string, readonly (ChangesFrame | undefined)[]]>([
  ['nothing', []],
  ['no founding record', [filled, amended]],
  ['an amendment that too few signed for', [found, byFew]],
  ['an amendment that its own witnesses signed for', [found, byNew]],
  ['an amendment that the society did not sign', [found, unsigned]],
  ['a founding record that the society did not sign', [{ ...found, signature: amended.signature }]],
  ['a founding record of another society', signedBy('w1', founding)],
  ['a change that appoints nobody', [found, filled]],
  ['the same twice', [found, amended, amended]],
  ['a run with a gap', [{ ...amended, changes: [...found.changes, ...amended.changes] }]],
])('a pedigree with %s shows nothing (H10)', (_what, pedigree) => {
  expect(shown(pedigree.filter((frame) => frame !== undefined))).toBeUndefined()
})
