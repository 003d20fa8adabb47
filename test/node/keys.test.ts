import { createPublicKey, verify } from 'node:crypto'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { didOf, keyOfBytes } from '../../protocol/index.ts'
import type { Signer } from '../../src/index.ts'
import { formatKeyFile, parseKeyFile } from '../../node/keys/key-file.ts'
import { createKey, openKey, openNodeKey } from '../../node/keys/key-store.ts'
import { failureOf, flipBit, numbersOf, withDirectory } from './store-fixture.ts'

const message = Buffer.from('a message')

function signsFor(signer: Signer, publicKey: Uint8Array): boolean {
  const prefix = Buffer.from('302a300506032b6570032100', 'hex')
  const key = createPublicKey({
    key: Buffer.concat([prefix, publicKey]),
    format: 'der',
    type: 'spki',
  })
  return verify(null, message, key, signer.sign(message))
}

async function fileOf(directory: string): Promise<string> {
  return readFile(join(directory, 'key.json'), 'utf8')
}

test('a key opens with its passphrase, in whatever composition, and signs as when made', () =>
  withDirectory(async (directory) => {
    const made = await createKey(directory, 'Sch\u00f6n 1')
    const opened = await openKey(directory, 'Scho\u0308n 1')
    expect(opened.publicKey).toEqual(made.publicKey)
    expect(opened.publicKey.length).toBe(32)
    expect(signsFor(opened, made.publicKey)).toBe(true)
    expect(signsFor(made, opened.publicKey)).toBe(true)
    const file = await fileOf(directory)
    expect(JSON.parse(file)).toMatchObject({
      format: 1,
      did: didOf(keyOfBytes(made.publicKey)),
      publicKey: keyOfBytes(made.publicKey),
      seed: { protection: 'argon2id, aes-256-gcm', memoryKibibytes: 65_536, passes: 3 },
    })
    expect((await stat(join(directory, 'key.json'))).mode & 0o777).toBe(0o600)
  }))

test('another passphrase, and none, are wrong; an empty one makes no key', () =>
  withDirectory(async (directory) => {
    expect((await failureOf(createKey(directory, ''))).code).toBe('malformed')
    expect((await failureOf(openKey(directory, 'right'))).message).toContain('society init')
    await createKey(directory, 'right')
    for (const wrong of ['Right', 'right ', '', null]) {
      expect((await failureOf(openKey(directory, wrong))).code).toBe('wrong-passphrase')
    }
  }))

test('a key made without a passphrase says so, and opens without one only', () =>
  withDirectory(async (directory) => {
    const made = await createKey(directory, null)
    const file = await fileOf(directory)
    expect(file).toContain('This key is not encrypted')
    expect((await stat(join(directory, 'key.json'))).mode & 0o777).toBe(0o600)
    expect((await openKey(directory, null)).publicKey).toEqual(made.publicKey)
    const failure = await failureOf(openKey(directory, 'something'))
    expect(failure.code).toBe('wrong-passphrase')
    expect(failure.message).toContain('--insecure-no-passphrase')
  }))

test('a key is never replaced', () =>
  withDirectory(async (directory) => {
    const made = await createKey(directory, null)
    expect((await failureOf(createKey(directory, null))).code).toBe('malformed')
    expect((await failureOf(createKey(directory, 'p'))).code).toBe('malformed')
    expect((await openKey(directory, null)).publicKey).toEqual(made.publicKey)
  }))

test('a damaged key file is named as such, whichever bit it is', () =>
  withDirectory(async (directory) => {
    const random = numbersOf(3)
    await createKey(directory, 'right')
    const path = join(directory, 'key.json')
    const file = await readFile(path)
    for (let flip = 0; flip < 40; flip += 1) {
      await flipBit(path, random)
      expect((await failureOf(openKey(directory, 'right'))).code).toMatch(
        /^(store-damaged|unsupported-version)$/,
      )
      await writeFile(path, file)
    }
    for (const length of [0, 1, 100, file.length - 3]) {
      await writeFile(path, file.subarray(0, length))
      expect((await failureOf(openKey(directory, 'right'))).code).toBe('store-damaged')
    }
    await writeFile(path, Buffer.alloc(20_000, ' '))
    expect((await failureOf(openKey(directory, 'right'))).code).toBe('too-large')
    await writeFile(path, '{"format":2}')
    expect((await failureOf(openKey(directory, 'right'))).code).toBe('unsupported-version')
  }))

