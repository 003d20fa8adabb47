import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { startNode } from '../../../node/start.ts'
import type { HeadView } from '../../../src/index.ts'
import { bytesBelow, makeDirectory, removeDirectory } from '../directory.ts'
import { quietLog } from '../quiet-log.ts'
import type { Figures } from '../trial.ts'
import { answerEach } from '../workers.ts'

/** What is to be joined: an address, and the head that its newest document must come to. */
export type Joining = { readonly address: string; readonly head: HeadView }

const sockets = new Set<Socket>()
for (const channel of ['net.client.socket', 'net.server.socket']) {
  subscribe(channel, (message) => sockets.add((message as { readonly socket: Socket }).socket))
}

/** Starts empty and ends with the same state as the node that it is told of. */
async function join({ address, head }: Joining): Promise<Figures> {
  const { directory } = await makeDirectory('join', [address])
  const startedAt = performance.now()
  const node = await startNode({ directory, passphrase: null, log: quietLog })
  const { replica } = node
  const isThere = (): boolean =>
    [...replica.states().trusts].some(({ chain }) => chain.head === head.hash)
  while (!isThere() || !replica.settled) await pause(2)
  const ms = performance.now() - startedAt
  const same = replica.documentHeads().find(({ hash }) => hash === head.hash)
  if (same?.state !== head.state) throw new TypeError('joined, and the state is another')
  const wireBytes = [...sockets].reduce((sum, each) => sum + each.bytesRead + each.bytesWritten, 0)
  await node.close()
  const diskBytes = await bytesBelow(directory)
  await removeDirectory(directory)
  return { ms, wireBytes, diskBytes }
}

answerEach(
  (joining) => join(joining as Joining),
  async () => {},
)
process.send?.('ready')
