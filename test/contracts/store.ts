import { afterEach, describe, expect, test } from 'vitest'
import type { Store, StoreRange } from '../../src/index.ts'

/** A store under test and what surrounds it. */
export type StoreUnderTest = {
  readonly store: Store
  /** Closes the store and opens what it left. */
  readonly reopen: () => Promise<Store>
  /** Removes everything; the newest store may still be open. */
  readonly dispose: () => Promise<void>
}

const text = (value: Uint8Array | undefined): string | undefined =>
  value && new TextDecoder().decode(value)
const bytes = (value: string): Uint8Array => new TextEncoder().encode(value)

async function entries(store: Store, range: StoreRange): Promise<string[]> {
  const found: string[] = []
  for await (const [key, value] of store.range(range)) found.push(`${key}=${text(value)}`)
  return found
}

function put(store: Store, ...keys: string[]): Promise<void> {
  return store.write(
    keys.map((key) => ({ key, value: bytes(`value of ${key}`) })),
    { sync: false },
  )
}

const all: StoreRange = { gte: '', lt: '\x7f' }

/** What every implementation of the `Store` port must do; `open` gives an empty one. */
export function storeContract(name: string, open: () => Promise<StoreUnderTest>): void {
  let current: StoreUnderTest | undefined
  const opened = async (): Promise<StoreUnderTest> => (current = await open())
  afterEach(async () => {
    await current?.dispose()
    current = undefined
  })

  describe(`store contract: ${name}`, () => {
    readingAndWriting(opened)
    ranges(opened)
    lifetime(opened)
  })
}

type Opened = () => Promise<StoreUnderTest>

function readingAndWriting(opened: Opened): void {
  test('a key that was never written has no value', async () => {
    const { store } = await opened()
    expect(await store.get('a')).toBeUndefined()
    expect(await store.getMany(['a', 'b'])).toEqual([undefined, undefined])
    expect(await store.getMany([])).toEqual([])
    expect(await entries(store, all)).toEqual([])
  })

  test('what was written is read, bytes of any kind, and replaced as a whole', async () => {
    const { store } = await opened()
    const every = Uint8Array.from({ length: 256 }, (_, index) => index)
    await store.write([{ key: 'a', value: every }], { sync: true })
    await store.write([{ key: 'empty', value: new Uint8Array() }], { sync: false })
    expect(await store.get('a')).toEqual(every)
    expect(await store.get('empty')).toEqual(new Uint8Array())
    await store.write([{ key: 'a', value: bytes('new') }], { sync: false })
    expect(text(await store.get('a'))).toBe('new')
  })

  test('getMany answers in the order asked, repeats and gaps included', async () => {
    const { store } = await opened()
    await put(store, 'a', 'b')
    const values = await store.getMany(['b', 'none', 'a', 'b'])
    expect(values.map(text)).toEqual(['value of b', undefined, 'value of a', 'value of b'])
  })

  test('a write without a value deletes; within a batch the last of a key counts', async () => {
    const { store } = await opened()
    await put(store, 'a', 'b')
    await store.write(
      [{ key: 'a' }, { key: 'none' }, { key: 'c', value: bytes('1') }, { key: 'c' }],
      { sync: false },
    )
    await store.write([{ key: 'd' }, { key: 'd', value: bytes('2') }], { sync: true })
    expect(await entries(store, all)).toEqual(['b=value of b', 'd=2'])
  })

  test('values are copied: later changes on either side are not seen', async () => {
    const { store } = await opened()
    const given = bytes('one')
    const written = store.write([{ key: 'a', value: given }], { sync: false })
    given.fill(0)
    await written
    const got = await store.get('a')
    expect(text(got)).toBe('one')
    got?.fill(0)
    for await (const [, value] of store.range(all)) value.fill(0)
    const [many] = await store.getMany(['a'])
    many?.fill(0)
    expect(text(await store.get('a'))).toBe('one')
  })

  test('writes take effect in the order of their calls, also when none is awaited', async () => {
    const { store } = await opened()
    const writes = Array.from({ length: 200 }, (_, index) =>
      store.write(
        [
          { key: 'same', value: bytes(String(index)) },
          { key: `own/${index}`, value: bytes('x') },
        ],
        { sync: index % 50 === 0 },
      ),
    )
    await Promise.all(writes)
    expect(text(await store.get('same'))).toBe('199')
    expect((await entries(store, { gte: 'own/', lt: 'own0' })).length).toBe(200)
  })

  test('a key that is empty or not printable ASCII is refused, and nothing written', async () => {
    const { store } = await opened()
    for (const key of ['', 'ä', 'a\n', '\0']) {
      const write = store.write([{ key: 'good', value: bytes('x') }, { key }], { sync: false })
      await expect(write).rejects.toThrow('printable ASCII')
    }
    expect(await entries(store, all)).toEqual([])
  })
}

