import { expect, test } from 'vitest'
import { actorOf, type Actor, type ChangesFrame } from '../../protocol/index.ts'
import { Ranges, type RangeStart } from '../../src/sync/ranges.ts'
import { ChainAuthor } from '../support/chain-author.ts'

const one = actorOf('trust', new ChainAuthor('one', 'trust').key)
const other = actorOf('trust', new ChainAuthor('other', 'trust').key)

/** A peer that answers ten changes at a time, but for places at which asking fails once. */
function peer(failing: readonly number[] = []) {
  const asked: string[] = []
  const fails = new Set(failing)
  const ranges = new Ranges(async (actor, from): Promise<readonly ChangesFrame[]> => {
    asked.push(`${actor === one ? 'one' : 'other'} ${from}`)
    if (fails.delete(from)) throw new TypeError('no answer')
    const changes = Array.from({ length: 5 }, () => new Uint8Array())
    return [1, 2].map(() => ({ actor, changes, signature: new Uint8Array() }))
  })
  const take = async (
    actor: Actor,
    from: number,
    to: number,
    following?: RangeStart,
  ): Promise<number> => (await ranges.take({ actor, from, to }, () => following)).length
  return { asked, take }
}

test('the next range is asked for while the last one is judged, each once (R74)', async () => {
  const { asked, take } = peer()
  for (const from of [1, 11, 21]) {
    expect(await take(one, from, 25)).toBe(2)
    expect(asked.at(-1)).toBe(`one ${Math.min(21, from + 10)}`)
  }
  expect(asked).toEqual(['one 1', 'one 11', 'one 21'])
})

test('of all documents one answer at most waits unjudged', async () => {
  const { asked, take } = peer()
  await take(one, 1, 100)
  await take(other, 1, 100)
  expect(asked).toEqual(['one 1', 'one 11', 'other 1'])
})

test('a range that is not the next is dropped, one that failed is asked again', async () => {
  const { asked, take } = peer([11, 31])
  await take(one, 1, 100)
  await take(one, 11, 100)
  expect(asked).toEqual(['one 1', 'one 11', 'one 11', 'one 21'])
  // Of the last answer only three changes were taken.
  expect(await take(one, 14, 100)).toBe(2)
  expect(asked.slice(4)).toEqual(['one 14', 'one 24'])
  await expect(take(other, 31, 100)).rejects.toThrow('no answer')
})

test('where a document has no more, what follows it is asked for meanwhile (R74)', async () => {
  const { asked, take } = peer()
  const following = { actor: other, from: 1 }
  await take(one, 1, 11, following)
  expect(asked).toEqual(['one 1', 'one 11'])
  await take(one, 11, 11, following)
  expect(asked.slice(2)).toEqual(['other 1'])
  await take(other, 1, 10)
  expect(asked).toHaveLength(3)
})
