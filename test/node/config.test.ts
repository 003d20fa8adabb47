import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { policyNames, policyRules } from '../../protocol/index.ts'
import { Failure } from '../../src/index.ts'
import { defaultConfig, loadConfig, parseConfig } from '../../node/config/config.ts'
import { configTemplate, writeConfig } from '../../node/config/config-template.ts'
import {
  createTokens,
  makeNodeDirectory,
  nodeDirectory,
  nodeFiles,
  openReadToken,
  readApiAddress,
  readToken,
  removeApiAddress,
  writeApiAddress,
} from '../../node/config/directory.ts'
import { failureOf, withDirectory } from './store-fixture.ts'

const seed = '/ip4/192.0.2.7/tcp/4100/p2p/12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA'
const least = 'name: sage\nfederation: test-one\n'

/** The problems of a config, without the file's name. */
function problemsOf(text: string): string[] {
  try {
    parseConfig(text, 'config.yaml')
    return []
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'malformed') throw error
    return error.message.replaceAll('config.yaml:', '').split('\n')
  }
}

test('name and federation are enough; the rest has defaults', () => {
  expect(parseConfig(least, '')).toEqual({
    name: 'sage',
    federation: 'test-one',
    ...defaultConfig,
  })
})

test('what is given stays, and its neighbours keep their defaults', () => {
  const config = parseConfig(
    `${least}
network:
  bootstrap: [${seed}]
  mdns: false
api: { port: 4123 }
policy: { minimumOccupancy: 0, atpLifetimeDays: 0.5, acceptFinality: signed, admission: open }
founding: { adp: 1000.50 }
cosign: { beneficiary: known }
`,
    '',
  )
  expect(config.network).toMatchObject({
    mdns: false,
    bootstrap: [seed],
    listen: ['/ip4/0.0.0.0/tcp/0'],
  })
  expect(config.api).toEqual({ host: '127.0.0.1', port: 4123 })
  expect(config.policy).toEqual({
    minimumOccupancy: 0,
    atpLifetimeDays: 0.5,
    acceptFinality: 'signed',
    admission: 'open',
  })
  expect(config.founding.adp).toBe('1000.5')
  expect(config.cosign).toEqual({ worker: 'known', beneficiary: 'known' })
  expect(parseConfig(`${least}founding: { adp: "12.345" }`, '').founding.adp).toBe('12.345')
})

test('a section whose lines are all comments is empty', () => {
  expect(parseConfig(`${least}policy:\n  # vouchTrust: 1\nlog:\n`, '')).toMatchObject({
    policy: {},
    log: { level: 'info' },
  })
})

test('an error tells line, key and what to write', () => {
  const text = `name: sage
federation: test one
network:
  listen:
    - /ip4/0.0.0.0/tcp/0
    - nowhere
  bootstrap: [/ip4/192.0.2.7/tcp/4100]
  maxConnection: 5
api:
  port: 70000
policy:
  atpLifetimeDays: 31
  admission: closed
automation: yes
founding:
  adp: 0.0001
colour: red
`
  expect(problemsOf(text)).toEqual([
    '2: federation is "test one"; it must be a name of at most 64 characters without spaces ' +
      'and slashes',
    '8: network.maxConnection is no known key; known here: listen, announce, bootstrap, mdns, ' +
      'webSockets, maxConnections',
    '10: api.port is 70000; it must be a port from 1 to 65535, or 0 for any free one',
    '12: policy.atpLifetimeDays is 31; it must be a number of days above 0, up to 30',
    '13: policy.admission is "closed"; it must be invited or open',
    '14: automation is "yes"; it must be a map, its keys indented below it',
    '17: colour is no known key; known here: name, federation, network, api, policy, ' +
      'founding, automation, cosign, history, renewal, clock, witness, devices, log',
  ])
})

