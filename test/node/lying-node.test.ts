import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RunningNode } from '../../node/start.ts'
import type { RecordId } from '../../protocol/index.ts'
import { LyingNode } from '../support/lying-node.ts'
import {
  eventually,
  makeNode,
  removeNode,
  runNode,
  type RealDirectory,
} from '../support/real-node.ts'

const hour = 3_600_000

let made: RealDirectory[]
let nodes: { readonly oak: RunningNode; readonly elm: RunningNode; readonly ash: RunningNode }
let liar: LyingNode

async function add(name: string, beginning?: RunningNode): Promise<RunningNode> {
  const bootstrap = beginning?.network.addresses().slice(0, 1) ?? []
  const directory = await makeNode(name, { adp: '500', bootstrap })
  made.push(directory)
  return runNode(directory)
}

const all = (): readonly RunningNode[] => Object.values(nodes)
const vexAt = ({ replica }: RunningNode) => replica.society(liar.key)
const everywhere = (what: string, holds: (node: RunningNode) => boolean): Promise<void> =>
  eventually(what, () => all().every(holds))

/** A node accepts so much of an offer as soon as it has heard of it. */
async function accept({ replica }: RunningNode, offer: RecordId, amount: number) {
  await eventually('the offer', () => replica.trades().offers.some(({ id }) => id === offer))
  return replica.write('trade.accept', { offer, amount })
}

beforeEach(async () => {
  made = []
  const oak = await add('oak')
  const [elm, ash] = [await add('elm', oak), await add('ash', oak)]
  nodes = { oak, elm, ash }
  await everywhere('all documents', ({ replica }) => replica.documentHeads().length === 6)
  liar = await LyingNode.dial('vex', [oak, elm])
  await liar.begin(100)
  await everywhere('what it charged', (node) => vexAt(node).atp.available === 100)
})

afterEach(async () => {
  await liar.stop()
  await Promise.all(all().map((node) => node.close()))
  await Promise.all(made.map(removeNode))
})

/** What every honest node must make of a liar, however it was found out. */
async function expectCaught(placeOfEnd: number): Promise<void> {
  await everywhere('it is found out', (node) => vexAt(node).standing === 'equivocated')
  await everywhere('its pool ends before the fork', ({ replica }) =>
    replica
      .documentHeads()
      .some(({ name, kind, seq }) => name === 'vex' && kind === 'pool' && seq === placeOfEnd - 1),
  )
  const { oak, ash } = nodes
  expect(all().map(({ replica }) => replica.trust(liar.key).trust)).toEqual([0, 0, 0])
  const [seen, ...others] = all().map((node) => ({ ...vexAt(node), time: null }))
  expect(others).toEqual([seen, seen])
  // Nothing else is blocked: the honest deal with each other, and with nobody else.
  await oak.replica.write('trust.observe', { subject: 'elm', success: true })
  await everywhere('what oak says', ({ replica }) => {
    return replica.trust(nodes.elm.replica.self, oak.replica.self).trust > 0.14
  })
  const refused = ash.replica.write('work.request', { to: 'vex', amount: 1 })
  await expect(refused).rejects.toMatchObject({ code: 'equivocation' })
}

const offerOf = (amount: number) => ({ amount: amount * 1_000, price: 1_000, expires: hour })

describe('a hostile program that speaks libp2p (E3, E4, E6, E9)', () => {
  test('sells the same ATP twice: the first sale stands, escrows come back', async () => {
    const { oak, elm, ash } = nodes
    const offer = await liar.write('pool', 'trade.offer', offerOf(80))
    const other = await liar.write('pool', 'trade.offer', offerOf(20))
    const first = await accept(oak, offer, 80)
    const second = await accept(elm, offer, 80)
    await accept(ash, other, 20)
    expect(ash.replica.society().adp).toEqual({ pool: 480, escrowed: 20 })
    const from = liar.place
    const sold = liar.sign('pool', 'trade.settle', { acceptance: first })
    await liar.tell(sold.frame, [oak])
    await eventually('oak has what it bought', () => oak.replica.society().atp.available === 80)
    const soldAgain = liar.sign('pool', 'trade.settle', { acceptance: second }, { from })
    await liar.tell(soldAgain.frame, [elm])
    await expectCaught(from.seq + 1)
    await eventually('escrows come back', () =>
      [elm, ash].every(({ replica }) => replica.society().adp.escrowed === 0),
    )
    expect([elm, ash].map(({ replica }) => replica.society().adp.pool)).toEqual([500, 500])
    expect(oak.replica.society().atp.available).toBe(80)
    // Named by everybody: what oak holds is charged by nobody whose word counts.
    for (const { replica } of all()) {
      expect(replica.society(liar.key).forged).toBe(0)
      const { verdict, problems } = await replica.backing(oak.replica.self)
      expect(verdict).toBe('unbacked')
      expect(problems.map(({ code }) => code)).toContain('equivocation')
    }
  })

  test('signs that it stands elsewhere than it goes on', async () => {
    const from = liar.place
    const real = liar.sign('pool', 'trade.offer', offerOf(1))
    const hash = 'ab'.repeat(32) as typeof real.hash
    await liar.tell(liar.head({ seq: from.seq + 1, hash, time: Date.now() }), [nodes.oak])
    await liar.tell(real.frame, [nodes.elm])
    await expectCaught(from.seq + 1)
  })

  test('dates a record before a head that it has signed', async () => {
    const { seq, head } = liar.place
    if (head === null) throw new TypeError('it has written')
    const time = Date.now()
    await liar.tell(liar.head({ seq, hash: head, time }), [nodes.oak])
    const late = liar.sign('pool', 'trade.offer', offerOf(1), { at: time - 1 })
    await liar.tell(late.frame, [nodes.elm])
    await expectCaught(seq + 1)
  })
})
