import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { crc32c, unmaskCrc32c } from '../../node/store/crc32c.ts'
import { readLog } from '../../node/store/leveldb-log.ts'
import { readManifest } from '../../node/store/leveldb-manifest.ts'
import { tableIsIntact } from '../../node/store/leveldb-table.ts'
import { unsnap } from '../../node/store/snappy.ts'
import { filesByKind, numbersOf, withDirectory, withStore } from './store-fixture.ts'

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text)

const sum = (bytes: Uint8Array): string => crc32c(bytes, 0, bytes.length).toString(16)

/** What a block of these bytes, and of the characters of texts, decompresses to. */
function unsnapped(...bytes: (number | string)[]): string | undefined {
  const parts = bytes.map((byte) => (typeof byte === 'string' ? ascii(byte) : Uint8Array.of(byte)))
  const output = unsnap(Buffer.concat(parts), 1_000)
  return output && Buffer.from(output).toString()
}

const kinds = (bytes: Uint8Array): string => [...readLog(bytes)].map(({ kind }) => kind[0]).join('')

test('CRC-32C gives the sums of RFC 3720', () => {
  const ascending = Uint8Array.from({ length: 32 }, (_, index) => index)
  expect(sum(new Uint8Array(32))).toBe('8a9136aa')
  expect(sum(new Uint8Array(32).fill(0xff))).toBe('62a8ab43')
  expect(sum(ascending)).toBe('46dd794e')
  expect(sum(ascending.toReversed())).toBe('113fdb5c')
  expect(sum(ascii('123456789'))).toBe('e3069283')
  expect(crc32c(ascii('x123456789x'), 1, 10)).toBe(0xe3069283)
  expect(unmaskCrc32c(0xa282ead8)).toBe(0)
})

test('Snappy: literals and copies of every form, and nothing malformed', () => {
  const long = 'abcdefghij'.repeat(7)
  expect(unsnapped(0)).toBe('')
  expect(unsnapped(3, 8, 'abc')).toBe('abc')
  expect(unsnapped(70, 60 * 4, 69, long)).toBe(long)
  expect(unsnapped(70, 61 * 4, 69, 0, long)).toBe(long)
  // Copies: one byte of distance, two, four; the second overlaps itself.
  expect(unsnapped(7, 8, 'abc', 0b001, 3)).toBe('abcabca')
  expect(unsnapped(9, 8, 'abc', (6 - 1) * 4 + 2, 1, 0)).toBe('abccccccc')
  expect(unsnapped(5, 8, 'abc', (2 - 1) * 4 + 3, 3, 0, 0, 0)).toBe('abcab')
  expect(unsnapped()).toBeUndefined()
  expect(unsnapped(4, 8, 'abc')).toBeUndefined() // too short
  expect(unsnapped(2, 8, 'abc')).toBeUndefined() // too long
  expect(unsnapped(3, 8, 'ab')).toBeUndefined() // cut off
  expect(unsnapped(7, 8, 'abc', 0b001, 4)).toBeUndefined() // from before the beginning
  expect(unsnapped(7, 8, 'abc', 0b001, 0)).toBeUndefined()
  expect(unsnapped(0xff, 0xff, 0xff, 0x7f, 8)).toBeUndefined() // more than allowed
})

test('a large table with a compressed index is intact, and with any bit flipped is not', () =>
  withDirectory(async (directory) => {
    const random = numbersOf(9)
    const writes = Array.from({ length: 3_000 }, (_, index) => ({
      key: `a long beginning that all keys share/${String(index).padStart(6, '0')}`,
      value: Uint8Array.from({ length: 100 }, () => random(256)),
    }))
    await withStore(directory, (store) => store.write(writes, { sync: false }), true)
    await withStore(directory, async () => undefined)
    const names = (await filesByKind(directory)).get('ldb') ?? []
    const files = await Promise.all(names.map((name) => readFile(join(directory, name))))
    const [table] = files.toSorted((a, b) => b.length - a.length)
    expect(table!.length).toBeGreaterThan(300_000)
    expect(tableIsIntact(table!)).toBe(true)
    // The index is at the end, before 48 bytes of which some are padding.
    for (let flip = 0; flip < 120; flip += 1) {
      const reach = flip % 2 === 0 ? 3_000 : table!.length - 48
      const at = table!.length - 49 - random(reach)
      const bit = 1 << random(8)
      table![at]! ^= bit
      expect(tableIsIntact(table!)).toBe(false)
      table![at]! ^= bit
    }
    for (const length of [0, 47, 48, 1_000, table!.length - 1]) {
      expect(tableIsIntact(table!.subarray(0, length))).toBe(false)
    }
  }))

test('a log tells whole records, bad bytes and a torn end', () =>
  withDirectory(async (directory) => {
    const value = new Uint8Array(20_000).fill(7)
    await withStore(
      directory,
      async (store) => {
        for (let index = 0; index < 12; index += 1) {
          await store.write([{ key: `key${index}`, value }], { sync: false })
        }
      },
      true,
    )
    const [name] = (await filesByKind(directory)).get('log') ?? []
    const log = await readFile(join(directory, name!))
    expect(kinds(log)).toBe('r'.repeat(13))
    expect(kinds(log.subarray(0, -1))).toBe(`${'r'.repeat(12)}t`)
    expect(kinds(new Uint8Array(3))).toBe('t')
    expect(kinds(new Uint8Array())).toBe('')
    const hurt = Buffer.from(log)
    hurt[100_000]! ^= 1
    // One record is hurt; with it go the two that begin in the rest of its block of 32 KiB.
    expect(kinds(hurt)).toBe('rrrrbrrrrrr')
  }))

test('a manifest that grew, and was not written, ends before the zeros', () =>
  withDirectory(async (directory) => {
    await withStore(directory, (store) => store.write([{ key: 'a' }], { sync: true }), true)
    const [name = ''] = (await filesByKind(directory)).get('MANIFEST') ?? []
    const whole = await readFile(join(directory, name))
    expect(readManifest(whole)?.log).toBeGreaterThan(0)
    expect(readManifest(Buffer.concat([whole, Buffer.alloc(100)]))).toEqual(readManifest(whole))
    const written = Buffer.concat([whole, Buffer.alloc(100), Buffer.of(1)])
    expect(readManifest(written)).toBe(undefined)
  }))
