import { createServer, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RecordId } from '../../protocol/index.ts'
import { measureNow } from '../../node/meters/meters.ts'
import type { RunningNode } from '../../node/start.ts'
import { openTunnel } from '../../node/witness/tunnel.ts'
import { protocols } from '../../src/index.ts'
import { startRelay, stopRelays } from '../support/counting-relay.ts'
import { startDevice, stopDevices } from '../support/device-process.ts'
import { eventually } from '../support/real-node.ts'
import { listen, stopServers } from '../support/loopback.ts'
import {
  eventAbout,
  levelSeen,
  misleadTunnels,
  passTo,
  prove,
  quickLooks,
  refusalOf,
  WitnessWorld,
} from '../support/witness-world.ts'

let world: WitnessWorld
beforeEach(() => {
  world = new WitnessWorld()
})
afterEach(async () => {
  await world.end()
  await stopDevices()
  await stopRelays()
  await stopServers()
})

const allowing = { witness: { ...quickLooks, allow: ['127.0.0.0/8:*'] } }
/** Asks nobody by itself. */
const silent = { witness: { ...quickLooks, asks: false } }

const startInverter = (...flags: readonly string[]) =>
  startDevice('sunspec-inverter', '--rated', '5000', ...flags)

const solarAt = (port: number) => ({ type: 'solar', sunspec: `127.0.0.1:${port}` }) as const

/** A claimant and two witnesses with sections of their own. */
async function startThree(claimant: object = {}, witnesses: object = {}) {
  const sage = await world.add('sage', claimant)
  const oak = await world.add('oak', witnesses)
  const elm = await world.add('elm', witnesses)
  await world.meet()
  return { sage, oak, elm }
}

/** What the claimant's node asks a witness about a proof, with its transcript. */
async function lookQuestion(sage: RunningNode, proof: RecordId) {
  const [record] = await sage.replica.records({
    society: sage.replica.self,
    kind: 'energy.evidence',
  })
  const transcript = Buffer.from(String(record?.fields['transcript']), 'hex')
  return { type: 'look', proof, draw: null, transcript: new Uint8Array(transcript) } as const
}

describe('level 2 (C9, C13)', () => {
  test('is reached where two others look themselves, and backing shows how', async () => {
    const { port } = await startInverter()
    const { sage, oak, elm } = await startThree({}, allowing)
    const proof = await prove(sage, solarAt(port))
    await eventually('level 2', () => [sage, oak, elm].every((node) => levelSeen(node, sage) === 2))
    const said = await eventAbout(oak, 'witness-looked', proof)
    expect(said).toMatchObject({ verdict: true, level: 2, path: 'direct' })
    const source = Object.keys(sage.replica.society().energy.sources)[0]
    await sage.replica.write('atp.charge', { amount: 10, source })
    const batch = async () => (await oak.replica.backing(sage.replica.self)).batches[0]
    await eventually('the charge', async () => (await batch())?.assurance === 2)
    const witness = { verdict: true, level: 2, samples: 2, path: 'direct' }
    expect((await batch())?.witnesses).toMatchObject([witness, witness])
  })

  test('is found after a restart of the claimant too', async () => {
    const { port } = await startInverter()
    const { sage, oak, elm } = await startThree(silent, allowing)
    await prove(sage, solarAt(port))
    const again = await world.restartFirst({ witness: quickLooks })
    await eventually('level 2', () =>
      [again, oak, elm].every((node) => levelSeen(node, sage) === 2),
    )
  })

  test('is not reached through the claimant’s own node: that is its word once more', async () => {
    const { port } = await startInverter()
    const { sage, oak } = await startThree()
    const proof = await prove(sage, solarAt(port))
    const said = await eventAbout(oak, 'witness-looked', proof)
    expect(said).toMatchObject({ verdict: true, level: 1, path: 'relayed' })
    expect(levelSeen(oak, sage)).toBe(1)
  })

  test('is refused by who looks and finds another: a record, and a problem (C9)', async () => {
    const [honest, smaller] = await Promise.all([
      startInverter(),
      startDevice('sunspec-inverter', '--rated', '3000'),
    ])
    const { sage, oak, elm } = await startThree()
    await misleadTunnels(sage, passTo(smaller.port))
    const proof = await prove(sage, solarAt(honest.port))
    const said = await eventAbout(oak, 'witness-looked', proof)
    expect(said).toMatchObject({ verdict: false, reason: 'it can give 3000 W, not 5000 W' })
    await eventAbout(elm, 'witness-looked', proof)
    const source = Object.keys(sage.replica.society().energy.sources)[0]
    await sage.replica.write('atp.charge', { amount: 10, source })
    const problem = { code: 'implausible-proof', message: 'witnesses refute its proof', amount: 10 }
    await eventually('the problem', async () => {
      const { problems } = await elm.replica.backing(sage.replica.self)
      return problems.some(({ message }) => message === problem.message)
    })
    const { problems, verdict } = await elm.replica.backing(sage.replica.self)
    expect({ problems, verdict }).toMatchObject({ problems: [problem], verdict: 'unbacked' })
  })
})

