import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { Counters } from '../../node/network/counters.ts'
import { Door, hostOf } from '../../node/network/door.ts'
import type { Libp2pNetwork, Libp2pNetworkOptions } from '../../node/network/libp2p-network.ts'
import { networkLimits } from '../../node/network/limits.ts'
import type { NetworkLimits } from '../../node/network/limits.ts'
import { pause, recorder, until } from '../contracts/network.ts'
import { addressOf, loopbackNode, shortLimits } from '../support/libp2p-world.ts'

const cleanUps: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp()
})

async function node(
  limits: Partial<NetworkLimits> = {},
  options: Partial<Libp2pNetworkOptions> = {},
): Promise<Libp2pNetwork> {
  const network = await loopbackNode(options, { ...shortLimits, ...limits })
  cleanUps.push(() => network.stop())
  await network.start(recorder().handlers)
  return network
}

const portOf = (network: Libp2pNetwork): number =>
  Number(/\/tcp\/(\d+)/.exec(addressOf(network))?.[1])

/** Opens a connection and says nothing; it is closed at the end of the test. */
async function silent(network: Libp2pNetwork, localAddress = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ port: portOf(network), host: '127.0.0.1', localAddress })
  socket.on('error', () => undefined)
  cleanUps.push(async () => socket.destroy())
  // A connection that is refused may never have been one in its client's eyes.
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]).catch(() => undefined)
  return socket
}

/** Whether a connection gets as far as to be answered. */
async function answered(socket: Socket): Promise<boolean> {
  socket.resume().write('\u0013/multistream/1.0.0\n')
  await until('answered, or closed', () => socket.bytesRead > 0 || socket.closed)
  return socket.bytesRead > 0
}

const refused = (network: Libp2pNetwork): number => network.counters()['connections.refused'] ?? 0

/** A door whose clock the test moves. */
function doorAt(limits: Partial<NetworkLimits>) {
  const clock = { nowMs: 0 }
  const parts = { limits: { ...networkLimits, ...limits }, counters: new Counters() }
  const door = new Door({ ...parts, nowMs: () => clock.nowMs })
  const admits = (address: string): boolean => !door.check(address)
  const admitted = (addresses: readonly string[]): number => addresses.filter(admits).length
  return { door, clock, admits, admitted }
}

const times = (count: number, address: string): string[] => Array<string>(count).fill(address)

describe('a host', () => {
  test.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('of %s is %s', (address, host) => expect(hostOf(address)).toBe(host))
})

describe('the door', () => {
  test('lets a host begin so many handshakes at once, and then so many a second', () => {
    const { clock, admitted } = doorAt({ hostHandshakesBurst: 8, hostHandshakesPerSecond: 2 })
    expect(admitted(times(50, '192.0.2.7'))).toBe(8)
    clock.nowMs = 3_000
    expect(admitted(times(50, '192.0.2.7'))).toBe(6)
    expect(admitted(times(50, '192.0.2.8'))).toBe(8)
  })

  test('takes a network of IPv6 for one host, however many addresses it has', () => {
    const { admitted } = doorAt({ hostHandshakesBurst: 8 })
    const addresses = Array.from({ length: 50 }, (_, n) => `2001:db8:1:2::${n.toString(16)}`)
    expect(admitted(addresses)).toBe(8)
  })

  test('has a budget for all hosts together, which those of members do not share', () => {
    const { door, admitted, admits } = doorAt({ handshakesBurst: 20, handshakesPerSecond: 1 })
    door.trust('192.0.2.7')
    const crowd = Array.from({ length: 50 }, (_, n) => `198.51.100.${n}`)
    expect(admitted(crowd)).toBe(20)
    expect([admits('203.0.113.1'), admits('192.0.2.7')]).toEqual([false, true])
  })

  test('remembers no more hosts than it may', () => {
    const { door, admitted, admits } = doorAt({ hostsMax: 4, hostHandshakesBurst: 2 })
    expect(admitted(times(5, '192.0.2.7'))).toBe(2)
    const crowd = Array.from({ length: 4 }, (_, n) => `198.51.100.${n}`)
    expect([admitted(crowd.slice(1)), admits('192.0.2.7')]).toEqual([3, false])
    // Four others came since: it is a new one, and pays from the budget of all.
    expect([admitted(crowd), admits('192.0.2.7')]).toEqual([4, true])
    for (const address of crowd) door.trust(address)
    expect(door.check('192.0.2.7')).toBe(false)
  })
})

describe('connections of a crowd', { timeout: 30_000 }, () => {
  test('beyond the budget are closed before anything is made for them', async () => {
    const limits = { hostHandshakesBurst: 5, hostHandshakesPerSecond: 0.001 }
    const network = await node(limits)
    const sockets = await Promise.all(Array.from({ length: 20 }, () => silent(network)))
    await until('15 are closed', () => sockets.filter(({ closed }) => closed).length === 15)
    expect(refused(network)).toBe(15)
    // Another host is not concerned.
    expect(await answered(await silent(network, '127.0.0.2'))).toBe(true)
    expect(refused(network)).toBe(15)
  })

  test('are held to it over WebSocket too', async () => {
    const limits = { hostHandshakesBurst: 5, hostHandshakesPerSecond: 0.001 }
    const listen = ['/ip4/127.0.0.1/tcp/0/ws']
    const network = await node(limits, { listen, webSockets: true })
    const sockets = await Promise.all(Array.from({ length: 20 }, () => silent(network)))
    await until('15 are closed', () => sockets.filter(({ closed }) => closed).length === 15)
    expect(refused(network)).toBe(15)
  })

  test('that say nothing hold up nobody of another host', async () => {
    const network = await node({ pendingPerHostMax: 3, pendingInboundMax: 6 })
    const sockets: Socket[] = []
    for (let n = 0; n < 9; n += 1) sockets.push(await silent(network, '127.0.0.2'))
    await until('six are closed', () => sockets.filter(({ closed }) => closed).length === 6)
    const honest = await node()
    expect(await honest.dial(addressOf(network))).toBe(network.self)
    // Those that were closed make room for others of their host.
    for (const socket of sockets) socket.destroy()
    while (!(await answered(await silent(network, '127.0.0.2')))) await pause(5)
  })

  test('of honest nodes behind one address all get in, started at once', async () => {
    const network = await node({}, { maxConnections: 64 })
    const bootstrap = [addressOf(network)]
    await Promise.all(Array.from({ length: 31 }, () => node({}, { bootstrap })))
    await until('all are here', () => network.peers().length === 31, 20_000)
    expect(refused(network)).toBe(0)
  })
})
