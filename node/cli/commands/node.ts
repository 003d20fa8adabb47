import { shells } from '../completion.ts'
import {
  textOf,
  type Answer,
  type Command,
  type CommandContext,
  type Given,
  type Option,
} from '../command.ts'
import { describeSociety, describeStatus } from '../describe.ts'
import { columns, short, table, toRight } from '../text.ts'

async function start(given: Given, { directory, json, tell }: CommandContext): Promise<undefined> {
  const [{ startNode }, { passphraseFor }] = await Promise.all([
    import('../../start.ts'),
    import('../passphrase.ts'),
  ])
  const passphrase = await passphraseFor(given, directory)
  const node = await startNode({ directory, passphrase })
  const stop = (): void => void node.close()
  if (given['attached'] === true) process.stdin.resume().once('end', stop)
  process.once('SIGINT', stop).once('SIGTERM', stop)
  const { id } = node.replica.society()
  if (json) process.stdout.write(`${JSON.stringify({ id, api: node.api, directory })}\n`)
  tell(`${id} answers at ${node.api}; press Ctrl-C to stop it`)
  await node.closed
  process.stdin.destroy()
  return undefined
}

async function status(given: Given, { client }: CommandContext): Promise<Answer> {
  const api = await client()
  const other = textOf(given, 'id')
  if (other === undefined) {
    const value = await api.call('getStatus')
    return { value, text: describeStatus(value) }
  }
  const value = await api.call('getSociety', { params: { id: other } })
  return { value, text: describeSociety(value) }
}

async function peers(_given: Given, { client }: CommandContext): Promise<Answer> {
  const value = await (await client()).call('listPeers')
  const rows = value.map(({ peer, society, name, member, direction, latencyMs, lastFailure }) => [
    name ?? (society === null ? 'unknown' : short(society)),
    member ? 'member' : 'guest',
    direction === 'none' ? 'not connected' : direction,
    latencyMs === null ? '-' : `${latencyMs.toFixed(1)} ms`,
    peer,
    lastFailure ?? '',
  ])
  const header = ['SOCIETY', 'STANDING', 'CONNECTION', toRight('LATENCY'), 'PEER', 'LAST FAILURE']
  return { value, text: table(header, rows, 'no peers') }
}

const passphraseFile = {
  name: 'passphrase-file',
  value: 'FILE',
  summary: 'read the passphrase from a file (or set SOCIETY_PASSPHRASE)',
}

/** What says where a node belongs and how it is reached, when its directory is made. */
export const placeOptions: readonly Option[] = [
  { name: 'name', value: 'NAME', summary: 'name of the society; of this machine by default' },
  { name: 'federation', value: 'F', summary: 'federation it belongs to; "home" by default' },
  { name: 'open', summary: 'everybody who joins is a member (test federations)' },
  { name: 'listen', value: 'MULTIADDR', summary: 'where to listen', repeat: true },
  { name: 'bootstrap', value: 'MULTIADDR', summary: 'a node to begin with', repeat: true },
  { name: 'api-port', value: 'PORT', kind: 'port', summary: 'port of the API; 0 takes any' },
  { name: 'no-mdns', summary: 'do not look for nodes on the local network' },
]

const init: Command = {
  words: 'init',
  summary: 'make a new society: key, configuration and an empty store',
  example: 'society init --name home --federation test-home --adp 1000',
  options: [
    ...placeOptions,
    {
      name: 'adp',
      value: 'AMOUNT',
      kind: 'amount',
      summary: 'ADP it is founded with, at most 1000000; 0 by default',
    },
    passphraseFile,
    { name: 'insecure-no-passphrase', summary: 'store the key in clear; for tests' },
  ],
  async run(given, { directory, json, tell }) {
    const { initFromFlags } = await import('../init.ts')
    const id = await initFromFlags(given, directory)
    const next = `society start --dir ${directory}`
    if (given['insecureNoPassphrase'] === true && !json) {
      tell('the key is not encrypted: whoever reads it can sign for this society')
    }
    const text = columns([
      ['id', id],
      ['directory', directory],
      ['next', next],
    ])
    return { value: { id, directory, next }, text }
  },
}

/** Commands about the node itself. */
export const nodeCommands: readonly Command[] = [
  init,
  {
    words: 'start',
    summary: 'run the node in the foreground; log on stderr',
    example: 'society start --dir ~/.society',
    options: [
      passphraseFile,
      { name: 'insecure-no-passphrase', summary: 'the key was made without a passphrase' },
      { name: 'attached', summary: 'stop when standard input ends, as with whoever started it' },
    ],
    run: start,
  },
  {
    words: 'stop',
    summary: 'stop the node, and wait until everything handed in is on disk',
    example: 'society stop',
    async run(_given, context) {
      const { stopNode } = await import('../stop.ts')
      return stopNode(context)
    },
  },
  {
    words: 'status',
    summary: 'state of this society and its node, or of another society',
    example: 'society status --json',
    arguments: [{ name: 'id', summary: 'another society, by id, prefix or name', optional: true }],
    run: status,
  },
  {
    words: 'history',
    summary: 'a society as the ledger stood at a time',
    example: 'society history sage --at 2026-06-21T12:00:00Z',
    arguments: [{ name: 'id', summary: 'society, by id, prefix or name' }],
    options: [
      {
        name: 'at',
        value: 'TIME',
        kind: 'instant',
        summary: 'ISO 8601, a date or a time with its zone; now by default',
      },
    ],
    async run(given, context) {
      const { pastSociety } = await import('../history.ts')
      return pastSociety(given, context)
    },
  },
  {
    words: 'peers',
    summary: 'nodes that are connected or known, and whose they are',
    example: 'society peers',
    run: peers,
  },
  {
    words: 'log',
    summary: 'what happened at this node, the newest last',
    example: 'society log -f',
    options: [{ name: 'follow', short: 'f', summary: 'go on as things happen' }],
    async run(given, context) {
      const { followEvents, pastEvents } = await import('../log.ts')
      return given['follow'] === true ? followEvents(context) : pastEvents(context)
    },
  },
  {
    words: 'completion',
    summary: 'print a completion script for a shell',
    example: 'society completion bash > /etc/bash_completion.d/society',
    arguments: [{ name: 'shell', summary: 'which shell', choices: shells }],
    async run(given, { commands }) {
      const { completionFor } = await import('../completion.ts')
      const shell = textOf(given, 'shell') ?? ''
      const script = completionFor(shell, commands)
      return { value: { shell, script }, text: script }
    },
  },
  {
    words: 'man',
    summary: 'print the manual page',
    example: 'society man | man -l -',
    async run(_given, { commands, commonOptions }) {
      const [{ manualOf }, { version }] = await Promise.all([
        import('../man.ts'),
        import('../../version.ts'),
      ])
      const text = manualOf(commands, version, commonOptions)
      return { value: { page: text }, text }
    },
  },
]