test('a source that gives something at night, by a look, is no source there (C12)', async () => {
  const dark = await startInverter('--watts', '0')
  const lit = await startInverter('--watts', '100')
  const { sage, oak } = await startThree()
  await misleadTunnels(sage, passTo(lit.port))
  const hours = (Date.now() % 86_400_000) / 3_600_000
  const longitude = -15 * hours
  const site = `0,${(longitude < -180 ? longitude + 360 : longitude).toFixed(1)}`
  const proof = await prove(sage, { ...solarAt(dark.port), site })
  const said = await eventAbout(oak, 'witness-looked', proof)
  expect(said).toMatchObject({
    verdict: false,
    reason: expect.stringContaining('when the sun is down'),
  })
})

describe('a witness (C17)', () => {
  test('refuses the same proof twice, one that is replaced, and another’s', async () => {
    const { port } = await startInverter()
    const { sage, oak, elm } = await startThree(silent, allowing)
    const first = await prove(sage, solarAt(port))
    const question = await lookQuestion(sage, first)
    await eventually('the proof', async () => (await oak.replica.record(first)) !== undefined)
    expect(await refusalOf(elm, oak, question)).toBe('not-authorised')
    const altered = new Uint8Array([...question.transcript, 32])
    expect(await refusalOf(sage, oak, { ...question, transcript: altered })).toBe('malformed')
    expect(await refusalOf(sage, oak, question)).toBe('given')
    expect(await refusalOf(sage, oak, question)).toBe('already-ended')
    const second = await prove(sage, solarAt(port))
    await eventually('the next', async () => (await elm.replica.record(second)) !== undefined)
    expect(await refusalOf(sage, elm, question)).toBe('proof-stale')
  })

  test('refuses where it was not chosen: the child of the claimant (C14)', async () => {
    const { port } = await startInverter()
    const { sage, oak } = await startThree(silent, allowing)
    const leaf = await world.add('leaf', allowing)
    await world.meet()
    await leaf.replica.write('citizenship.apply', { parent: 'sage' })
    const admit = () => sage.replica.write('citizenship.admit', { child: 'leaf' })
    await eventually('admission', () =>
      admit().then(
        () => true,
        () => false,
      ),
    )
    await eventually('kin', () => leaf.replica.society().parent !== null)
    const proof = await prove(sage, solarAt(port))
    const question = await lookQuestion(sage, proof)
    for (const node of [leaf, oak]) {
      await eventually('the proof', async () => (await node.replica.record(proof)) !== undefined)
    }
    expect(await refusalOf(sage, leaf, question)).toBe('not-authorised')
    const draw = { by: oak.replica.self, signature: '11'.repeat(64) }
    expect(await refusalOf(sage, oak, { ...question, draw })).toBe('bad-signature')
    const looked = oak.replica.events.after(0).events.some(({ type }) => type === 'witness-looked')
    expect(looked).toBe(false)
  })

  test('cannot be flooded with questions', async () => {
    const { sage, oak } = await startThree(silent)
    const question = { type: 'draw', proof: `${'0'.repeat(64)}:0` as RecordId } as const
    const answers: string[] = []
    for (let i = 0; i < 61; i++) answers.push(await refusalOf(sage, oak, question))
    expect(answers.slice(0, 60)).toEqual(Array.from({ length: 60 }, () => 'unknown-reference'))
    expect(answers.at(-1)).toBe('rate-limited')
  })

  test('dials nothing that its operator does not allow', async () => {
    const { port } = await startInverter()
    const { sage, oak } = await startThree()
    // Whoever dials the relay from now on is the witness: the claimant leads nobody anywhere.
    await sage.network.libp2p.unhandle(protocols.tunnel)
    const relay = await startRelay(port)
    const proof = await prove(sage, solarAt(relay.port))
    const sent = relay.sent().length
    const said = await eventAbout(oak, 'witness-looked', proof)
    expect(said).toMatchObject({ record: null, code: 'peer-unavailable' })
    expect(relay.sent().length).toBe(sent)
  })

  test.each([
    ['never answers', 'source-unavailable', (): void => undefined],
    ['never ends', 'source-nonsense', (socket: Socket): void => flood(socket)],
  ] as const)('does not wait for a device that %s', async (_, code, answer) => {
    const { port } = await startInverter()
    const { sage, oak } = await startThree()
    const bad = await listen(createServer((socket) => answer(socket.on('error', () => undefined))))
    await misleadTunnels(sage, passTo(bad))
    const proof = await prove(sage, solarAt(port))
    const said = await eventAbout(oak, 'witness-looked', proof)
    expect(said).toMatchObject({ record: null, code })
  })
})