test('the clear text of a key file belongs to its seed', () =>
  withDirectory(async (directory) => {
    const other = join(directory, 'other')
    await mkdir(other)
    await createKey(directory, 'right')
    await createKey(other, 'right')
    const [file, foreign] = [await fileOf(directory), await fileOf(other)].map((text) =>
      parseKeyFile('', text),
    )
    const path = join(directory, 'key.json')
    await writeFile(path, formatKeyFile({ ...file!, seed: foreign!.seed }))
    expect((await failureOf(openKey(directory, 'right'))).code).toBe('wrong-passphrase')
    await writeFile(path, formatKeyFile({ ...file!, did: foreign!.did }))
    expect((await failureOf(openKey(directory, 'right'))).code).toBe('wrong-passphrase')
    // A file that asks for more memory than any machine should give is not even tried.
    const seed = { ...file!.seed, memoryKibibytes: 2 ** 31 }
    await writeFile(path, formatKeyFile({ ...file!, seed }))
    expect((await failureOf(openKey(directory, 'right'))).code).toBe('store-damaged')
  }))

test('the node has a key of its own, made once', () =>
  withDirectory(async (directory) => {
    const [seed, again] = await Promise.all([openNodeKey(directory), openNodeKey(directory)])
    expect(seed.length).toBe(32)
    expect(again).toEqual(seed)
    expect(await openNodeKey(directory)).toEqual(seed)
    const path = join(directory, 'node-key.json')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    await writeFile(path, '{"format":1,"seed":"12"}')
    expect((await failureOf(openNodeKey(directory))).code).toBe('store-damaged')
  }))

test('no byte of a key shows in an error or in what a signer prints', () =>
  withDirectory(async (directory) => {
    // Eight digits that no other text has; any run of them in the seed would betray it.
    const marker = 'badc0ffe'
    const secret = marker.repeat(8)
    const path = join(directory, 'key.json')
    await createKey(directory, null)
    const file = parseKeyFile(path, await fileOf(directory))
    const seed = { protection: 'none', warning: '', secret } as const
    const whole = formatKeyFile({ ...file, seed })
    const cut = whole.slice(0, whole.indexOf(marker) + 30)
    const seen: unknown[] = []
    for (const text of [whole, cut, `${secret}${whole}`, whole.replace(marker, 'badc0ffx')]) {
      await writeFile(path, text)
      for (const passphrase of [null, 'wrong']) {
        seen.push(await failureOf(openKey(directory, passphrase)))
      }
    }
    const nodeKey = JSON.stringify({ format: 1, seed: secret })
    for (const text of [nodeKey.slice(0, 60), `${secret}${nodeKey}`, nodeKey.replace('ba', 'xa')]) {
      await writeFile(join(directory, 'node-key.json'), text)
      seen.push(await failureOf(openNodeKey(directory)))
    }
    await writeFile(join(directory, 'node-key.json'), nodeKey)
    expect(Buffer.from(await openNodeKey(directory)).toString('hex')).toBe(secret)
    const made = join(directory, 'made')
    await mkdir(made)
    const signer = await createKey(made, null)
    const { seed: clear } = parseKeyFile('', await fileOf(made))
    const ownSecret = clear.protection === 'none' ? clear.secret : ''
    seen.push(signer, { json: JSON.stringify(signer) })
    const printed = inspect(seen, { depth: 10, showHidden: true, maxArrayLength: 1_000 })
    const bytes = Buffer.from(marker, 'hex')
    for (const text of [marker, [...bytes].join(', '), bytes.toString('latin1')]) {
      expect(printed).not.toContain(text)
    }
    expect(ownSecret).toMatch(/^[0-9a-f]{64}$/)
    expect(printed).not.toContain(ownSecret.slice(0, 12))
    expect(printed).not.toContain([...Buffer.from(ownSecret, 'hex')].slice(0, 4).join(', '))
    expect(printed).toContain('is damaged')
  }))
