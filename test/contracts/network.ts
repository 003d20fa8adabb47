import { afterEach, describe, expect, test } from 'vitest'
import { Failure } from '../../src/failure.ts'
import type { GossipVerdict, Network, NetworkHandlers, PeerName } from '../../src/ports.ts'

/** What the contract asks of a world in which nodes can meet. */
export type NetworkWorld = {
  /** A node of its own, not started. Its answers are waited for at most 600 ms. */
  create(): Promise<Network>
  /** Connects two started nodes; nobody is connected without it. */
  connect(from: Network, to: Network): Promise<void>
  /** Stops whatever still runs. */
  dispose(): Promise<void>
}

/** What a node was told. */
export type Heard = {
  readonly connected: PeerName[]
  readonly disconnected: PeerName[]
  readonly gossip: { readonly peer: PeerName; readonly topic: string; readonly text: string }[]
}

const topic = '/society/1/test/trust'
const protocol = '/society/sync/1'
const mebibyte = 1024 * 1024

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const textOf = (data: Uint8Array): string => new TextDecoder().decode(data)

/** Waits until something holds; fails with what was waited for. */
export async function until(what: string, holds: () => boolean, timeoutMs = 5_000): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!holds()) {
    if (performance.now() > deadline) throw new RangeError(`in vain: ${what}`)
    await pause(5)
  }
}

/** Lets time pass. */
export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms)
  })

/** Handlers that write down what they hear and say the same of every message. */
export function recorder(
  verdict: (text: string) => GossipVerdict | Promise<GossipVerdict> = () => 'accept',
): Heard & { readonly handlers: NetworkHandlers } {
  const heard: Heard = { connected: [], disconnected: [], gossip: [] }
  const handlers: NetworkHandlers = {
    async gossip(peer, on, data) {
      heard.gossip.push({ peer, topic: on, text: textOf(data) })
      return verdict(textOf(data))
    },
    connected: (peer) => void heard.connected.push(peer),
    disconnected: (peer) => void heard.disconnected.push(peer),
  }
  return { ...heard, handlers }
}

const codeOf = async (promise: Promise<unknown>): Promise<string> => {
  try {
    await promise
  } catch (error) {
    return error instanceof Failure ? error.code : String(error)
  }
  return 'none'
}

type Node = Heard & { readonly network: Network }
type World = {
  readonly create: () => Promise<Network>
  readonly node: (verdict?: (text: string) => GossipVerdict) => Promise<Node>
  /** Nodes connected one to the next; each listens to the topic and reaches its neighbours. */
  readonly line: (...verdicts: ((text: string) => GossipVerdict)[]) => Promise<Node[]>
  /** Dials; both sides may not know of it yet. */
  readonly dial: (from: Node, to: Node) => Promise<void>
  /** Dials and waits until both sides know. */
  readonly connect: (from: Node, to: Node) => Promise<void>
}

/** What every implementation of the `Network` port must do. */
export function networkContract(name: string, open: () => Promise<NetworkWorld>): void {
  let current: NetworkWorld | undefined
  const opened = async (): Promise<World> => {
    const world = (current = await open())
    return inhabited(world)
  }

  afterEach(async () => {
    await current?.dispose()
    current = undefined
  })

  describe(`network contract: ${name}`, { timeout: 20_000 }, () => {
    connections(opened)
    gossip(opened)
    verdicts(opened)
    requests(opened)
    failingRequests(opened)
    lifetime(opened)
  })
}

function inhabited(world: NetworkWorld): World {
  const node: World['node'] = async (verdict) => {
    const network = await world.create()
    const { handlers, ...heard } = recorder(verdict)
    await network.start(handlers)
    return { ...heard, network }
  }
  const dial: World['dial'] = (from, to) => world.connect(from.network, to.network)
  const connect: World['connect'] = async (from, to) => {
    await dial(from, to)
    const [one, other] = [from.network, to.network]
    const known = (): boolean =>
      one.peers().includes(other.self) && other.peers().includes(one.self)
    await until('both sides know of their connection', known)
  }
  const line: World['line'] = async (...opinions) => {
    const nodes: Node[] = []
    for (const verdict of opinions) {
      const next = await node(verdict)
      next.network.subscribe(topic)
      const last = nodes.at(-1)
      if (last) await connect(last, next)
      nodes.push(next)
    }
    await heardByNeighbours(nodes)
    return nodes
  }
  return { create: () => world.create(), node, line, dial, connect }
}