function flood(socket: Socket): void {
  const pour = (): void => {
    while (!socket.destroyed && socket.write(Buffer.alloc(65_536)));
    if (!socket.destroyed) socket.once('drain', pour)
  }
  pour()
}

describe('what only the claimant’s node can measure (C13, C17)', () => {
  const proveAlone = async (sage: RunningNode, port: number, again: (nonce: string) => object) => {
    const measured = await measureNow(solarAt(port), { now: Date.now }, 10_000)
    const alone = { ...measured, method: 'in-this-machine' }
    const answer = async (nonce: string) => ({ ...alone, measuredAt: Date.now(), ...again(nonce) })
    return sage.replica.prove({ ...alone, again: answer })
  }
  const saying = (told: object) => new TextEncoder().encode(JSON.stringify(told))

  test('is witnessed by its answer to a nonce, and stays at level 1', async () => {
    const { port } = await startInverter()
    const { sage, oak } = await startThree()
    const proof = await proveAlone(sage, port, (nonce) => ({ transcript: saying({ nonce }) }))
    const said = await eventAbout(oak, 'witness-looked', proof)
    expect(said).toMatchObject({ verdict: true, level: 1, path: 'node' })
  })

  test.each([
    ['no nonce', () => ({ transcript: saying({}) })],
    ['an old nonce', () => ({ transcript: saying({ nonce: '00'.repeat(16) }) })],
    ['an old time', (nonce: string) => ({ transcript: saying({ nonce }), measuredAt: 1 })],
  ])('is not believed with %s', async (_, again) => {
    const { port } = await startInverter()
    const { sage, oak } = await startThree()
    const proof = await proveAlone(sage, port, again)
    const said = await eventAbout(oak, 'witness-looked', proof)
    expect(said).toMatchObject({ record: null, code: 'proof-stale' })
  })
})

describe('a tunnel (C18)', () => {
  const signal = () => AbortSignal.timeout(5_000)
  const far = (): never => {
    throw new RangeError('there is no such node')
  }

  test('is not opened for a node that was not asked, though it may be the next', async () => {
    const { port } = await startInverter()
    const slow = { witness: { ...quickLooks, gapSeconds: 10 } }
    const { sage, oak, elm } = await startThree({}, slow)
    const ash = await world.add('ash', slow)
    await world.meet()
    const proof = await prove(sage, solarAt(port))
    const { chosen } = await sage.replica.witnessing.choice(proof, null)
    const [first, , third] = chosen.map((key) =>
      [oak, elm, ash].find(({ replica }) => replica.self === key),
    )
    const way = { peer: sage.network.self, proof }
    const open = (node: RunningNode | undefined) =>
      openTunnel(node?.network ?? far(), way, signal())
    await eventually('the first is asked', () =>
      open(first).then(
        (socket) => socket.destroy().destroyed,
        () => false,
      ),
    )
    await expect(open(third)).rejects.toMatchObject({ code: 'not-authorised' })
  })

  test('lets requests to read through and nothing else', async () => {
    const { port } = await startInverter()
    const relay = await startRelay(port)
    const { sage, oak } = await startThree({}, { witness: { ...quickLooks, gapSeconds: 10 } })
    const proof = await prove(sage, solarAt(relay.port))
    // The witness waits for its second sample: meanwhile it may look.
    await eventually('a look', () => relay.sent().length > 0)
    const socket = await openTunnel(oak.network, { peer: sage.network.self, proof }, signal())
    const write = Buffer.from('00ab00000006010600000001', 'hex')
    socket.write(write)
    await eventually('the cut', () => socket.destroyed)
    expect(relay.sent().includes(write)).toBe(false)
  })
})
