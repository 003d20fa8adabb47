import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { openKey } from '../../node/keys/key-store.ts'
import { until } from './api-fixture.ts'
import {
  answerOf,
  failureOf,
  newDirectory,
  outcomeOf,
  runCli,
  startCli,
  type Json,
  type Run,
  type RunOptions,
} from './cli-fixture.ts'

const children = new Set<ChildProcess>()
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
})

type Started = { readonly child: ChildProcess; readonly ready: Json; readonly ended: Promise<Run> }

/** Starts a node and waits for the line that says it is ready. */
async function startNode(directory: string, options: RunOptions = {}): Promise<Started> {
  const child = startCli(['start', '--json'], { directory, ...options })
  children.add(child)
  const ended = outcomeOf(child)
  let said = ''
  child.stdout?.on('data', (chunk: string) => (said += chunk))
  await until('the node is ready', () => said.endsWith('\n') || child.exitCode !== null)
  return { child, ready: JSON.parse(said), ended }
}

const forTests = ['--insecure-no-passphrase', '--no-mdns', '--listen', '/ip4/127.0.0.1/tcp/0']

async function initialised(...flags: readonly string[]): Promise<string> {
  const directory = await newDirectory()
  await answerOf(directory, 'init', ...forTests, ...flags)
  return directory
}