/** Sends until each node hears its neighbours, for gossip takes a moment to set itself up. */
async function heardByNeighbours(nodes: readonly Node[]): Promise<void> {
  for (let round = 0; ; round++) {
    const missing = nodes.filter(({ gossip: heard, network }) =>
      network.peers().some((peer) => !heard.some((message) => message.peer === peer)),
    )
    if (missing.length === 0) break
    if (round === 200) throw new RangeError('in vain: neighbours hear each other')
    for (const { network } of nodes) network.publish(topic, bytes(`hello ${round} ${network.self}`))
    await pause(25)
  }
  for (const { gossip: heard } of nodes) heard.length = 0
}

/** What was heard besides the greetings of the set-up. */
const texts = ({ gossip: heard }: Node): string[] =>
  heard.map(({ text }) => text).filter((text) => !text.startsWith('hello '))

type Opened = () => Promise<World>

function connections(opened: Opened): void {
  test('both sides are told of a connection, once', async () => {
    const { node, connect } = await opened()
    const [one, other] = [await node(), await node()]
    expect(one.network.peers()).toEqual([])
    await connect(one, other)
    expect(one.connected).toEqual([other.network.self])
    expect(other.connected).toEqual([one.network.self])
    expect(one.network.peers()).toEqual([other.network.self])
    await connect(one, other)
    await connect(other, one)
    await pause(50)
    expect(one.connected).toHaveLength(1)
    expect(other.disconnected).toEqual([])
  })

  test('a peer that is penalised often enough is cut off and refused', async () => {
    const { node, dial, connect } = await opened()
    const [one, other] = [await node(), await node()]
    await connect(one, other)
    one.network.penalise(other.network.self, 'bad-signature')
    await pause(50)
    expect(one.network.peers()).toHaveLength(1)
    for (let strike = 0; strike < 4; strike++) {
      one.network.penalise(other.network.self, 'bad-signature')
    }
    await until('cut off', () => one.disconnected.length + other.disconnected.length === 2)
    expect(one.network.peers()).toEqual([])
    await dial(other, one).catch(() => undefined)
    await pause(200)
    expect(one.network.peers()).toEqual([])
    const asked = other.network.request(one.network.self, protocol, bytes('?'))
    expect(await codeOf(asked)).toBe('peer-unavailable')
  })
}

function gossip(opened: Opened): void {
  test('a message reaches who listens, over others, once, and not its sender', async () => {
    const { line } = await opened()
    const [first, , last] = await line(accept, accept, accept)
    if (!first || !last) throw new RangeError('three nodes')
    const data = bytes('news')
    first.network.publish(topic, data)
    data.fill(0)
    await until('the last hears it', () => texts(last).length > 0)
    expect(texts(last)).toEqual(['news'])
    last.network.publish(topic, bytes('back'))
    await until('the first hears it', () => texts(first).includes('back'))
    await pause(50)
    expect(texts(first)).toEqual(['back'])
    expect(first.gossip.at(-1)?.topic).toBe(topic)
  })

  test('who does not listen to a topic, or not any more, hears nothing of it', async () => {
    const { line } = await opened()
    const [first, second] = await line(accept, accept)
    if (!first || !second) throw new RangeError('two nodes')
    first.network.publish(`${topic}/other`, bytes('elsewhere'))
    second.network.unsubscribe(topic)
    await pause(100)
    first.network.publish(topic, bytes('too late'))
    await pause(100)
    expect(texts(second)).toEqual([])
  })

  test('a topic can be joined late, by one side after the other', async () => {
    const { line } = await opened()
    const [first, second] = await line(accept, accept)
    if (!first || !second) throw new RangeError('two nodes')
    const late = `${topic}/late`
    first.network.subscribe(late)
    await pause(100)
    second.network.subscribe(late)
    await pause(100)
    second.network.publish(late, bytes('from the second'))
    first.network.publish(late, bytes('from the first'))
    await until('both hear', () => texts(first).length + texts(second).length === 2)
    expect([...texts(first), ...texts(second)]).toEqual(['from the second', 'from the first'])
  })

  test('a message that is too large for gossip is dropped and harms nobody', async () => {
    const { line } = await opened()
    const [first, second] = await line(accept, accept)
    if (!first || !second) throw new RangeError('two nodes')
    first.network.publish(topic, new Uint8Array(mebibyte))
    first.network.publish(topic, bytes('small'))
    await until('the small one', () => texts(second).length > 0)
    expect(texts(second)).toEqual(['small'])
  })
}

