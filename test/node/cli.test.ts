import { createServer } from 'node:http'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { proveCommands } from '../../node/cli/commands/prove.ts'
import { meterKinds } from '../../node/meters/table.ts'
import { commands } from '../../node/cli/table.ts'
import { columns, printable, toRight } from '../../node/cli/text.ts'
import { counted } from '../../node/counted.ts'
import { directoryOf, failureOf, newDirectory, runCli } from './cli-fixture.ts'

const dashed = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** Arguments with which each command that asks a node is complete. */
const asking = [
  'stop',
  'status',
  'dashboard',
  'status leaf',
  'history leaf',
  'history leaf --at 2026-06-21',
  'peers',
  'log',
  'log -f',
  'dashboard --read',
  ...proveCommands.map(({ example }) => example.replace(/^society /, '')),
  'charge 5 --source solar:test:x',
  'request 5 --to leaf',
  'work allocate 5 --worker leaf',
  'work complete abc --quality 1',
  'work fail abc',
  'work list',
  'work confirm abc --quality 1',
  'work disown abc',
  'queue',
  'queue abc',
  'citizen apply leaf',
  'citizen admit leaf',
  'citizen leave',
  'grant 5 --to leaf',
  'revoke abc',
  'trade offer 5',
  'trade list',
  'trade accept abc',
  'trade settle abc',
  'trade decline abc',
  'trade cancel abc',
  'backing leaf',
  'backing leaf --export leaf.backing',
  'trust leaf',
  'bond commit solar:test:x solar:test:y',
  'bond fulfil',
  'bond abandon',
  'bond list',
  'vouch give 5 --to leaf --endorser oak',
  'vouch accept abc',
  'vouch list',
  'federation admit leaf',
  'federation members',
  'resume',
  'why leaf',
  'sources',
  'retire solar:test:x',
  'clock',
  'witnesses',
  'witnesses appoint oak',
  'checkpoints',
  'checkpoints write',
]
const alone = [
  'init',
  'start',
  'key show',
  'key export',
  'key import',
  'key change-passphrase',
  'completion',
  'man',
  'doctor',
  'localnet',
  'localnet kill',
  'localnet restart',
  'localnet partition',
  'localnet heal',
  'localnet snapshot',
  'localnet snapshots',
  'localnet revert',
  'localnet forget',
  'localnet advance',
  'simulate',
  'backup',
  'backup verify',
  'restore',
  'verify',
]