test('a clock is set ahead in test federations alone, and where no time server is asked', () => {
  const ahead = 'clock: { aheadSeconds: 691200 }\n'
  expect(parseConfig(`${least}${ahead}`, '').clock).toEqual({ sntp: [], aheadSeconds: 691_200 })
  expect(problemsOf(`name: sage\nfederation: home\n${ahead}`)).toEqual([
    '3: clock.aheadSeconds must be 0: only a federation named test-... may set it',
  ])
  const [both] = problemsOf(`${least}clock: { aheadSeconds: 1, sntp: [ntp.example] }\n`)
  expect(both).toMatch(/^3: clock\.aheadSeconds must be 0 where clock\.sntp names servers/)
  const [back] = problemsOf(`${least}clock: { aheadSeconds: -1 }\n`)
  expect(back).toMatch(/^3: clock\.aheadSeconds is -1; it must be a whole number of seconds/)
})

test('what the schema cannot tell is checked as well', () => {
  const text = `${least}network:
  listen: [/ip4/0.0.0.0/tcp/0, nowhere]
  bootstrap: [/ip4/192.0.2.7/tcp/4100]
founding:
  adp: 0.0001
clock:
  sntp: [ntp.example, "192.0.2.1:1230", two words]
renewal:
  watchMinutes: 1441
`
  expect(problemsOf(text.replace('1441', '1440'))).toEqual([
    "4: network.listen.1 is 'nowhere'; it must be a multiaddr such as /ip4/0.0.0.0/tcp/4100",
    "5: network.bootstrap.0 is '/ip4/192.0.2.7/tcp/4100'; it must be a multiaddr such as " +
      '/ip4/192.0.2.7/tcp/4100/p2p/12D3...',
    '7: founding.adp must be an amount from 0 to 1000000 with at most three decimal places',
    "9: clock.sntp.2 is 'two words'; it must be HOST or HOST:PORT, such as ntp.example",
  ])
  expect(problemsOf(text)).toEqual([
    '11: renewal.watchMinutes is 1441; it must be a number of minutes from 0 to 1440',
  ])
  for (const adp of ['-1', '1000000.001', '.inf', 'much', '"1e3"']) {
    expect(problemsOf(`${least}founding: { adp: ${adp} }`)[0]).toMatch(/^3: founding\.adp /)
  }
})

test.each([
  ['', '1: the file is null; it must be a map'],
  ['- a', '1: the file is ["a"]; it must be a map'],
  ['federation: test-one', '1: name is missing'],
  [`${least}name: again`, '3: Map keys must be unique'],
  [`${least}api: {`, '3: Flow map'],
  [`${least}api: &a {}\nlog: *a`, 'aliases (*name) are not taken'],
  [`${least}api: !!js/function x`, '3: Unresolved tag'],
  [`${least}---\nname: two`, '3: Source contains multiple documents'],
  [`${least}__proto__: { manual: true }`, '3: __proto__ is no known key'],
  [`${least}constructor: 1`, '3: constructor is no known key'],
  [`${least}network: { listen: /ip4/0.0.0.0/tcp/0 }`, '3: network.listen is'],
  [`${least}network: { listen: [5] }`, '3: network.listen.0 is 5; it must be a multiaddr'],
  [`${least}api: { host: "" }`, '3: api.host is ""; it must be an address'],
  [`${least}policy: { acceptAssurance: 1.5 }`, '3: policy.acceptAssurance is 1.5'],
  [`${least}policy: { vouchTrust: .nan }`, '3: policy.vouchTrust is'],
  [`name: "${'x'.repeat(65)}"\nfederation: f`, '1: name is'],
])('%j is refused', (text, problem) => {
  expect(problemsOf(text).join('\n')).toContain(problem)
})

test('of very many problems the first are told', () => {
  const keys = Array.from({ length: 30 }, (_, index) => `unknown${index}: 1`)
  const problems = problemsOf(`${least}${keys.join('\n')}`)
  expect(problems.length).toBe(11)
  expect(problems.at(-1)).toBe('and 20 more')
})

