import { spawn, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lockDirectory } from '../../node/store/directory-lock.ts'
import { ownIdentity } from '../../node/store/process-identity.ts'
import { failureOf, withDirectory } from './store-fixture.ts'

type Contender = {
  readonly process: ChildProcess
  ask(line: string): Promise<string>
}

function startContender(): Contender {
  const program = join(import.meta.dirname, 'lock-contender.ts')
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    process: child,
    async ask(line) {
      child.stdin.write(`${line}\n`)
      return String((await lines.next()).value)
    },
  }
}

const contenders: Contender[] = []

beforeAll(() => {
  for (let index = 0; index < 4; index += 1) contenders.push(startContender())
})

afterAll(() => {
  for (const contender of contenders) contender.process.kill()
})

const oneWon = ['directory-in-use', 'directory-in-use', 'directory-in-use', 'won']

/** What four processes that want the directory at once are told; the winner's lock is then gone. */
async function contend(directory: string): Promise<string[]> {
  const answers = await Promise.all(contenders.map((contender) => contender.ask(directory)))
  const winner = contenders[answers.indexOf('won')]
  const lock: unknown = JSON.parse(await readFile(join(directory, 'node.lock'), 'utf8'))
  expect(lock).toMatchObject({ pid: winner?.process.pid })
  expect(await readdir(directory)).toEqual(['node.lock'])
  await Promise.all(contenders.map((contender) => contender.ask('')))
  expect(await readdir(directory)).toEqual([])
  return answers.toSorted()
}

/** A lock whose owner is of this boot and gone. */
async function staleLock(change: Record<string, unknown> = {}): Promise<string> {
  const child = spawn('true')
  await once(child, 'exit')
  const owner = { ...(await ownIdentity()), pid: child.pid, startTicks: '1' }
  return JSON.stringify({ ...owner, startedAt: 'before', nonce: 'stale', api: null, ...change })
}

test('of four processes at once exactly one gets a free directory', () =>
  withDirectory(async (directory) => {
    for (let round = 0; round < 25; round += 1) {
      const own = join(directory, String(round))
      await mkdir(own)
      expect(await contend(own)).toEqual(oneWon)
    }
  }))

test('of four processes at once exactly one takes over a stale lock', () =>
  withDirectory(async (directory) => {
    for (let round = 0; round < 50; round += 1) {
      const own = join(directory, String(round))
      await mkdir(own)
      await writeFile(join(own, 'node.lock'), await staleLock({ nonce: String(round) }))
      expect(await contend(own)).toEqual(oneWon)
    }
  }))

test('a takeover that was itself cut off is taken over', () =>
  withDirectory(async (directory) => {
    const path = join(directory, 'node.lock')
    await writeFile(path, await staleLock())
    // Killed before the rename: its lock is at the end of the chain, under another name.
    const killed = startContender()
    const [first] = await Promise.all([killed.ask(directory), once(killed.process, 'spawn')])
    expect(first).toBe('won')
    const successor = await readFile(path)
    killed.process.kill('SIGKILL')
    await once(killed.process, 'exit')
    const stale = await staleLock({ nonce: 'again' })
    await writeFile(path, stale)
    const digest = createHash('sha256').update(stale).digest('hex').slice(0, 16)
    await writeFile(`${path}.after-${digest}`, successor)
    expect(await contend(directory)).toEqual(oneWon)
  }))

test('the lock of a killed process is taken over, that of a running one never', () =>
  withDirectory(async (directory) => {
    const owner = startContender()
    expect(await owner.ask(directory)).toBe('won')
    await expect(lockDirectory(directory)).rejects.toMatchObject({ code: 'directory-in-use' })
    owner.process.kill('SIGKILL')
    await once(owner.process, 'exit')
    expect(await contend(directory)).toEqual(oneWon)
  }))

test('a refusal names process, directory, address and the way out, not the file', () =>
  withDirectory(async (directory) => {
    const lock = await lockDirectory(directory)
    await lock.setApi('http://127.0.0.1:4123')
    const { code, message } = await failureOf(lockDirectory(directory))
    expect(code).toBe('directory-in-use')
    for (const part of [
      `Process ${process.pid} `,
      directory,
      'http://127.0.0.1:4123',
      `kill ${process.pid}`,
      '--dir',
    ]) {
      expect(message).toContain(part)
    }
    expect(message).not.toMatch(/delete|remove|node\.lock/)
    await lock.release()
    await lock.release()
    expect(await readdir(directory)).toEqual([])
  }))

test('stale are another boot, a number used again, a killed child not reaped, and rubble', () =>
  withDirectory(async (directory) => {
    const path = join(directory, 'node.lock')
    const own = await ownIdentity()
    // The shell leaves a dead child to a program that never asks for it.
    const shell = spawn('bash', ['-c', 'sleep 0.1 & echo $!; exec sleep 20'])
    const zombie = Number(String((await once(shell.stdout, 'data'))[0]))
    let stat = ''
    while (!stat.includes(' Z ')) stat = await readFile(`/proc/${zombie}/stat`, 'utf8')
    const stale = [
      await staleLock({ pid: process.pid, startTicks: own.startTicks, bootId: 'another' }),
      await staleLock({ pid: process.pid, startTicks: '5' }),
      await staleLock({ pid: zombie, startTicks: stat.split(' ')[21] }),
      '',
      '{"pid":',
    ]
    for (const text of stale) {
      await writeFile(path, text)
      const lock = await lockDirectory(directory)
      expect(await readFile(path, 'utf8')).toContain(`"pid":${process.pid}`)
      await lock.release()
    }
    shell.kill()
    // What cannot be told from a running owner is left alone.
    await writeFile(path, await staleLock({ pid: process.pid, startTicks: null, bootId: null }))
    await expect(lockDirectory(directory)).rejects.toMatchObject({ code: 'directory-in-use' })
  }))

test('a directory that is not there is named with the command that makes it', async () => {
  const failure = await failureOf(lockDirectory('/nowhere/node'))
  expect(failure.code).toBe('malformed')
  expect(failure.message).toContain('society init --dir /nowhere/node')
})