describe('help', () => {
  it.concurrent.each(commands.map(({ words }) => words))('of %s has an example', async (words) => {
    const command = commands.find((each) => each.words === words)
    const { code, stdout, stderr } = await runCli([...words.split(' '), '--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(command?.example).toMatch(new RegExp(`^society ${words}( |$)`))
    expect(stdout).toContain(`Usage: society ${words}`)
    expect(stdout).toContain(`Example:\n  $ ${command?.example}`)
    for (const { name } of command?.options ?? []) expect(stdout).toContain(` --${name}`)
  })

  it('of the program has every command', async () => {
    const { code, stdout } = await runCli(['--help'])
    expect(code).toBe(0)
    for (const { words } of commands) expect(stdout).toContain(`  ${words.split(' ', 1)[0]} `)
    expect(stdout).toContain('Example:')
  })

  it('is tested for every command, and every command for a missing node', () => {
    const lines = [...asking, ...alone].map((line) => `${line} `)
    const untested = commands.filter(({ words }) => {
      return !lines.some((line) => line.startsWith(`${words} `))
    })
    expect(untested).toEqual([])
  })
})

describe('the README', () => {
  it.each(meterKinds)('shows the flags of $example', async ({ options }) => {
    const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8')
    const flags = options.map(({ name, secret }) => `--${dashed(name)}${secret ? '-file' : ''}`)
    expect(flags.filter((flag) => !readme.includes(flag))).toEqual([])
  })
})

describe('wrong usage', () => {
  it.concurrent.each([
    ['', 'give a command'],
    ['nonsense', "unknown command 'nonsense'"],
    ['status --colour', "unknown option '--colour'"],
    ['charge --source x', "missing required argument 'amount'"],
    ['charge 5', 'required option'],
    ['charge much --source x', 'an amount'],
    ['charge -5 --source x', 'an amount'],
    ['charge 5 6 --source x', 'too many arguments'],
    ['charge 5 --source x --lifetime long', 'a number'],
    ['work', 'give a command'],
    ['work begin', "unknown command 'begin'"],
    ['work complete abc --quality -1', 'a number'],
    ['prove solar', 'give one of --sunspec'],
    ['prove solar --sunspec inverter', 'HOST:PORT'],
    ['prove solar --sunspec 127.0.0.1:502 --unit one', 'a whole number'],
    ['prove solar --sunspec 127.0.0.1:502 --site home', 'LAT,LON'],
    ['history', "missing required argument 'id'"],
    ['history leaf --at noon', 'a time such as'],
    ['trust', "missing required argument 'id'"],
    ['bond commit', "missing required argument 'sources'"],
    ['bond commit x --lock long', 'a number'],
    ['vouch give 5', 'required option'],
    ['vouch give some --to leaf', 'an amount'],
    ['queue abc --society leaf', 'not both'],
    ['completion tcsh', 'Allowed choices are bash, zsh, fish'],
    ['localnet --societies few', 'a whole number'],
    ['init --open --federation home', 'test federation'],
    ['init --api-port http', 'a port'],
    ['init --api-port 70000', 'a port'],
    ['prove solar --sunspec 127.0.0.1:99999', 'HOST:PORT'],
  ])('society %s', async (line, message) => {
    const args = line.split(' ').filter((word) => word !== '')
    const directory = await newDirectory()
    const plain = await runCli(args, { directory })
    expect({ line, code: plain.code, stdout: plain.stdout }).toEqual({ line, code: 2, stdout: '' })
    if (!message.startsWith('give')) expect(plain.stderr).toContain(message)
    const { code, stdout, stderr } = await runCli([...args, '--json'], { directory })
    expect({ line, code, stderr }).toEqual({ line, code: 2, stderr: '' })
    expect(JSON.parse(stdout)).toEqual({
      error: { code: 'malformed', message: expect.stringContaining(message), record: null },
    })
  })
})

describe('without a node', () => {
  it.concurrent.each(asking)('society %s: 3', async (line) => {
    const directory = await newDirectory()
    expect(await failureOf(directory, ...line.split(' '))).toBe('3 no-node')
  })

  it('names the directory and the command that makes or starts one', async () => {
    const directory = await newDirectory()
    const { code, stdout, stderr } = await runCli(['status', '--dir', directory])
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(stderr).toContain(`there is no society in ${directory}`)
    expect(stderr).toContain(`society init --dir ${directory}`)
    await writeFile(join(directory, 'key.json'), '{}')
    const again = await runCli(['status', '--dir', directory])
    expect(again.code).toBe(3)
    expect(again.stderr).toContain(`no node runs in ${directory}`)
    expect(again.stderr).toContain(`society start --dir ${directory}`)
  })

  it('takes --dir and --json before the command too', async () => {
    const directory = await newDirectory()
    const { code, stdout } = await runCli(['--json', '--dir', directory, 'status'])
    expect(code).toBe(3)
    expect(stdout).toContain(directory)
  })

  it('tells a node that is gone from one that never was', async () => {
    const directory = await directoryOf({ url: 'http://127.0.0.1:1' })
    expect(await failureOf(directory, 'status')).toBe('3 no-node')
    const { stderr } = await runCli(['status'], { directory })
    expect(stderr).toContain('http://127.0.0.1:1 does not answer')
  })

  it('does not take another program for its node', async () => {
    const server = createServer((request, response) => {
      response.statusCode = request.url === '/v1/status' ? 200 : 404
      response.end('<html>')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : 0
    const directory = await directoryOf({ url: `http://127.0.0.1:${port}` })
    expect(await failureOf(directory, 'status')).toBe('3 no-node')
    expect(await failureOf(directory, 'peers')).toBe('3 no-node')
    expect(await failureOf(directory, 'log', '-f')).toBe('3 no-node')
    server.close()
  })

  it('refuses a token that is none', async () => {
    const directory = await directoryOf({ url: 'http://127.0.0.1:1' })
    await writeFile(join(directory, 'token'), 'secret\n')
    expect(await failureOf(directory, 'status')).toBe('1 malformed')
  })

  it('has no key to show', async () => {
    expect(await failureOf(await newDirectory(), 'key', 'show')).toBe('1 malformed')
  })
})

describe('the entry', () => {
  it('refuses an old Node in a sentence', async () => {
    const fake = `Object.defineProperty(process, 'versions', { value: { node: '22.18.0' } })`
    const node = ['--import', `data:text/javascript,${encodeURIComponent(fake)}`]
    const { code, stdout, stderr } = await runCli(['status'], { node })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^society needs Node 24 or newer, not 22\.18\.0; [^\n]+\n$/)
  })

  it('tells its version', async () => {
    const { stdout } = await runCli(['--version'])
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})

describe('text', () => {
  it('counts one as one', () => {
    expect([0, 1, 2].map((count) => counted(count, 'request'))).toEqual([
      '0 requests',
      '1 request',
      '2 requests',
    ])
    expect(counted(3, 'address', 'addresses')).toBe('3 addresses')
  })

  it('stands in columns, on the side that a header says, digits or not', () => {
    const rows = [
      ['a', '5 ATP', '1'],
      ['long', '100 ATP', '123456789012'],
    ]
    expect(columns(rows, ['NAME', toRight('AMOUNT'), 'TICKET'])).toBe(
      ['NAME   AMOUNT  TICKET', 'a       5 ATP  1', 'long  100 ATP  123456789012'].join('\n'),
    )
    expect(columns(rows)).toBe(['a     5 ATP    1', 'long  100 ATP  123456789012'].join('\n'))
  })

  it('does not let a name speak to the terminal', () => {
    expect(printable('a\u001B[2Jb\u202Ec\nd')).toBe('a�[2Jb�c�d')
    expect(columns([['\u001B]0;x\u0007']])).toBe('�]0;x�')
  })
})
