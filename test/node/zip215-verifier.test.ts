import { createHash, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import { hashes, Point, verify as verifyByNoble } from '@noble/ed25519'
import { sha512 } from '@noble/hashes/sha2.js'
import { expect, test, vi } from 'vitest'
import { isShaped } from '../../node/keys/signature-checks.ts'
import { VerifyingThread } from '../../node/keys/verifying-thread.ts'
import { createThreadedVerifier, createVerifier } from '../../node/keys/zip215-verifier.ts'
import type { SignatureCheck } from '../../src/index.ts'

hashes.sha512 = sha512
const verifier = createVerifier()
const message = Buffer.from('what is signed')
const { n: order, p: prime } = Point.CURVE()
const zero = new Uint8Array(32)

type Vector = { readonly signature: Uint8Array; readonly publicKey: Uint8Array }

function littleEndian(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, index) => Number((value >> BigInt(8 * index)) & 255n))
}

function numberOf(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => value * 256n + BigInt(byte), 0n)
}

function openSslSays({ signature, publicKey }: Vector, of: Uint8Array = message): boolean {
  const prefix = Buffer.from('302a300506032b6570032100', 'hex')
  const key = Buffer.concat([prefix, publicKey])
  try {
    return verify(null, of, createPublicKey({ key, format: 'der', type: 'spki' }), signature)
  } catch {
    return false
  }
}

/** A point of order 8: whatever the whole group's order leaves of some point. */
function pointOfOrderEight(): Point {
  for (let y = 2n; ; y += 1n) {
    let point: Point
    try {
      point = Point.fromBytes(littleEndian(y))
    } catch {
      continue
    }
    const rest = point.multiply(order - 1n, false).add(point)
    if (!rest.double().double().is0()) return rest
  }
}

/** All encodings of points of small order: the eight, and six that RFC 8032 forbids. */
function smallOrderEncodings(): Uint8Array[] {
  const generator = pointOfOrderEight()
  const points = [Point.ZERO]
  for (let index = 1; index < 8; index += 1) points.push(points[index - 1]!.add(generator))
  const signBit = 1n << 255n
  const forbidden = [
    prime, // y must be below p
    prime + signBit,
    prime + 1n,
    prime + 1n + signBit,
    1n + signBit, // x is zero, and negative
    prime - 1n + signBit,
  ]
  return [...points.map((point) => point.toBytes()), ...forbidden.map(littleEndian)]
}

/** A signature by a key with a part of order eight: the signer's own doing, and no forgery. */
function mixedOrderVector(nonce: bigint): Vector {
  const secret = 12_345n
  const publicKey = Point.BASE.multiply(secret).add(pointOfOrderEight()).toBytes()
  const commitment = Point.BASE.multiply(nonce).toBytes()
  const digest = createHash('sha512').update(commitment).update(publicKey).update(message).digest()
  const response = (nonce + numberOf(digest) * secret) % order
  return { signature: Buffer.concat([commitment, littleEndian(response)]), publicKey }
}

const edgeCases: Vector[] = [
  ...smallOrderEncodings().flatMap((publicKey) =>
    smallOrderEncodings().map((commitment) => ({
      signature: Buffer.concat([commitment, zero]),
      publicKey,
    })),
  ),
  ...[3n, 4n, 5n, 6n, 7n, 8n, 9n, 10n].map(mixedOrderVector),
]

test('what ZIP-215 allows is valid, though OpenSSL says no to most of it', () => {
  expect(new Set(smallOrderEncodings().map(String)).size).toBe(14)
  const answers = edgeCases.map((vector) => ({
    ours: verifier.verify(vector.signature, message, vector.publicKey),
    noble: verifyByNoble(vector.signature, message, vector.publicKey, { zip215: true }),
    openSsl: openSslSays(vector),
  }))
  expect(answers.filter(({ ours }) => ours).length).toBe(196 + 8)
  expect(answers.filter(({ noble }) => noble).length).toBe(196 + 8)
  const refused = answers.filter(({ openSsl }) => !openSsl).length
  expect(refused).toBeGreaterThan(150)
})

function change(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.map((byte, index) => (index === at ? byte ^ 1 : byte))
}

