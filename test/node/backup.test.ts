import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clientOf } from '../../node/cli/client.ts'
import { decodeArchive, encodeArchive, type Entry } from '../../node/backup/archive.ts'
import { sealArchive } from '../../node/backup/sealed.ts'
import { restoreBackup, verifyBackup } from '../../node/backup/restore.ts'
import { backupOfStopped } from '../../node/backup/stopped.ts'
import { makeNode, removeNode, runNode, type RealDirectory } from '../support/real-node.ts'
import { answerOf, runCli } from './cli-fixture.ts'

const secret = 'correct horse'
let folder: string
let node: RealDirectory
let clear: string
let sealed: string
let written: string

async function write(name: string, bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, bytes)
  return path
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'society-backup-'))
  node = await makeNode('sage', { adp: '500' })
  const running = await runNode(node)
  await running.replica.write('energy.prove', { source: 'grid:p1:e0047', allocated: 900 })
  const api = await clientOf(node.directory)
  clear = await write('clear', api.bytes('POST', '/v1/backup', { passphrase: null }))
  sealed = await write('sealed', api.bytes('POST', '/v1/backup', { passphrase: secret }))
  written = JSON.stringify(running.replica.documentHeads())
  await running.close()
}, 60_000)

afterAll(async () => {
  await removeNode(node)
  await rm(folder, { recursive: true, force: true })
})

describe('a backup', () => {
  test('of a running node is whole, encrypted or not', async () => {
    const content = await verifyBackup(clear, null)
    expect(content).toMatchObject({ id: node.id, societies: [node.id], documents: 2 })
    expect(await verifyBackup(sealed, secret)).toEqual(content)
    expect((await readFile(sealed, 'latin1')).startsWith('age-encryption.org/v1')).toBe(true)
  })

  test('of a stopped node holds the same as of a running one', async () => {
    const stopped = await write('stopped', backupOfStopped(node.directory, null))
    const { records: _, ...content } = await verifyBackup(stopped, null)
    expect(await verifyBackup(clear, null)).toMatchObject(content)
  })

  test('is opened by its passphrase alone', async () => {
    await expect(verifyBackup(sealed, 'wrong')).rejects.toMatchObject({ code: 'wrong-passphrase' })
    await expect(verifyBackup(sealed, null)).rejects.toMatchObject({ code: 'wrong-passphrase' })
  })

  test('is refused with a byte changed, missing or added', async () => {
    const bytes = await readFile(sealed)
    const file = join(folder, 'changed')
    const others = [bytes.subarray(0, -1), Buffer.concat([bytes, Buffer.of(0)])]
    for (let at = 0; at < bytes.length; at += 997) {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8))
      others.push(changed)
    }
    for (const other of others) {
      await writeFile(file, other)
      await expect(verifyBackup(file, secret)).rejects.toHaveProperty('code')
    }
  }, 60_000)

  test('has no byte that its archive does not check', async () => {
    const entries: readonly Entry[] = [
      { type: 'file', name: 'key', value: new Uint8Array([1, 2, 3]) },
      { type: 'record', name: 'c/x', value: new Uint8Array() },
    ]
    const bytes = Buffer.concat(await Readable.from(encodeArchive(entries)).toArray())
    const read = (source: Buffer) => Readable.from(decodeArchive(Readable.from([source]))).toArray()
    expect(await read(bytes)).toEqual(entries)
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8))
      await expect(read(changed), `byte ${at}`).rejects.toHaveProperty('code')
      await expect(read(bytes.subarray(0, at)), `to ${at}`).rejects.toHaveProperty('code')
    }
    await expect(read(Buffer.concat([bytes, Buffer.of(0)]))).rejects.toHaveProperty('code')
  })

  test('is written and read by the commands', async () => {
    const file = join(folder, 'by command')
    const environment = { SOCIETY_PASSPHRASE: secret }
    const made = await runCli(['backup', file, '--json', '--dir', node.directory], { environment })
    expect(JSON.parse(made.stdout)).toMatchObject({ file })
    const verified = await runCli(['backup', 'verify', file, '--json'], { environment })
    expect(JSON.parse(verified.stdout)).toMatchObject({ id: node.id, documents: 2 })
    // `backup` has options of the same names as what begins with its word.
    const passphrase = join(folder, 'passphrase')
    await writeFile(passphrase, `${secret}\n`)
    const byFile = await runCli(['backup', 'verify', sealed, '--passphrase-file', passphrase])
    expect(byFile.stderr).toBe('')
    expect(byFile.stdout).toContain(node.id)
  }, 30_000)
})

