import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, describe, expect, test } from 'vitest'
import type { Libp2pNetwork, Libp2pNetworkOptions } from '../../node/network/libp2p-network.ts'
import type { NetworkLimits } from '../../node/network/limits.ts'
import type { GossipVerdict } from '../../src/ports.ts'
import { pause, recorder, until } from '../contracts/network.ts'
import type { Heard } from '../contracts/network.ts'
import { addressOf, loopbackNode, shortLimits } from '../support/libp2p-world.ts'
import { roguePeer } from '../support/rogue-peer.ts'

const topic = '/society/1/test/trust'
const protocol = '/society/sync/1'
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

type Node = Heard & { readonly network: Libp2pNetwork }

const cleanUps: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp()
})

async function node(
  options: Partial<Libp2pNetworkOptions> = {},
  limits: Partial<NetworkLimits> = {},
  verdict: (text: string) => GossipVerdict = () => 'accept',
): Promise<Node> {
  const network = await loopbackNode(options, { ...shortLimits, ...limits })
  const { handlers, ...heard } = recorder(verdict)
  network.subscribe(topic)
  network.serve(protocol, async (_peer, body) => body)
  cleanUps.push(() => network.stop())
  await network.start(handlers)
  return { ...heard, network }
}

/** Publishes until the others hear it; tells how long that took. */
async function heardBy(from: Node, others: readonly Node[], timeoutMs = 8_000): Promise<number> {
  const began = performance.now()
  const heard = ({ gossip }: Node): boolean => gossip.some(({ text }) => text.startsWith(mark))
  const mark = `mark ${began} `
  for (let round = 0; !others.every(heard); round++) {
    if (performance.now() - began > timeoutMs) throw new RangeError('in vain: all hear it')
    from.network.publish(topic, bytes(`${mark}${round}`))
    await pause(20)
  }
  return performance.now() - began
}

const directory = async (): Promise<string> => {
  const path = await mkdtemp(join(tmpdir(), 'society-network-'))
  cleanUps.push(() => rm(path, { recursive: true, force: true }))
  return path
}

/** The gossip streams that a node has opened. */
const gossipStreams = ({ network }: Node) =>
  network.libp2p
    .getConnections()
    .flatMap(({ streams }) => streams)
    .filter((stream) => stream.protocol.startsWith('/meshsub/') && stream.direction === 'outbound')

describe('the network over libp2p (R71)', { timeout: 30_000 }, () => {
  test('four nodes that know one of them all hear a message', async () => {
    const first = await node()
    const bootstrap = [addressOf(first.network)]
    const others = await Promise.all([1, 2, 3].map(() => node({ bootstrap })))
    const [second] = others
    if (!second) throw new RangeError('three others')
    await heardBy(first, others)
    await heardBy(second, [first, ...others.slice(1)])
    const details = second.network.peerDetails()
    expect(details).toMatchObject([{ peer: first.network.self, direction: 'outbound', points: 0 }])
    expect(details[0]?.addresses[0]).toContain('/ip4/127.0.0.1/tcp/')
    expect(Math.abs(Date.now() - (details[0]?.since ?? 0))).toBeLessThan(20_000)
    expect(first.network.peers()).toHaveLength(3)
  })

  test('a bootstrap address without a name, and one of our own, do no harm', async () => {
    const first = await node()
    const address = addressOf(first.network)
    const nameless = address.slice(0, address.indexOf('/p2p/'))
    const second = await node({ bootstrap: [nameless, address] })
    await until('connected', () => second.network.peers().length === 1)
    await first.network.dial(nameless).catch(() => undefined)
    expect(first.network.peers()).toEqual([second.network.self])
    await heardBy(first, [second])
  })

  test('WebSocket works where it is switched on', async () => {
    const listen = ['/ip4/127.0.0.1/tcp/0/ws']
    const first = await node({ webSockets: true, listen })
    const second = await node({ webSockets: true, listen, bootstrap: [addressOf(first.network)] })
    await heardBy(first, [second])
    expect(second.network.peerDetails()[0]?.addresses[0]).toContain('/ws')
  })

  test('a port in use is told with its address', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    cleanUps.push(async () => server.close())
    const address = server.address()
    if (address === null || typeof address === 'string') throw new RangeError('no port')
    const port = String(address.port)
    const listen = [`/ip4/127.0.0.1/tcp/${port}`]
    const starting = node({ listen })
    await expect(starting).rejects.toMatchObject({ code: 'port-in-use' })
    await expect(starting).rejects.toThrow(port)
    const elsewhere = node({ listen: ['/ip4/192.0.2.1/tcp/4001'] })
    await expect(elsewhere).rejects.toMatchObject({ code: 'malformed' })
  })
})