test('what ZIP-215 forbids is invalid, and OpenSSL never says yes to it', () => {
  const { privateKey, publicKey: key } = generateKeyPairSync('ed25519')
  const publicKey = new Uint8Array(key.export({ format: 'der', type: 'spki' }).subarray(-32))
  const good = sign(null, message, privateKey)
  const tooLarge = littleEndian(numberOf(good.subarray(32)) + order)
  const offCurve = littleEndian(2n)
  const bad: Vector[] = [
    { signature: change(good, 0), publicKey },
    { signature: change(good, 40), publicKey },
    { signature: good, publicKey: change(publicKey, 5) },
    // The response must be below the order, or anyone could make a second signature of one.
    { signature: Buffer.concat([good.subarray(0, 32), tooLarge]), publicKey },
    { signature: Buffer.concat([zero, littleEndian(order)]), publicKey: littleEndian(1n) },
    { signature: Buffer.concat([offCurve, zero]), publicKey: littleEndian(1n) },
    { signature: Buffer.concat([littleEndian(1n), zero]), publicKey: offCurve },
  ]
  expect(verifier.verify(good, message, publicKey)).toBe(true)
  expect(verifier.verify(good, Buffer.from('another'), publicKey)).toBe(false)
  expect(bad.map((vector) => verifier.verify(vector.signature, message, vector.publicKey))).toEqual(
    bad.map(() => false),
  )
  expect(bad.map((vector) => openSslSays(vector))).toEqual(bad.map(() => false))
})

test('signatures and keys of any wrong length are false, never an error', () => {
  const { signature, publicKey } = mixedOrderVector(3n)
  for (const length of [0, 1, 31, 33, 63, 65, 128]) {
    const bytes = new Uint8Array(length)
    expect(verifier.verify(bytes, message, publicKey)).toBe(false)
    expect(verifier.verify(signature, message, bytes)).toBe(false)
    expect(verifier.verify(bytes, message, bytes)).toBe(false)
  }
  expect(verifier.verify(signature, new Uint8Array(), publicKey)).toBe(false)
})

test('more keys than are kept ready are all right', () => {
  const small = createVerifier(10)
  const vectors = Array.from({ length: 50 }, () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    return {
      signature: sign(null, message, privateKey),
      publicKey: publicKey.export({ format: 'der', type: 'spki' }).subarray(-32),
    }
  })
  for (const others of [vectors, vectors.toReversed(), [...vectors, ...vectors.slice(0, 5)]]) {
    const answers = others.map(({ signature, publicKey }) =>
      small.verify(signature, message, publicKey),
    )
    expect(answers).toEqual(others.map(() => true))
  }
  const [first, second] = vectors
  expect(small.verify(first!.signature, message, second!.publicKey)).toBe(false)
})

/** A signature that holds, such that no verifier takes, and such that ZIP-215 alone takes. */
function shownAside(): Readonly<Record<'good' | 'bad' | 'edges', readonly SignatureCheck[]>> {
  const { privateKey, publicKey: key } = generateKeyPairSync('ed25519')
  const publicKey = new Uint8Array(key.export({ format: 'der', type: 'spki' }).subarray(-32))
  const good = { signature: sign(null, message, privateKey), message, publicKey }
  const bad = [
    { ...good, signature: change(good.signature, 0) },
    { ...good, message: Buffer.from('another') },
    { ...good, publicKey: change(publicKey, 5) },
    { ...good, signature: good.signature.subarray(1) },
    { ...good, publicKey: new Uint8Array(0) },
  ]
  const edges = edgeCases.map((vector) => ({ ...vector, message }))
  return { good: [good], bad, edges }
}

test('what was checked aside is judged as all else, and forgotten soon', async () => {
  const threaded = createThreadedVerifier()
  const { good, bad, edges } = shownAside()
  const judged = (checks: readonly SignatureCheck[]): readonly boolean[] =>
    checks.map((check) => threaded.verify(check.signature, check.message, check.publicKey))
  await threaded.ahead?.([...good, ...bad, ...edges])
  expect(judged(good)).toEqual([true])
  expect(judged(bad)).toEqual(bad.map(() => false))
  // What only ZIP-215 takes was refused aside, and is taken all the same.
  expect(judged(edges)).toEqual(edges.map(() => true))
  for (let calls = 0; calls < 3; calls++) {
    await threaded.ahead?.([])
    expect(judged([...good, ...bad])).toEqual([true, ...bad.map(() => false)])
  }
  await threaded.close()
})

test('the thread says yes to what OpenSSL takes, and to nothing else', async () => {
  const thread = new VerifyingThread()
  const { good, bad, edges } = shownAside()
  const shaped = bad.filter(isShaped)
  expect(shaped).toHaveLength(3)
  await vi.waitUntil(async () => (await thread.check(good)).length === 1)
  const all = [...shaped, ...good, ...edges]
  const [answers, again] = await Promise.all([thread.check(all), thread.check(good)])
  expect([...answers]).toEqual(all.map((check) => (openSslSays(check, check.message) ? 1 : 0)))
  expect([...again]).toEqual([1])
  const late = thread.check(good)
  await thread.close()
  expect([...(await late)]).toEqual([])
})