describe('files that devices in config.yaml names', () => {
  const outside = '/etc/society-elsewhere.pem'

  test('come back with it, but for those outside of its directory, which are named', async () => {
    const devices = {
      makers: ['makers/acme.pem', './root.pem', outside, '../above.pem', 'gone.pem', 'key.json'],
    }
    const made = await makeNode('oak', { sections: { devices } })
    try {
      await mkdir(join(made.directory, 'makers'))
      await writeFile(join(made.directory, 'makers/acme.pem'), 'of Acme')
      await writeFile(join(made.directory, 'root.pem'), 'of a root')
      const file = join(folder, 'with devices')
      const lacking = [outside, '../above.pem', 'gone.pem', 'key.json']
      expect(await answerOf(made.directory, 'backup', file)).toMatchObject({ lacking })
      expect(await verifyBackup(file, null)).toMatchObject({ lacking })
      const directory = join(folder, 'devices back')
      const { stdout } = await runCli(['restore', file, '--dir', directory])
      expect(stdout).toContain('stop every other node of this society')
      for (const name of lacking) expect(stdout).toContain(`not in it             ${name},`)
      expect(await readFile(join(directory, 'makers/acme.pem'), 'utf8')).toBe('of Acme')
      expect(await readFile(join(directory, 'root.pem'), 'utf8')).toBe('of a root')
      expect((await stat(join(directory, 'makers/acme.pem'))).mode & 0o777).toBe(0o600)
    } finally {
      await removeNode(made)
    }
  }, 30_000)

  test.each(['devices/../up.pem', 'devices//etc/x', 'devices/key.json', 'devices/store/1', 'x'])(
    'are refused by the name %s, and nothing is written',
    async (name) => {
      const entries: readonly Entry[] = [{ type: 'file', name, value: new Uint8Array([1]) }]
      const file = await write('by hand', await sealArchive(Readable.from(entries), null))
      const directory = join(folder, 'by hand back')
      const refused = restoreBackup(file, null, directory)
      await expect(refused).rejects.toMatchObject({ code: 'malformed' })
      expect(await readdir(folder)).not.toContain('by hand back')
    },
  )
})

describe('a restored node', () => {
  test('holds what was written, and signs nothing until it may', async () => {
    const directory = join(folder, 'restored')
    await restoreBackup(sealed, secret, directory)
    const running = await runNode({ directory, id: node.id })
    try {
      expect(JSON.stringify(running.replica.documentHeads())).toBe(written)
      const propose = () =>
        running.replica.write('energy.prove', { source: 'grid:p1:e9', allocated: 1 })
      await expect(propose()).rejects.toMatchObject({ code: 'out-of-order' })
      const resumed = await runCli(['resume', '--json', '--dir', directory])
      expect(JSON.parse(resumed.stdout)).toEqual({ resumed: true })
      await expect(propose()).resolves.toMatch(/:0$/)
    } finally {
      await running.close()
    }
  }, 30_000)

  test('takes no directory that is in use, and leaves nothing of a damaged backup', async () => {
    const refused = restoreBackup(clear, null, node.directory)
    await expect(refused).rejects.toMatchObject({ code: 'directory-in-use' })
    // Nobody runs there, and what is there is somebody's.
    const occupied = join(folder, 'occupied')
    await mkdir(occupied)
    await writeFile(join(occupied, 'key.json'), 'the only one')
    const again = restoreBackup(clear, null, occupied)
    await expect(again).rejects.toMatchObject({ code: 'directory-in-use' })
    expect(await readFile(join(occupied, 'key.json'), 'utf8')).toBe('the only one')
    const damaged = join(folder, 'damaged')
    await writeFile(damaged, (await readFile(clear)).subarray(0, -40))
    const directory = join(folder, 'never')
    await expect(restoreBackup(damaged, null, directory)).rejects.toHaveProperty('code')
    expect(await readdir(folder)).not.toContain('never')
  })
})
