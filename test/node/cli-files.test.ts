import { once } from 'node:events'
import { chmod, lstat, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { failureOf, newDirectory, runCli } from './cli-fixture.ts'

const forTests = ['--federation', 'test-cli', '--api-port', '0', '--no-mdns']
const right = { SOCIETY_PASSPHRASE: 'correct horse' }
const wrong = { SOCIETY_PASSPHRASE: 'corect horse' }

/** The code that stands before a message to people. */
const codeIn = (stderr: string): string | undefined => /^society: ([a-z-]+):/.exec(stderr)?.[1]

let folder: string
let directory: string
beforeAll(async () => {
  folder = await newDirectory()
  directory = join(folder, 'node')
  const made = await runCli(['init', ...forTests], { directory, environment: right })
  expect(made).toMatchObject({ code: 0 })
})

describe('what the file system refuses', () => {
  it('is told in words, with the path, and is no bug of ours', async () => {
    const file = join(folder, 'file')
    await writeFile(file, '')
    for (const [line, at] of [
      [`status --dir ${file}`, join(file, 'api')],
      [`init ${forTests.join(' ')} --insecure-no-passphrase --dir ${file}`, file],
      [`init ${forTests.join(' ')} --insecure-no-passphrase --dir ${join(file, 'in')}`, file],
      [`verify ${join(folder, 'none')}`, join(folder, 'none')],
      [`restore ${join(folder, 'none')} --dir ${join(folder, 'new')}`, join(folder, 'none')],
      [`restore ${file} --dir ${file}`, file],
      [`backup ${join(folder, 'no', 'file')} --dir ${directory}`, join(folder, 'no', 'file')],
    ] as const) {
      const run = await runCli(line.split(' '), { environment: right })
      expect(run, line).toMatchObject({ code: 1, stdout: '' })
      expect(codeIn(run.stderr), line).toBe('file-refused')
      expect(run.stderr, line).toContain(at)
      expect(run.stderr, line).not.toMatch(/\bE[A-Z]{4,}\b|\n +at /)
    }
  }, 60_000)
})

describe('a backup by the command', () => {
  it('is not locked by a passphrase that is not the key’s', async () => {
    const file = join(folder, 'mistyped')
    const run = await runCli(['backup', file], { directory, environment: wrong })
    expect(run.stderr).toContain('wrong-passphrase')
    expect(run.code).toBe(1)
    await expect(lstat(file)).rejects.toThrow()
  }, 30_000)

  it('replaces files alone', async () => {
    const pointed = join(folder, 'pointed')
    const link = join(folder, 'link')
    await writeFile(pointed, 'mine')
    await symlink(pointed, link)
    for (const file of [folder, link, '/dev/null']) {
      const run = await runCli(['backup', file], { directory, environment: right })
      expect(run.stderr).toContain('is no file')
      expect(run.code).toBe(2)
    }
    expect(await readFile(pointed, 'utf8')).toBe('mine')
  }, 30_000)

  it('is its owner’s alone, whatever was left where it is written', async () => {
    const file = join(folder, 'kept')
    await writeFile(`${file}.part`, 'left')
    await chmod(`${file}.part`, 0o666)
    const run = await runCli(['backup', file], { directory, environment: right })
    expect(run).toMatchObject({ code: 0 })
    expect((await lstat(file)).mode & 0o777).toBe(0o600)
    expect(await readdir(folder)).not.toContain('kept.part')
  }, 30_000)
})

describe('a node that was killed', () => {
  it('leaves an address, at which nobody gets token or passphrase', async () => {
    const heard: string[] = []
    const stranger = createServer((request, response) => {
      heard.push(String(request.headers.authorization))
      response.end('{}')
    })
    stranger.listen(0, '127.0.0.1')
    await once(stranger, 'listening')
    const address = stranger.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const left = { pid: 1, bootId: 'another', startTicks: '1', startedAt: '', nonce: '', api: null }
    await writeFile(join(directory, 'api'), `http://127.0.0.1:${port}\n`)
    await writeFile(join(directory, 'node.lock'), JSON.stringify(left))
    expect(await failureOf(directory, 'status')).toBe('3 no-node')
    // And it can be backed up, which is wanted most then.
    const file = join(folder, 'of the killed')
    const run = await runCli(['backup', file], { directory, environment: right })
    expect(run).toMatchObject({ code: 0 })
    expect(heard).toEqual([])
    stranger.close()
    await rm(join(directory, 'api'))
  }, 30_000)
})

describe('a directory', () => {
  it('is named: an empty --dir is not the one where the command is given', async () => {
    const run = await runCli(['status', '--dir', ''])
    expect(run.code).toBe(2)
    expect(run.stderr).toContain('--dir')
  })
})