test('the template is the defaults, with every key in it and told', () => {
  const template = configTemplate({ name: 'sage "of" # hills', federation: 'valley' })
  expect(parseConfig(template, '')).toEqual({
    name: 'sage "of" # hills',
    federation: 'valley',
    ...defaultConfig,
  })
  // With the commented keys taken in, the values are still the defaults.
  const whole = template.replaceAll(/^( *)# ([a-zA-Z]+: )/gm, (line, indent: string, key: string) =>
    /^ {2}# (debug|true)/.test(line) ? line : `${indent}${key}`,
  )
  const config = parseConfig(whole, '')
  const policy: Record<string, unknown> = { acceptFinality: 'certified', admission: 'invited' }
  for (const name of policyNames)
    policy[name] ??= policyRules[name].default / policyRules[name].factor
  expect(config).toMatchObject({ ...defaultConfig, policy })
  expect(Object.keys(config.policy).length).toBe(policyNames.length)
  const keys = whole.split('\n').filter((line) => /^ *[a-zA-Z]+: \S/.test(line))
  expect(keys.length).toBe(41)
  for (const line of template.split('\n')) expect(line.length).toBeLessThanOrEqual(100)
})

test('what init is asked for is in its config', () => {
  const options = { name: 'sage', federation: 'test-one', adp: '250.5', open: true }
  expect(parseConfig(configTemplate(options), '')).toMatchObject({
    founding: { adp: '250.5' },
    policy: { admission: 'open' },
  })
})

test('a config is written once, only if legal, and loaded', () =>
  withDirectory(async (directory) => {
    expect((await failureOf(loadConfig(directory))).message).toContain('society init')
    const bad = { name: 'sage', federation: 'a/b' }
    expect((await failureOf(writeConfig(directory, bad))).code).toBe('malformed')
    const options = { name: 'sage', federation: 'test-one' }
    await writeConfig(directory, options)
    expect((await loadConfig(directory)).name).toBe('sage')
    expect((await failureOf(writeConfig(directory, options))).message).toContain('already')
    await writeFile(nodeFiles(directory).config, '#'.repeat(70_000))
    expect((await failureOf(loadConfig(directory))).code).toBe('too-large')
  }))

test('the directory is the flag, else the variable, else in the home', () => {
  expect(nodeDirectory('/a/b', { SOCIETY_DIR: '/c' })).toBe('/a/b')
  expect(nodeDirectory(undefined, { SOCIETY_DIR: '/c' })).toBe('/c')
  expect(nodeDirectory(undefined, { SOCIETY_DIR: '' })).toBe(join(homedir(), '.society'))
  expect(nodeDirectory('x', {})).toBe(join(process.cwd(), 'x'))
})

test('token and address are kept for callers of the API', () =>
  withDirectory(async (parent) => {
    const directory = join(parent, 'a', 'node')
    await makeNodeDirectory(directory)
    expect((await stat(directory)).mode & 0o777).toBe(0o700)
    expect((await failureOf(readToken(directory))).message).toContain("'society init' makes it")
    await createTokens(directory)
    const token = await readToken(directory)
    expect(token).toMatch(/^[0-9a-f]{64}$/)
    const reading = await openReadToken(directory)
    expect(reading).toMatch(/^[0-9a-f]{64}$/)
    expect(reading).not.toBe(token)
    for (const path of [nodeFiles(directory).token, nodeFiles(directory).readToken]) {
      expect((await stat(path)).mode & 0o777).toBe(0o600)
    }
    await createTokens(directory)
    expect(await readToken(directory)).not.toBe(token)
    await rm(nodeFiles(directory).readToken)
    const made = await openReadToken(directory)
    expect(await openReadToken(directory)).toBe(made)
    await writeFile(nodeFiles(directory).token, 'short')
    const { code, message } = await failureOf(readToken(directory))
    expect({ code, message }).toEqual({
      code: 'malformed',
      message: expect.stringMatching(/holds no token; .*64 hex digits/),
    })
    expect(await readApiAddress(directory)).toBeUndefined()
    await writeApiAddress(directory, 'http://127.0.0.1:4123')
    expect(await readApiAddress(directory)).toBe('http://127.0.0.1:4123')
    expect(await readFile(nodeFiles(directory).api, 'utf8')).toBe('http://127.0.0.1:4123\n')
    await removeApiAddress(directory)
    await removeApiAddress(directory)
    expect(await readApiAddress(directory)).toBeUndefined()
  }))