const accept = (): GossipVerdict => 'accept'
const refuseBad = (text: string): GossipVerdict => {
  if (text.startsWith('bad')) return 'reject'
  return text.startsWith('unknown') ? 'ignore' : 'accept'
}

function verdicts(opened: Opened): void {
  test('only what is accepted is passed on', async () => {
    const { line } = await opened()
    const [first, second, last] = await line(accept, refuseBad, accept)
    if (!first || !second || !last) throw new RangeError('three nodes')
    first.network.publish(topic, bytes('bad'))
    first.network.publish(topic, bytes('unknown'))
    first.network.publish(topic, bytes('good'))
    await until('the good one', () => texts(last).length > 0)
    await pause(100)
    expect(texts(second).sort()).toEqual(['bad', 'good', 'unknown'])
    expect(texts(last)).toEqual(['good'])
    expect(second.network.peers()).toContain(first.network.self)
  })

  test('a peer whose messages are rejected is cut off, one that is ignored is not', async () => {
    const { line } = await opened()
    const [first, second, last] = await line(accept, refuseBad, accept)
    if (!first || !second || !last) throw new RangeError('three nodes')
    for (let n = 0; n < 8; n++) last.network.publish(topic, bytes(`unknown ${n}`))
    for (let n = 0; n < 8; n++) first.network.publish(topic, bytes(`bad ${n}`))
    await until('cut off', () => second.disconnected.length > 0)
    await until(
      'all heard',
      () => texts(second).filter((text) => text.startsWith('u')).length === 8,
    )
    expect(second.disconnected).toEqual([first.network.self])
    expect(second.network.peers()).toEqual([last.network.self])
  })
}

function requests(opened: Opened): void {
  test('a request is answered, whatever the bytes, and knows who asks', async () => {
    const { node, connect } = await opened()
    const [one, other] = [await node(), await node()]
    other.network.serve(protocol, async (peer, body) =>
      body.length === 0 ? bytes(peer) : body.toReversed(),
    )
    await connect(one, other)
    const ask = (body: Uint8Array): Promise<Uint8Array> =>
      one.network.request(other.network.self, protocol, body)
    expect(textOf(await ask(new Uint8Array()))).toBe(one.network.self)
    expect(await ask(Uint8Array.of(0, 1, 255))).toEqual(Uint8Array.of(255, 1, 0))
    const large = Uint8Array.from({ length: mebibyte }, (_, place) => (place * 31) & 255)
    expect(Buffer.compare(await ask(large), large.toReversed())).toBe(0)
  })

  test('many requests at once each get their own answer, both ways', async () => {
    const { node, connect } = await opened()
    const [one, other] = [await node(), await node()]
    for (const { network } of [one, other]) {
      network.serve(protocol, async (_peer, body) => {
        await pause(body.length % 3)
        return bytes(`${network.self} ${textOf(body)}`)
      })
    }
    await connect(one, other)
    const asked = Array.from({ length: 40 }, (_, n) => {
      const [from, to] = n % 2 === 0 ? [one, other] : [other, one]
      return from.network.request(to.network.self, protocol, bytes(`${'x'.repeat(n)}${n}`))
    })
    const answers = (await Promise.all(asked)).map(textOf)
    const expected = answers.map((_, n) => {
      const to = n % 2 === 0 ? other : one
      return `${to.network.self} ${'x'.repeat(n)}${n}`
    })
    expect(answers).toEqual(expected)
  })

  test('a protocol served after the start is served, and the newest handler counts', async () => {
    const { node, connect } = await opened()
    const [one, other] = [await node(), await node()]
    await connect(one, other)
    other.network.serve(protocol, async () => bytes('old'))
    other.network.serve(protocol, async () => bytes('new'))
    await pause(20)
    const answer = await one.network.request(other.network.self, protocol, bytes('?'))
    expect(textOf(answer)).toBe('new')
  })
}