describe('connections', { timeout: 30_000 }, () => {
  test('gossip that fell silent on a live connection comes back within seconds', async () => {
    const first = await node()
    const second = await node({ bootstrap: [addressOf(first.network)] })
    await heardBy(first, [second])
    await heardBy(second, [first])
    // In their first seconds nodes tell each other their addresses, which would mend it.
    await pause(2_500)
    const streams = gossipStreams(second)
    expect(streams).toHaveLength(1)
    for (const stream of streams) stream.abort(new RangeError('reset by a test'))
    await pause(100)
    // The fault is real: the connection is open and nothing gets through, either way.
    expect(second.network.libp2p.getConnections().map(({ status }) => status)).toEqual(['open'])
    await expect(heardBy(first, [second], 500)).rejects.toThrow('in vain')
    await expect(heardBy(second, [first], 500)).rejects.toThrow('in vain')
    const [there, back] = await Promise.all([heardBy(first, [second]), heardBy(second, [first])])
    expect(Math.max(there, back)).toBeLessThan(6_000)
    const counts = [first, second].map(({ network }) => network.counters())
    expect(counts.some((count) => count['watchdog.gossip-silent'] === 1)).toBe(true)
    // It was mended: nobody lost the connection, or a request that was under way.
    expect([...first.disconnected, ...second.disconnected]).toEqual([])
  })

  test('a connection on which gossip cannot be mended is closed and dialled anew', async () => {
    const first = await node({}, { silentDiallerMs: 300, silentListenerMs: 300, mendMs: 300 })
    const rogue = await roguePeer(addressOf(first.network))
    cleanUps.push(() => rogue.stop())
    await until('gossip', () => gossipStreams(first).length === 1)
    for (const version of ['1.0.0', '1.1.0', '1.2.0']) {
      await rogue.libp2p.unhandle(`/meshsub/${version}`)
      await rogue.libp2p.handle(`/meshsub/${version}`, (stream) => {
        stream.abort(new RangeError('no gossip here'))
      })
    }
    // A stream that is reset as soon as it is open stays in gossipsub's books for ever.
    await rogue.libp2p.hangUp(first.network.libp2p.peerId)
    await rogue.libp2p.dial(first.network.libp2p.getMultiaddrs())
    await until('closed', () => first.disconnected.length === 2)
    expect(first.disconnected).toEqual([rogue.name, rogue.name])
  })

  test('a node that restarts finds its peers again by itself', async () => {
    const path = await directory()
    const first = await node()
    const nodeKeySeed = new Uint8Array(32).fill(7)
    const before = await node({ nodeKeySeed, datastoreDirectory: path })
    await before.network.dial(addressOf(first.network))
    before.network.setMembers(new Set([first.network.self]))
    await heardBy(first, [before])
    await before.network.stop()
    await until('gone', () => first.network.peers().length === 0)
    const after = await node({ nodeKeySeed, datastoreDirectory: path })
    expect(after.network.self).toBe(before.network.self)
    await until('connected again', () => after.network.peers().length === 1)
    expect(after.network.peers()).toEqual([first.network.self])
    await heardBy(after, [first])
  })

  test('a member that was away is dialled until it is back', async () => {
    const nodeKeySeed = new Uint8Array(32).fill(8)
    const away = await node({ nodeKeySeed })
    const address = addressOf(away.network)
    const first = await node()
    await first.network.dial(address)
    first.network.setMembers(new Set([away.network.self, first.network.self, 'nonsense']))
    await until('identified', () => gossipStreams(first).length === 1)
    await away.network.stop()
    await until('a dial failed', () => (first.network.counters()['dials.failed'] ?? 0) >= 2)
    const [gone] = first.network.peerDetails()
    expect(gone).toMatchObject({ peer: away.network.self, direction: 'none', since: null })
    expect(gone?.lastFailure).toContain('ECONNREFUSED')
    const back = await node({ nodeKeySeed, listen: [address.slice(0, address.indexOf('/p2p/'))] })
    await until('back', () => back.connected.length === 1, 8_000)
    expect(first.connected).toEqual([back.network.self, back.network.self])
  })

  test('discovered peers are dialled until there are enough outbound connections', async () => {
    const others = await Promise.all([1, 2, 3, 4, 5, 6].map(() => node()))
    const first = await node()
    await Promise.all(
      others.map(({ network }) =>
        first.network.libp2p.peerStore.merge(network.libp2p.peerId, {
          multiaddrs: network.libp2p.getMultiaddrs(),
        }),
      ),
    )
    await until('enough', () => first.network.peers().length >= shortLimits.outboundPeersMin)
    await pause(600)
    expect(first.network.peers()).toHaveLength(shortLimits.outboundPeersMin)
  })

  test('a process that hangs is dropped, does not delay a stop, and may come back', async () => {
    const limits = { lifelessMs: 1_000, quietMs: 200, pingTimeoutMs: 300, watchIntervalMs: 200 }
    const first = await node({}, limits)
    const child = await started(addressOf(first.network))
    await until('connected', () => first.network.peers().includes(child.name), 10_000)
    await pause(500)
    expect(first.disconnected).toEqual([])
    child.process.kill('SIGSTOP')
    await until('dropped', () => first.disconnected.length === 1, 8_000)
    expect(first.network.counters()['watchdog.lifeless']).toBe(1)
    child.process.kill('SIGCONT')
    await until('back', () => first.connected.length >= 2, 10_000)
    child.process.kill('SIGSTOP')
    const began = performance.now()
    await first.network.stop()
    expect(performance.now() - began).toBeLessThan(2_000)
    child.process.kill('SIGCONT')
    child.process.stdin.end()
    // It leaves nothing running: the process ends because nothing is left to do.
    const [code] = await once(child.process, 'exit')
    expect(code).toBe(0)
  })
})

