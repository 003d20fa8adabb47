import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import type { Libp2pNetwork } from '../../node/network/libp2p-network.ts'
import { networkLimits } from '../../node/network/limits.ts'
import { recorder } from '../contracts/network.ts'
import { addressOf, loopbackNode } from '../support/libp2p-world.ts'

const protocol = '/society/sync/1'
const rounds = 50

const networks: Libp2pNetwork[] = []
const sockets: Socket[] = []
const note = (message: unknown): void => {
  sockets.push((message as { readonly socket: Socket }).socket)
}

afterEach(async () => {
  unsubscribe('net.client.socket', note)
  await Promise.all(networks.splice(0).map((network) => network.stop()))
})

/** A node that is asked by another over the last of `sockets`; what it answers is what it got. */
async function asking(): Promise<(body: Uint8Array) => Promise<Uint8Array>> {
  const asked = await loopbackNode({}, networkLimits)
  networks.push(asked)
  asked.serve(protocol, async (_peer, body) => body)
  await asked.start(recorder().handlers)
  subscribe('net.client.socket', note)
  const asker = await loopbackNode({ bootstrap: [addressOf(asked)] }, networkLimits)
  networks.push(asker)
  await asker.start(recorder().handlers)
  await vi.waitUntil(() => asker.peers().length === 1)
  return (body) => asker.request(asked.self, protocol, body)
}

test('a small request is one write, and no window answers what is received', async () => {
  const ask = await asking()
  await ask(new Uint8Array(10))
  const socket = sockets.at(-1)
  if (socket === undefined) throw new TypeError('no socket was opened')
  // As node:net hands them to the system: many pieces at once, or a single one.
  const handle: unknown = Reflect.get(socket, '_handle')
  const pieces = vi.spyOn(handle as { writev(): unknown }, 'writev')
  const single = vi.spyOn(handle as { writeBuffer(): unknown }, 'writeBuffer')
  const before = socket.bytesWritten
  for (let round = 0; round < rounds; round++) await ask(new Uint8Array(10))
  // Beside the requests there are pings, identification and gossip's heartbeat.
  expect(pieces.mock.calls.length + single.mock.calls.length).toBeLessThan(rounds * 1.5)
  // 12 of yamux, 18 of noise, 1 of the length; a window would be another 30.
  expect((socket.bytesWritten - before) / rounds).toBeLessThan(60)
})

test('what is many windows long comes through, both ways', async () => {
  const ask = await asking()
  const body = new Uint8Array(1_000_000).map((_, at) => at % 251)
  for (let round = 0; round < 4; round++) {
    const answers = await Promise.all([ask(body), ask(body.subarray(round)), ask(body)])
    expect(answers.map(({ length }) => length)).toEqual([
      body.length,
      body.length - round,
      body.length,
    ])
    expect(Buffer.from(answers[0] ?? []).equals(body)).toBe(true)
  }
})
