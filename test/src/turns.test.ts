import { expect, test } from 'vitest'
import { canonicalJson, canonicalPieces, parsePieces } from '../../protocol/index.ts'
import { turnBytes } from '../../src/limits.ts'
import { bytesInTurns, inTurns } from '../../src/turns.ts'

const levels = 2
const entry = { batch: 'ab'.repeat(33), amount: 1_000, path: [] }
/** As a large state has it: a map with many entries, and a long list. */
const large = {
  lots: new Map(Array.from({ length: 8_000 }, (_, i) => [`lot ${i}`, entry])),
  due: Array.from({ length: 8_000 }, (_, i) => ({ at: i, id: 'cd'.repeat(33) })),
}

test('a large state is written in turns, none of them long', async () => {
  const text = canonicalJson(large)
  let written = 0
  let since = 0
  let most = 0
  function* counted(): Generator<string, void> {
    for (const piece of canonicalPieces(large, levels)) {
      written += piece.length
      most = Math.max(most, written - since)
      yield piece
    }
  }
  const bytes = await bytesInTurns(counted(), async () => {
    since = written
  })
  expect(new TextDecoder().decode(bytes)).toBe(text)
  expect(text.length).toBeGreaterThan(10 * turnBytes)
  expect(most).toBeLessThan(turnBytes + 1_000)
})

test('it is read in turns as well', async () => {
  const bytes = new TextEncoder().encode(canonicalJson(large))
  let since = 0
  let most = 0
  function* counted(): Generator<number, unknown> {
    const work = parsePieces(bytes, levels)
    for (;;) {
      const next = work.next()
      if (next.done === true) return next.value
      since += next.value
      most = Math.max(most, since)
      yield next.value
    }
  }
  const read = await inTurns(counted(), async () => {
    since = 0
  })
  expect(canonicalJson(read)).toBe(canonicalJson(large))
  expect(most).toBeLessThan(turnBytes + 1_000)
})

test('what is larger than it may be is given up before it is all written', async () => {
  let written = 0
  function* endless(): Generator<string, void> {
    for (;;) {
      written += turnBytes
      yield 'x'.repeat(turnBytes)
    }
  }
  const writing = bytesInTurns(endless(), async () => {}, 10 * turnBytes)
  await expect(writing).rejects.toMatchObject({ code: 'too-large' })
  expect(written).toBe(11 * turnBytes)
})
