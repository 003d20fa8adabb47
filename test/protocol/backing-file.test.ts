import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { openBackingFile } from '../../node/backing/backing-file.ts'
import { decodeBackingFile, encodeBackingFile, type BackingFile } from '../../protocol/index.ts'
import {
  backingVectorFile,
  makeBackingAnswer,
  type BackingVector,
} from '../../scripts/make-backing-vector.ts'
import { replayed } from '../support/found-again.ts'

const vector: BackingVector = JSON.parse(readFileSync(backingVectorFile, 'utf8'))
const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))
const content = bytesOf(vector.content)

function read(bytes: Uint8Array): BackingFile {
  const file = decodeBackingFile(bytes)
  if (!file.ok) throw new TypeError(file.message)
  return file.value
}

describe('the golden vector (K6, K7)', () => {
  it('is what the program writes today', async () => {
    const made = await makeBackingAnswer()
    expect(Buffer.from(made.content).toString('hex')).toBe(vector.content)
    expect(made.view).toEqual(vector.answer)
  })

  it('pins the file, its content and the answer that follows from it', async () => {
    expect(new Uint8Array(await openBackingFile(bytesOf(vector.file)))).toEqual(content)
    expect((await replayed(content)).view).toEqual(vector.answer)
    expect(vector.answer).toMatchObject({ verdict: 'backed', byAssurance: { 2: 40 } })
  })
})

describe('a content (K7)', () => {
  const file = read(content)

  it('has one encoding, in whatever order its parts are given', () => {
    expect(encodeBackingFile(file)).toEqual(content)
    const turned = { ...file, documents: file.documents.toReversed() }
    expect(encodeBackingFile({ ...turned, heads: file.heads.toReversed() })).toEqual(content)
  })

  it.each([
    ['bytes left over', Buffer.concat([content, new Uint8Array(1)])],
    ['bytes that end too early', content.subarray(0, -1)],
    ['nothing', new Uint8Array()],
  ])('with %s is none', (_name, bytes) => {
    expect(decodeBackingFile(new Uint8Array(bytes)).ok).toBe(false)
  })

  it('with its parts out of order, or twice, is none', () => {
    const empty = { ...file, documents: [], heads: [], evidence: [], branches: [] }
    const [a, b] = ['aa', 'bb'].map((hex) => hex.repeat(32) as BackingFile['viewer'])
    if (a === undefined || b === undefined) throw new TypeError('two keys')
    const both = encodeBackingFile({ ...empty, roots: [a, b] })
    expect(read(both).roots).toEqual([a, b])
    const at = Buffer.from(both).indexOf(bytesOf(a))
    const turned = both.slice()
    turned.set(bytesOf(b), at)
    turned.set(bytesOf(a), at + 32)
    expect(decodeBackingFile(turned)).toMatchObject({
      ok: false,
      message: expect.stringMatching('order'),
    })
    turned.set(bytesOf(b), at + 32)
    expect(decodeBackingFile(turned)).toMatchObject({
      ok: false,
      message: expect.stringMatching('order'),
    })
  })

  it('with a longer number than need be, a flag or a time that is none, is none', () => {
    const { length } = encodeBackingFile({ ...file, at: 0 })
    const zero = encodeBackingFile({ ...file, at: 0 })
    expect(read(zero).at).toBe(0)
    const longer = new Uint8Array([0x80, 0x00, ...zero.subarray(1)])
    expect(longer).toHaveLength(length + 1)
    expect(decodeBackingFile(longer).ok).toBe(false)
    const flag = zero.slice()
    const place = 1 + 32 + 1 + file.federation.length
    expect(flag[place]).toBe(1)
    flag[place] = 2
    expect(decodeBackingFile(flag).ok).toBe(false)
    const beyond = encodeBackingFile({ ...file, at: 8.64e15 + 1 })
    expect(decodeBackingFile(beyond).ok).toBe(false)
  })
})