describe('init', () => {
  it('makes a directory that only its owner may read', async () => {
    const directory = join(await newDirectory(), 'deeper')
    const { code, stdout, stderr } = await runCli(['init', ...forTests, '--dir', directory])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^id +did:key:z6Mk\w+$/m)
    expect(stdout).toContain(`society start --dir ${directory}`)
    expect((await stat(directory)).mode & 0o777).toBe(0o700)
    for (const name of ['key.json', 'token', 'config.yaml']) {
      expect((await stat(join(directory, name))).mode & 0o777).toBe(0o600)
    }
  })

  it('writes what it was told into the commented configuration', async () => {
    const bootstrap =
      '/ip4/192.0.2.7/tcp/4100/p2p/12D3KooWM7YW6gJPpmcNFcakces8Eh5aoD9t8UR2QNp55wkHPcGM'
    const directory = await initialised(
      ...'--federation test-cli --open --adp 12.5 --api-port 4321'.split(' '),
      '--name',
      'leaf: "a"',
      '--bootstrap',
      bootstrap,
    )
    const text = await readFile(join(directory, 'config.yaml'), 'utf8')
    expect(parse(text)).toMatchObject({
      name: 'leaf: "a"',
      federation: 'test-cli',
      policy: { admission: 'open' },
      founding: { adp: 12.5 },
      network: { listen: ['/ip4/127.0.0.1/tcp/0'], bootstrap: [bootstrap], mdns: false },
      api: { port: 4321 },
    })
    expect(text.match(/^ *#/gm)?.length).toBeGreaterThan(20)
    const plain = await initialised()
    const config: Json = parse(await readFile(join(plain, 'config.yaml'), 'utf8'))
    expect(config).toMatchObject({ federation: 'home', founding: { adp: 0 } })
    expect(config['name']).toMatch(/\S/)
  })

  it('never replaces a society', async () => {
    const directory = await initialised()
    const key = await readFile(join(directory, 'key.json'), 'utf8')
    expect(await failureOf(directory, 'init', ...forTests)).toBe('1 directory-in-use')
    const { stderr } = await runCli(['init', ...forTests], { directory })
    expect(stderr).toContain(`a society lives in ${directory} already`)
    expect(await readFile(join(directory, 'key.json'), 'utf8')).toBe(key)
  })

  it.each([
    [['--adp', '2000000'], '1 malformed'],
    [['--name', ' '], '1 malformed'],
    [['--listen', 'nowhere'], '1 malformed'],
    [['--bootstrap', '/ip4/192.0.2.7/tcp/4100'], '1 malformed'],
    [['--passphrase-file', '/nowhere'], '2 malformed'],
    [[], '2 malformed'],
  ])('%j: %s, and nothing is made', async (flags, failure) => {
    const directory = await newDirectory()
    expect(await failureOf(directory, 'init', ...flags)).toBe(failure)
    expect(await failureOf(directory, 'key', 'show')).toBe('1 malformed')
    await answerOf(directory, 'init', ...forTests)
  })

  it('can be tried again after a passphrase that was empty', async () => {
    const directory = await newDirectory()
    const environment = { SOCIETY_PASSPHRASE: '' }
    const run = await runCli(['init', '--no-mdns'], { directory, environment })
    expect(run.code).toBe(1)
    expect(run.stderr).toContain('The passphrase is empty')
    await answerOf(directory, 'init', ...forTests)
  }, 30_000)

  it('shows the public key alone', async () => {
    const directory = await initialised()
    const shown = await answerOf(directory, 'key', 'show')
    expect(shown).toEqual({
      id: expect.stringMatching(/^did:key:z6Mk/),
      publicKey: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
  })
})

describe('a node', () => {
  it('starts, answers, refuses a second one, stops, and starts again', async () => {
    const directory = await initialised('--federation', 'test-cli', '--adp', '7')
    const { ready, ended } = await startNode(directory)
    expect(ready).toEqual({
      id: expect.stringMatching(/^did:key:z6Mk/),
      api: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      directory,
    })
    const { id, api } = ready
    expect(await answerOf(directory, 'status')).toMatchObject({ id, api, adp: { pool: 7 } })
    expect(await failureOf(directory, 'start')).toBe('1 directory-in-use')
    expect(await answerOf(directory, 'stop')).toEqual({ stopped: true })
    // Its directory is free the moment that `stop` is done.
    const again = await startNode(directory)
    expect(await ended).toMatchObject({ code: 0, stdout: `${JSON.stringify(ready)}\n` })
    again.child.kill('SIGTERM')
    expect((await again.ended).code).toBe(0)
    expect(await failureOf(directory, 'status')).toBe('3 no-node')
    expect((await again.ended).stderr.split('\n').filter(Boolean).map(isJson)).not.toContain(false)
  })

  it('does not start without a token, and does with one made as it says', async () => {
    const directory = await initialised()
    const token = join(directory, 'token')
    await rm(token)
    const { code, stderr } = await runCli(['start'], { directory })
    expect(code).toBe(1)
    expect(stderr).toContain('write 64 hex digits into it')
    await writeFile(token, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 })
    const { child, ended } = await startNode(directory)
    expect(await answerOf(directory, 'status')).toMatchObject({ peers: 0 })
    child.kill('SIGTERM')
    expect((await ended).code).toBe(0)
  })

  it('opens an encrypted key with its passphrase alone', async () => {
    const directory = await newDirectory()
    const file = join(directory, 'passphrase')
    await writeFile(file, 'correct horse\n')
    const flags = ['--no-mdns', '--listen', '/ip4/127.0.0.1/tcp/0']
    await answerOf(directory, 'init', ...flags, '--passphrase-file', file)
    expect(await failureOf(directory, 'start')).toBe('2 malformed')
    expect(await failureOf(directory, 'start', '--insecure-no-passphrase')).toBe(
      '1 wrong-passphrase',
    )
    const wrong = { SOCIETY_PASSPHRASE: 'wrong horse' }
    const refused = await runCli(['start'], { directory, environment: wrong })
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('wrong-passphrase')
    const environment = { SOCIETY_PASSPHRASE: 'correct horse' }
    const { child, ended } = await startNode(directory, { environment })
    child.kill('SIGINT')
    expect((await ended).code).toBe(0)
  })

  it('has another passphrase when it is changed, and has one when it had none', async () => {
    const directory = await initialised()
    const [first, second] = [join(directory, 'first'), join(directory, 'second')]
    await writeFile(first, 'correct horse\n')
    await writeFile(second, 'battery staple\n')
    const { id, publicKey } = await answerOf(directory, 'key', 'show')
    const change = ['key', 'change-passphrase', '--new-passphrase-file']
    expect(await answerOf(directory, ...change, first)).toEqual({ id, changed: true })
    const again = [...change, second, '--passphrase-file']
    expect(await failureOf(directory, ...again, second)).toBe('1 wrong-passphrase')
    await answerOf(directory, ...again, first)
    const text = await readFile(join(directory, 'key.json'), 'utf8')
    expect(JSON.parse(text)).toMatchObject({ publicKey, seed: { passes: 3 } })
    expect((await stat(join(directory, 'key.json'))).mode & 0o777).toBe(0o600)
    await expect(openKey(directory, 'correct horse')).rejects.toThrow('does not open')
    const signer = await openKey(directory, 'battery staple')
    expect(Buffer.from(signer.publicKey).toString('hex')).toBe(publicKey)
  }, 30_000)

  it.each(['api.port', 'network.listen'])('says who has its %s before all else', async (key) => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    const directory = await newDirectory()
    const file = join(directory, 'passphrase')
    await writeFile(file, 'correct horse\n')
    const listen = `/ip4/127.0.0.1/tcp/${key === 'network.listen' ? port : 0}`
    const flags = ['--no-mdns', '--passphrase-file', file, '--listen', listen]
    await answerOf(
      directory,
      'init',
      ...flags,
      ...(key === 'api.port' ? ['--api-port', `${port}`] : []),
    )
    // Not even the key is opened: that its passphrase is wrong is not told.
    const environment = { SOCIETY_PASSPHRASE: 'wrong horse' }
    const { code, stderr } = await runCli(['start'], { directory, environment })
    taken.close()
    expect(code).toBe(1)
    expect(stderr).toContain(
      `port-in-use: In config.yaml ${key} is ${port}, and at 127.0.0.1:${port}`,
    )
    expect(stderr).toContain(`listens process ${process.pid} (node)`)
  })

  it('says that there is none to start', async () => {
    const nowhere = await newDirectory()
    expect(await failureOf(nowhere, 'start')).toBe('1 malformed')
    const { code, stderr } = await runCli(['status'], { directory: nowhere })
    expect(code).toBe(3)
    expect(stderr).toContain(`make one with 'society init --dir ${nowhere}'`)
  })
})

function isJson(line: string): boolean {
  return line.startsWith('{') && JSON.parse(line) !== null
}