function ranges(opened: Opened): void {
  test('a range has its first key, not its last, in byte order, either way round', async () => {
    const { store } = await opened()
    await put(store, 'b', 'a/2', 'a', 'a/10', 'B', 'a/1', 'c')
    const keys = async (range: StoreRange): Promise<string> =>
      (await entries(store, range)).map((entry) => entry.split('=')[0]).join(' ')
    expect(await keys(all)).toBe('B a a/1 a/10 a/2 b c')
    expect(await keys({ gte: 'a/1', lt: 'b' })).toBe('a/1 a/10 a/2')
    expect(await keys({ gte: 'a/', lt: 'c', reverse: true })).toBe('b a/2 a/10 a/1')
    expect(await keys({ gte: 'a', lt: 'c', limit: 2 })).toBe('a a/1')
    expect(await keys({ gte: 'a', lt: 'c', limit: 2, reverse: true })).toBe('b a/2')
    expect(await keys({ gte: 'a', lt: 'c', limit: 0 })).toBe('')
    expect(await keys({ gte: 'c', lt: 'a' })).toBe('')
    expect(await keys({ gte: 'b', lt: 'b' })).toBe('')
  })

  test('a range shows the store as it was when its iteration began', async () => {
    const { store } = await opened()
    const names = Array.from({ length: 1_500 }, (_, index) => `k/${String(index).padStart(4, '0')}`)
    await put(store, ...names)
    let count = 0
    for await (const [key, value] of store.range({ gte: 'k/', lt: 'k0' })) {
      if (count === 0) {
        await store.write(
          [...names.map((name) => ({ key: name })), { key: 'k/9999', value: bytes('late') }],
          { sync: false },
        )
      }
      expect(`${key} ${text(value)}`).toBe(`${names[count]} value of ${names[count]}`)
      count += 1
    }
    expect(count).toBe(1_500)
    expect(await entries(store, { gte: 'k/', lt: 'k0' })).toEqual(['k/9999=late'])
  })

  test('a range that is left early frees what it held', async () => {
    const { store } = await opened()
    await put(store, 'a', 'b', 'c')
    for (let round = 0; round < 50; round += 1) {
      for await (const [key] of store.range(all)) if (key === 'b') break
    }
    const failing = async (): Promise<void> => {
      for await (const [key] of store.range(all)) throw new TypeError(key)
    }
    await expect(failing()).rejects.toThrow('a')
    await store.close()
  })
}

function lifetime(opened: Opened): void {
  test('everything written is there after closing and opening again', async () => {
    const { store, reopen } = await opened()
    await put(store, 'a', 'b')
    await store.write([{ key: 'a' }, { key: 'c', value: bytes('3') }], { sync: true })
    await put(store, 'd')
    const again = await reopen()
    expect(await entries(again, all)).toEqual(['b=value of b', 'c=3', 'd=value of d'])
  })

  test('closing waits for writes, twice is fine, and nothing works after', async () => {
    const { store, reopen } = await opened()
    const writes = [put(store, 'a'), put(store, 'b')]
    await Promise.all([store.close(), store.close()])
    await Promise.all(writes)
    await expect(store.get('a')).rejects.toThrow('closed')
    await expect(store.getMany(['a'])).rejects.toThrow('closed')
    await expect(put(store, 'c')).rejects.toThrow('closed')
    await expect(entries(store, all)).rejects.toThrow('closed')
    expect(await entries(await reopen(), all)).toEqual(['a=value of a', 'b=value of b'])
  })
}