function failingRequests(opened: Opened): void {
  test('a body or an answer above a mebibyte is refused', async () => {
    const { node, connect } = await opened()
    const [one, other] = [await node(), await node()]
    other.network.serve(protocol, async () => new Uint8Array(mebibyte + 1))
    await connect(one, other)
    const ask = (length: number): Promise<string> =>
      codeOf(one.network.request(other.network.self, protocol, new Uint8Array(length)))
    expect(await ask(mebibyte + 1)).toBe('too-large')
    expect(await ask(1)).toBe('peer-unavailable')
  })

  test('a handler that fails ends its request and nothing more', async () => {
    const { node, connect } = await opened()
    const [one, other] = [await node(), await node()]
    other.network.serve(protocol, async (_peer, body) => {
      if (textOf(body) === 'fail') throw new RangeError('a bug')
      return body
    })
    await connect(one, other)
    const ask = (text: string): Promise<Uint8Array> =>
      one.network.request(other.network.self, protocol, bytes(text))
    expect(textOf(await ask('before'))).toBe('before')
    const failing = [ask('fail'), ask('fail'), ask('beside')].map(codeOf)
    expect(await Promise.all(failing)).toEqual(['peer-unavailable', 'peer-unavailable', 'none'])
    expect(textOf(await ask('after'))).toBe('after')
    expect(one.disconnected).toEqual([])
  })

  test('a handler that never answers is waited for only so long', async () => {
    const { node, connect } = await opened()
    const [one, other] = [await node(), await node()]
    other.network.serve(protocol, () => new Promise(() => undefined))
    other.network.serve('/society/other/1', async (_peer, body) => body)
    await connect(one, other)
    const asked = performance.now()
    const waiting = Array.from({ length: 4 }, () =>
      codeOf(one.network.request(other.network.self, protocol, bytes('?'))),
    )
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['peer-unavailable']))
    expect(performance.now() - asked).toBeLessThan(2_000)
    // Nor does it keep the places of its requests.
    const next = one.network.request(other.network.self, '/society/other/1', bytes('?'))
    expect(textOf(await next)).toBe('?')
  })

  test('nobody there, nobody known and no such protocol are unavailable', async () => {
    const { node, connect } = await opened()
    const [one, other, gone] = [await node(), await node(), await node()]
    await connect(one, other)
    await connect(one, gone)
    await gone.network.stop()
    await until('gone', () => one.disconnected.length === 1)
    const ask = (peer: PeerName, on = protocol): Promise<string> =>
      codeOf(one.network.request(peer, on, bytes('?')))
    expect(await ask(other.network.self, '/society/none/1')).toBe('peer-unavailable')
    expect(await ask(gone.network.self)).toBe('peer-unavailable')
    expect(one.network.peers()).toEqual([other.network.self])
  })
}

function lifetime(opened: Opened): void {
  test('stopping tells the others, fails what is under way, and leaves silence', async () => {
    const { line } = await opened()
    const [one, other] = await line(accept, accept)
    if (!one || !other) throw new RangeError('two nodes')
    one.network.serve(protocol, async (_peer, body) => body)
    other.network.serve(protocol, () => new Promise(() => undefined))
    const underWay = codeOf(one.network.request(other.network.self, protocol, bytes('?')))
    await pause(30)
    const began = performance.now()
    await one.network.stop()
    expect(performance.now() - began).toBeLessThan(2_000)
    expect(await underWay).toBe('peer-unavailable')
    await until('the other is told', () => other.disconnected.length > 0)
    expect(other.network.peers()).toEqual([])
    const heard = one.gossip.length
    other.network.publish(topic, bytes('anybody?'))
    one.network.publish(topic, bytes('not any more'))
    one.network.penalise(other.network.self, 'bad-signature')
    const asked = one.network.request(other.network.self, protocol, bytes('?'))
    expect(await codeOf(asked)).toBe('peer-unavailable')
    await one.network.stop()
    await pause(50)
    expect(one.gossip).toHaveLength(heard)
    expect(one.disconnected).toEqual([])
  })

  test('a node that never started can be stopped', async () => {
    const { create } = await opened()
    const network = await create()
    await network.stop()
    await network.stop()
    expect(network.peers()).toEqual([])
    network.publish(topic, bytes('nobody'))
    expect(await codeOf(network.request(network.self, protocol, bytes('?')))).toBe(
      'peer-unavailable',
    )
  })
}
