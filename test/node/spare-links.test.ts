import { afterEach, describe, expect, test } from 'vitest'
import { gossipInternals } from '../../node/network/gossip-internals.ts'
import type { Libp2pNetwork } from '../../node/network/libp2p-network.ts'
import { networkLimits } from '../../node/network/limits.ts'
import { SpareLinks } from '../../node/network/spare-links.ts'
import { recorder, until } from '../contracts/network.ts'
import type { Heard } from '../contracts/network.ts'
import { addressOf, loopbackNode } from '../support/libp2p-world.ts'

const topic = '/society/1/test/trust'
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

type Node = Heard & { readonly network: Libp2pNetwork }

const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp()
})

/** So many nodes, each connected to all others and linked to some of them. */
async function circle(size: number): Promise<readonly [Node, Node, ...Node[]]> {
  const nodes: Node[] = []
  while (nodes.length < size) {
    const network = await loopbackNode()
    const { handlers, ...heard } = recorder()
    cleanUps.push(() => network.stop())
    network.subscribe(topic)
    await network.start(handlers)
    for (const other of nodes) await network.dial(addressOf(other.network))
    nodes.push({ ...heard, network })
  }
  const services = nodes.map(({ network }) => gossipInternals(network.libp2p.services.gossipsub))
  await until('all are linked to some', () =>
    services.every(({ mesh }) => (mesh.get(topic)?.size ?? 0) >= Math.min(size - 1, 3)),
  )
  await until('all know of each other', () =>
    nodes.every(({ network }) => network.peers().length === size - 1),
  )
  return nodes as unknown as readonly [Node, Node, ...Node[]]
}

const hears = ({ gossip }: Node, text: string): boolean =>
  gossip.some((message) => message.text === text)

async function tell(from: Node, to: readonly Node[], text: string): Promise<void> {
  from.network.publish(topic, bytes(text))
  await until(`${text} is heard by all`, () => to.every((node) => hears(node, text)))
}

/** So many of something that all nodes counted. */
const counted = (nodes: readonly Node[], name: string): number =>
  nodes.reduce((sum, { network }) => sum + (network.counters()[name] ?? 0), 0)

describe('spare links', { timeout: 30_000 }, () => {
  test('where a speaker tells all itself, they soon send each other no more copies', async () => {
    const nodes = await circle(6)
    const [speaker, ...others] = nodes
    const saying = async (what: string): Promise<number> => {
      const before = counted(nodes, 'gossip.copies')
      for (let count = 0; count < 20; count++) {
        await tell(speaker, others, `${what} ${count}`)
        // Until then it may be passed on.
        await new Promise((resolve) => {
          setTimeout(resolve, networkLimits.forwardPauseMs * 2)
        })
      }
      return counted(nodes, 'gossip.copies') - before
    }
    // Each of some 14 links costs a copy until it is known to be spare; a new link one more.
    expect(await saying('at first')).toBeGreaterThan(0)
    await saying('meanwhile')
    expect(await saying('later')).toBeLessThan(10)
  })

  test('who is not told any more by a speaker asks others, and is sent it at once', async () => {
    const nodes = await circle(3)
    const [speaker, between, other] = nodes
    for (let count = 0; count < 30; count++) await tell(speaker, [between, other!], `${count}`)
    speaker.network.setBlocked(new Set([other!.network.self]))
    await until('the two are parted', () => speaker.network.peers().length === 1)
    await tell(speaker, [between, other!], 'the first')
    const offers = counted(nodes, 'gossip.offers')
    for (let count = 0; count < 5; count++) await tell(speaker, [other!], `another ${count}`)
    expect(counted(nodes, 'gossip.offers')).toBe(offers)
  })
})

describe('what is remembered of links', () => {
  const make = (): { links: SpareLinks; told: string[] } => {
    const told: string[] = []
    let nowMs = 0
    const links = new SpareLinks({
      limits: { ...networkLimits, spareTellMs: 20, spareMessagesMax: 3, sparedIdsMax: 2 },
      nowMs: () => (nowMs += 1),
      refuse: (peer, id) => void told.push(`refuse ${id} of ${peer}`),
      offer: (peer, on, ids) => void told.push(`offer ${ids.join()} to ${peer} on ${on}`),
    })
    cleanUps.push(() => links.stop())
    return { links, told }
  }

  test('a link is spare for what comes from one peer, until its neighbour asks', () => {
    const { links } = make()
    links.arrived('a', 'author')
    expect(links.spare('a', 't', ['near', 'author'])).toEqual([])
    links.arrivedAgain('a', 'near')
    expect(links.spare('a', 't', ['near', 'far', 'author'])).toEqual(['near'])
    links.arrived('b', 'another')
    expect(links.spare('b', 't', ['near', 'far'])).toEqual([])
    links.arrived('c', 'author')
    links.lacks('c', 'near')
    expect(links.spare('c', 't', ['near'])).toEqual([])
  })

  test('nobody can say for another that it has something, nor for messages not seen', () => {
    const { links, told } = make()
    links.arrived('a', 'author')
    links.has('a', 'liar')
    links.has('unknown', 'near')
    links.arrivedAgain('a', 'author')
    expect(links.spare('a', 't', ['near', 'liar'])).toEqual(['liar'])
    expect(told).toEqual([])
  })

  test('copies are refused once in a while, and what is not sent is offered', async () => {
    const { links, told } = make()
    links.arrived('a', 'author')
    for (let copy = 0; copy < 5; copy++) links.arrivedAgain('a', 'near')
    expect(told).toEqual(['refuse a of near'])
    for (const id of ['b', 'c', 'd', 'e']) {
      links.arrived(id, 'author')
      links.spare(id, 't', ['near'])
    }
    await until('offered', () => told.length > 1)
    expect(told.slice(1)).toEqual(['offer d,e to near on t'])
  })

  test('who left is forgotten', () => {
    const { links } = make()
    links.arrived('a', 'author')
    links.has('a', 'near')
    links.forget('near')
    expect(links.spare('a', 't', ['near'])).toEqual([])
    links.has('a', 'near')
    links.forget('author')
    expect(links.spare('a', 't', ['near'])).toEqual([])
  })
})
