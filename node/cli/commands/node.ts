import { Failure, type HeadView, type SocietyView } from '../../../src/index.ts'
import { textOf, type Answer, type Command, type Given } from '../command.ts'
import { columns, short, unit } from '../text.ts'

type Status = SocietyView & {
  readonly api: string
  readonly addresses: readonly string[]
  readonly peers: number
  readonly heads: readonly HeadView[]
}

type Peer = {
  readonly peer: string
  readonly society: string | null
  readonly direction: string
  readonly lastFailure?: string | null
}

/** A society's state for people. */
function describeSociety(view: SocietyView): string {
  const { atp, adp, energy, work } = view
  const sources = Object.entries(energy.sources).map(([id, source]) => [
    `  ${id}`,
    `${source.occupied} of ${unit(source.capacity, 'W')} occupied`,
    `level ${source.assurance}`,
    source.state + (source.simulated ? ', simulated' : ''),
  ])
  return columns([
    ['society', `${view.name}  ${view.id}`],
    ['federation', view.federation ?? 'none yet'],
    ['parent', view.parent ?? 'none'],
    ['capacity', unit(energy.capacity, 'W')],
    ['ATP', `${atp.available} available, ${atp.reserved} reserved, ${atp.escrowed} in escrow`],
    ['', `${atp.lent} lent, ${atp.borrowed} borrowed, ${atp.wasted} wasted`],
    ['ADP', `${adp.pool} in the pool, ${adp.escrowed} in escrow; supply ${view.supply}`],
    ['work', `${work.active} active, ${work.completed} completed, ${work.failed} failed`],
    ['reputation', String(view.reputation)],
    ['standing', view.standing],
  ]).concat(sources.length === 0 ? '' : `\nsources\n${columns(sources)}`)
}

async function start(given: Given, directory: string, json: boolean): Promise<undefined> {
  const [{ startNode }, { passphraseFor }] = await Promise.all([
    import('../../start.ts'),
    import('../passphrase.ts'),
  ])
  const passphrase = await passphraseFor(given, directory)
  const node = await startNode({ directory, passphrase })
  const stop = (): void => void node.close()
  process.once('SIGINT', stop).once('SIGTERM', stop)
  if (json) process.stdout.write(`${JSON.stringify({ api: node.api })}\n`)
  await node.closed
  return undefined
}

const passphraseFile = {
  name: 'passphrase-file',
  value: 'FILE',
  summary: 'read the passphrase from a file (or set SOCIETY_PASSPHRASE)',
}

/** Commands about the node itself. */
export const nodeCommands: readonly Command[] = [
  {
    words: 'init',
    summary: 'make a new society: key, configuration and an empty store',
    example: 'society init --name home --federation test-home --adp 1000',
    options: [
      { name: 'name', value: 'NAME', summary: 'name of the society', required: true },
      { name: 'federation', value: 'F', summary: 'federation it belongs to; "home" by default' },
      { name: 'open', summary: 'everybody who joins is a member (test federations)' },
      { name: 'adp', value: 'AMOUNT', summary: 'ADP it is founded with, at most 1000000' },
      { name: 'listen', value: 'MULTIADDR', summary: 'where to listen', repeat: true },
      { name: 'bootstrap', value: 'MULTIADDR', summary: 'a node to begin with', repeat: true },
      { name: 'api-port', value: 'PORT', summary: 'port of the API; 0 takes any' },
      { name: 'no-mdns', summary: 'do not look for nodes on the local network' },
      passphraseFile,
      { name: 'insecure-no-passphrase', summary: 'store the key in clear; for tests' },
    ],
    async run(given, { directory, tell }) {
      const { initFromFlags } = await import('../init.ts')
      const id = await initFromFlags(given, directory)
      tell(`next: society start --dir ${directory}`)
      return { value: { id, directory }, text: id }
    },
  },
  {
    words: 'start',
    summary: 'run the node in the foreground; log on stderr',
    example: 'society start --dir ~/.society',
    options: [
      passphraseFile,
      { name: 'insecure-no-passphrase', summary: 'the key was made without a passphrase' },
    ],
    run: (given, { directory, json }) => start(given, directory, json),
  },
  {
    words: 'stop',
    summary: 'stop the node once everything handed in is on disk',
    example: 'society stop',
    async run(_given, { client }) {
      const value = await (await client()).ask('POST', '/v1/stop', {})
      return { value, text: 'stopping' }
    },
  },
  {
    words: 'status',
    summary: 'state of this society and its node, or of another society',
    example: 'society status --json',
    arguments: [{ name: 'id', summary: 'another society, by id, prefix or name', optional: true }],
    async run(given, { client }): Promise<Answer> {
      const api = await client()
      const other = textOf(given, 'id')
      if (other !== undefined) {
        const path = `/v1/societies/${encodeURIComponent(other)}`
        const view = await api.ask<SocietyView>('GET', path)
        return { value: view, text: describeSociety(view) }
      }
      const status = await api.ask<Status>('GET', '/v1/status')
      const rows = status.heads.map(({ name, kind, seq, hash, state }) => [
        `  ${name}/${kind}`,
        `#${seq}`,
        hash.slice(0, 12),
        `state ${state.slice(0, 12)}`,
      ])
      const node = columns([
        ['node', status.api],
        ['', ...status.addresses.slice(0, 1)],
        ['peers', String(status.peers)],
      ])
      const text = `${describeSociety(status)}\n${node}\ndocuments\n${columns(rows)}`
      return { value: status, text }
    },
  },
  {
    words: 'peers',
    summary: 'nodes that are connected or known, and whose they are',
    example: 'society peers',
    async run(_given, { client }) {
      const peers = await (await client()).ask<readonly Peer[]>('GET', '/v1/peers')
      const rows = peers.map(({ peer, society, direction, lastFailure }) => [
        short(peer.slice(-12)),
        society === null ? 'unknown society' : short(society),
        direction,
        lastFailure ?? '',
      ])
      return { value: peers, text: rows.length === 0 ? 'no peers' : columns(rows) }
    },
  },
  {
    words: 'log',
    summary: 'what happened at this node, the newest last',
    example: 'society log -f',
    options: [{ name: 'follow', short: 'f', summary: 'go on as things happen' }],
    async run(given, { client, json }) {
      const { showLog } = await import('../log.ts')
      return showLog(await client(), given['follow'] === true, json)
    },
  },
  {
    words: 'key show',
    summary: 'the society’s id and public key',
    example: 'society key show --json',
    async run(_given, { directory }) {
      const { readPublicKey } = await import('../init.ts')
      const value = await readPublicKey(directory)
      return {
        value,
        text: columns([
          ['id', value.id],
          ['public key', value.publicKey],
        ]),
      }
    },
  },
  {
    words: 'completion',
    summary: 'print a completion script for a shell',
    example: 'society completion bash > /etc/bash_completion.d/society',
    arguments: [{ name: 'shell', summary: 'bash, zsh or fish' }],
    async run(given, { commands }) {
      const { completionFor } = await import('../completion.ts')
      const shell = textOf(given, 'shell') ?? ''
      const script = completionFor(shell, commands)
      if (script === undefined) {
        throw new Failure('malformed', `no completion for '${shell}'; there is bash, zsh, fish`)
      }
      return { value: { shell, script }, text: script }
    },
  },
]