async function started(address: string) {
  const script = join(import.meta.dirname, 'libp2p-child.ts')
  const child = spawn(process.execPath, [script, topic, address], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  cleanUps.push(async () => child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })
  const [line] = await once(lines, 'line')
  return { process: child, name: String(line).split(' ')[0] ?? '' }
}

describe('peers that misbehave', { timeout: 30_000 }, () => {
  test('one that sends frames that are none is cut off and refused', async () => {
    const first = await node()
    const rogue = await roguePeer(addressOf(first.network))
    cleanUps.push(() => rogue.stop())
    const stream = await rogue.stream('/meshsub/1.2.0')
    const garbage = Array.from({ length: 20 }, (_, n) => new Uint8Array(100).fill(255 - n))
    await rogue.write(stream, garbage).catch(() => undefined)
    await until('cut off', () => first.disconnected.length === 1)
    expect(first.disconnected).toEqual([rogue.name])
    expect(first.network.counters()).toMatchObject({ 'peers.cut-off': 1 })
    await until('told', () => rogue.libp2p.getConnections().length === 0)
    await rogue.libp2p.dial(first.network.libp2p.getMultiaddrs()).catch(() => undefined)
    await pause(200)
    expect(first.connected).toEqual([rogue.name])
    expect(rogue.libp2p.getConnections()).toEqual([])
  })

  test('one whose frame is longer than any honest one is charged for it', async () => {
    const first = await node()
    const rogue = await roguePeer(addressOf(first.network))
    cleanUps.push(() => rogue.stop())
    const stream = await rogue.stream('/meshsub/1.2.0')
    stream.send(Uint8Array.of(255, 255, 255, 127, 1, 2, 3))
    await until('charged', () => (first.network.counters()['penalties.too-large'] ?? 0) === 1)
    expect(first.network.peerDetails()[0]?.points).toBeGreaterThan(0)
  })

  test('one that floods is cut off within seconds, and others are heard meanwhile', async () => {
    const budget = { gossipMessagesPerSecond: 200, gossipMessagesBurst: 400 }
    const first = await node({}, { ...budget, gossipExcessPerSecond: 200 })
    const honest = await node({ bootstrap: [addressOf(first.network)] })
    await heardBy(honest, [first])
    const rogue = await roguePeer(addressOf(first.network))
    cleanUps.push(() => rogue.stop())
    await until('listening', () => rogue.libp2p.services.gossipsub.getSubscribers(topic).length > 0)
    const flooding = new AbortController()
    const flood = async (): Promise<void> => {
      for (let n = 0; !flooding.signal.aborted; n++) {
        await rogue.libp2p.services.gossipsub.publish(topic, bytes(`fine ${n} ${'x'.repeat(200)}`))
        if (n % 500 === 0) await pause(1)
      }
    }
    const running = flood()
    const latencyMs = await heardBy(honest, [first])
    await until('cut off', () => first.disconnected.includes(rogue.name))
    flooding.abort()
    await running
    expect(latencyMs).toBeLessThan(2_000)
    expect(first.network.counters()['penalties.rate-limited']).toBeGreaterThan(0)
    expect(first.network.peers()).toEqual([honest.network.self])
  })

  test('one that reads nothing costs bounded memory and holds up nobody', async () => {
    const first = await node({}, { gossipBufferBytesMax: 1024 * 1024 })
    const honest = await node({ bootstrap: [addressOf(first.network)] })
    await heardBy(first, [honest])
    const rogue = await roguePeer(addressOf(first.network))
    cleanUps.push(() => rogue.stop())
    rogue.libp2p.services.gossipsub.subscribe(topic)
    await until('gossip', () => gossipStreams(first).length === 2)
    const gossip = rogue.libp2p.getConnections().flatMap(({ streams }) => streams)
    for (const stream of gossip) if (stream.direction === 'inbound') stream.pause()
    await pause(100)
    let unsentBytes = 0
    for (let n = 0; n < 64; n++) {
      first.network.publish(topic, bytes(`large ${n} ${'x'.repeat(100_000)}`))
      await pause(5)
      const unsent = gossipStreams(first).map((stream) => stream.writeBufferLength)
      unsentBytes = Math.max(unsentBytes, ...unsent)
    }
    const large = (): number => honest.gossip.filter(({ text }) => text.startsWith('large')).length
    await until('the honest one has all', () => large() === 64)
    expect(unsentBytes).toBeGreaterThan(100_000)
    expect(unsentBytes).toBeLessThanOrEqual(1024 * 1024)
  })

  test('one that holds request streams open gets no more than its share', async () => {
    const first = await node()
    const rogue = await roguePeer(addressOf(first.network))
    cleanUps.push(() => rogue.stop())
    const streams = await Promise.all(Array.from({ length: 8 }, () => rogue.stream(protocol)))
    const refused = (): number => first.network.counters()['requests.refused'] ?? 0
    await until('refused', () => refused() === 8 - shortLimits.servedStreamsPerStrangerMax)
    const open = streams.filter(({ status }) => status === 'open')
    expect(open).toHaveLength(shortLimits.servedStreamsPerStrangerMax)
    await Promise.all(open.map((stream) => stream.close()))
    const honest = await node()
    const answered = honest.network.dial(addressOf(first.network))
    expect(await answered).toBe(first.network.self)
    expect(await honest.network.request(first.network.self, protocol, bytes('?'))).toHaveLength(1)
  })

  test('one that takes a request and never answers is waited for only so long', async () => {
    const first = await node()
    const rogue = await roguePeer(addressOf(first.network))
    cleanUps.push(() => rogue.stop())
    await rogue.libp2p.handle('/mute/1', () => undefined)
    await until('connected', () => first.network.peers().includes(rogue.name))
    const began = performance.now()
    const asked = first.network.request(rogue.name, '/mute/1', bytes('?'))
    await expect(asked).rejects.toMatchObject({ code: 'peer-unavailable' })
    const tookMs = performance.now() - began
    expect(tookMs).toBeGreaterThan(shortLimits.answerTimeoutMs - 50)
    expect(tookMs).toBeLessThan(2_000)
  })

  test('strangers cannot take the room of members', async () => {
    const nodeKeySeed = new Uint8Array(32).fill(9)
    const member = await loopbackNode({ nodeKeySeed })
    cleanUps.push(() => member.stop())
    const first = await node({ maxConnections: 4 })
    first.network.setMembers(new Set([member.self]))
    const strangers = await Promise.all([1, 2, 3, 4].map(() => node()))
    for (const { network } of strangers) {
      await network.dial(addressOf(first.network)).catch(() => undefined)
    }
    await until('three strangers', () => first.network.peers().length === 3)
    await member.start(recorder().handlers)
    await member.dial(addressOf(first.network))
    await until('the member', () => first.network.peers().includes(member.self))
    expect(first.network.peers()).toHaveLength(4)
  })
})
