import { afterEach, describe, expect, test } from 'vitest'
import { gossipInternals } from '../../node/network/gossip-internals.ts'
import type { Libp2pNetwork } from '../../node/network/libp2p-network.ts'
import { networkLimits } from '../../node/network/limits.ts'
import { SpareLinks } from '../../node/network/spare-links.ts'
import { recorder, until } from '../contracts/network.ts'
import type { Heard } from '../contracts/network.ts'
import { addressOf, loopbackNode } from '../support/libp2p-world.ts'

const topic = '/society/1/test/trust'
/** All begin with the same bytes, as those of one author do. */
const bytes = (text: string): Uint8Array => new TextEncoder().encode(`${'-'.repeat(34)}${text}`)

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
  gossip.some((message) => message.text.endsWith(`-${text}`))

async function tell(from: Node, to: readonly Node[], text: string): Promise<void> {
  from.network.publish(topic, bytes(text))
  await until(`${text} is heard by all`, () => to.every((node) => hears(node, text)))
}

/** So many of something that all nodes counted. */
const counted = (nodes: readonly Node[], name: string): number =>
  nodes.reduce((sum, { network }) => sum + (network.counters()[name] ?? 0), 0)

describe('spare links', { timeout: 30_000 }, () => {
  test('where a speaker tells all itself, each soon sends but one copy', async () => {
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
    await saying('at first')
    // Each of the five others sends each message to one neighbour, not to three or four.
    expect(await saying('later')).toBeLessThanOrEqual(20 * 5 + 5)
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
  const make = (): { links: SpareLinks; told: string[]; pass: (ms: number) => void } => {
    const told: string[] = []
    let nowMs = 0
    const few = { spareMessagesMax: 5, sparedIdsMax: 2 }
    const short = { spareTellMs: 20, spareTrialMs: 50, spareRefusalMs: 100, spareUseMs: 10 }
    const links = new SpareLinks({
      limits: { ...networkLimits, ...few, ...short },
      nowMs: () => nowMs,
      refuse: (peer, id) => void told.push(`refuse ${id} of ${peer}`),
      offer: (peer, on, ids) => void told.push(`offer ${ids.join()} to ${peer} on ${on}`),
    })
    cleanUps.push(() => links.stop())
    return { links, told, pass: (ms) => void (nowMs += ms) }
  }
  const ofAuthor = new Uint8Array(40)
  const ofAnother = new Uint8Array(40).fill(1)

  test('a link is spare for one author from one peer; one is used in turn', () => {
    const { links, pass } = make()
    const neighbours = ['author', 'near', 'far']
    links.arrived('a', 'author', ofAuthor)
    expect(links.spare('a', 't', neighbours)).toEqual([])
    links.arrivedAgain('a', 'near')
    expect(links.spare('a', 't', neighbours)).toEqual([])
    links.has('a', 'far')
    const spared = ['b', 'c', 'd'].map((id) => {
      pass(10)
      links.arrived(id, 'author', ofAuthor)
      return links.spare(id, 't', neighbours)
    })
    expect(spared).toEqual([['near'], ['far'], ['near']])
    links.arrived('soon', 'author', ofAuthor)
    expect(links.mayWait('soon', neighbours)).toBe(false)
    expect(links.spare('soon', 't', neighbours)).toEqual(['near', 'far'])
    links.arrived('e', 'author', ofAnother)
    expect(links.spare('e', 't', neighbours)).toEqual([])
    links.arrived('f', 'hub', ofAuthor)
    expect(links.spare('f', 't', neighbours)).toEqual([])
  })

  test('what goes to who asks, or never refuses, does not wait', () => {
    const { links, pass } = make()
    links.arrived('a', 'author', ofAuthor)
    links.has('a', 'near')
    links.spare('a', 't', ['near', 'far'])
    expect(links.mayWait('a', ['author', 'far'])).toBe(true)
    pass(51)
    expect(links.mayWait('a', ['author', 'far'])).toBe(false)
    expect(links.mayWait('a', ['author', 'far', 'near'])).toBe(true)
    links.lacks('a', 'near')
    expect(links.mayWait('a', ['author', 'far', 'near'])).toBe(false)
  })

  test('nobody can say for another that it has something, nor for messages not seen', () => {
    const { links, told } = make()
    links.arrived('a', 'author', ofAuthor)
    for (const liar of ['liar', 'other liar']) links.has('a', liar)
    links.has('unknown', 'near')
    links.arrivedAgain('a', 'author')
    expect(links.spare('a', 't', ['near', 'liar', 'other liar'])).toHaveLength(1)
    expect(links.spare('a', 't', ['near'])).toEqual([])
    expect(told).toEqual([])
  })

  test('copies are refused once in a while, and what is not sent is offered', async () => {
    const { links, told, pass } = make()
    links.arrived('a', 'author', ofAuthor)
    for (let copy = 0; copy < 5; copy++) links.arrivedAgain('a', 'near')
    expect(told.splice(0)).toEqual(['refuse a of near'])
    pass(101)
    links.arrivedAgain('a', 'near')
    expect(told.splice(0)).toEqual(['refuse a of near'])
    links.has('a', 'far')
    for (const id of ['b', 'c', 'd', 'e', 'f', 'g']) {
      pass(10)
      links.arrived(id, 'author', ofAuthor)
      links.spare(id, 't', ['near', 'far'])
    }
    await until('offered', () => told.length > 1)
    expect(told).toEqual(['offer d,f to far on t', 'offer e,g to near on t'])
  })

  test('who left is forgotten', () => {
    const { links, pass } = make()
    links.arrived('a', 'author', ofAuthor)
    const both = ['near', 'far']
    for (const peer of both) links.has('a', peer)
    links.forget('near')
    expect(links.spare('a', 't', both)).toEqual([])
    links.has('a', 'near')
    pass(10)
    expect(links.spare('a', 't', both)).toHaveLength(1)
    links.forget('author')
    expect(links.spare('a', 't', both)).toEqual([])
  })
})
