import { describe, expect, it } from 'vitest'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { World } from '../../node/simulate/world.ts'
import {
  completionMessage,
  encodeCompletion,
  encodeEndorsement,
  type Completion,
  type RecordId,
  type SocietyKey,
} from '../../protocol/index.ts'
import { protocols, type Network } from '../../src/index.ts'
import { silentLog } from '../../node/silent-log.ts'

const protocol = protocols.cosign
const startMs = Date.UTC(2026, 5, 21, 12)
const verifier = createVerifier()

type Story = {
  readonly world: World
  readonly stranger: Network
  readonly key: (name: string) => SocietyKey
  readonly ticket: RecordId
}

/** Sage works for itself with oak; oak signs what its operator has confirmed, ash what it knows. */
async function begin(): Promise<Story> {
  const world = new World({ startMs, seed: 1, verifier, log: silentLog, localSigners: new Map() })
  const policy = { admission: 'open', minimumOccupancy: 0 }
  for (const name of ['sage', 'oak', 'ash']) {
    const founding = { name, federation: 'test-world', adp: 100, policy, witnesses: [] }
    const asks = name === 'oak' ? 'ask' : 'known'
    await world.add(name, founding, false, { worker: asks, beneficiary: asks })
  }
  const source = 'grid:test:m1'
  const measured = { measuredAt: startMs, method: 'test', simulated: false }
  const transcript = new Uint8Array([123, 125])
  const proof = { source, fields: { allocated: 100 }, ...measured, transcript }
  const sage = world.replica('sage')
  await world.settled(sage.prove(proof))
  await world.settled(sage.write('atp.charge', { amount: 50, source }))
  const given = { amount: 10, worker: 'oak' }
  const ticket = await world.settled(sage.write('work.allocate', given))
  const stranger = world.wires.join('stranger')
  await stranger.start({
    gossip: async () => 'ignore',
    connected: () => {},
    disconnected: () => {},
  })
  return { world, stranger, key: (name) => world.resident(name).key, ticket }
}

const decoder = new TextDecoder()

/** The first word of an answer: the code of a refusal, or `signed`. */
async function answered(story: Story, of: string, body: Uint8Array): Promise<string> {
  const answer = await story.world.settled(story.stranger.request(of, protocol, body))
  if (answer[0] === 1 && answer.length === 65) return 'signed'
  expect(answer[0]).toBe(0)
  return decoder.decode(answer.subarray(1)).split(' ')[0] ?? ''
}

function completionOf({ key, ticket }: Story, changed: Partial<Completion> = {}): Completion {
  const absent = { outputDigest: undefined, started: undefined, finished: undefined }
  const parties = { worker: key('oak'), beneficiary: key('sage') }
  return { ticket, ...parties, quality: 900_000, consumed: undefined, ...absent, ...changed }
}

describe('a node that is asked to sign (R67)', () => {
  it('signs for its society what it knows, or what its operator has confirmed', async () => {
    const story = await begin()
    const { world, key, ticket } = story
    const body = encodeCompletion(completionOf(story))
    expect(await answered(story, 'sage', body)).toBe('signed')
    expect(await answered(story, 'oak', body)).toBe('not-authorised')
    await world.settled(world.replica('oak').confirm(ticket, 0.8))
    expect(await answered(story, 'oak', body)).toBe('not-authorised')
    await world.settled(world.replica('oak').confirm(ticket, 0.9))
    expect(await answered(story, 'oak', body)).toBe('signed')
    const answer = await world.settled(story.stranger.request('oak', protocol, body))
    const message = completionMessage(completionOf(story))
    const publicKey = world.resident('oak').signer.publicKey
    expect(verifier.verify(answer.slice(1), message, publicKey)).toBe(true)
    expect(key('oak')).not.toBe(key('sage'))
  })

  it('refuses in the order of the rule', async () => {
    const story = await begin()
    const { key } = story
    const strange = `${'ab'.repeat(32)}:0` as RecordId
    expect(await answered(story, 'ash', new Uint8Array(7))).toBe('malformed')
    const others = completionOf(story, { ticket: strange })
    expect(await answered(story, 'ash', encodeCompletion(others))).toBe('not-authorised')
    expect(await answered(story, 'oak', encodeCompletion(others))).toBe('unknown-reference')
    const another = completionOf(story, { worker: key('ash') })
    expect(await answered(story, 'ash', encodeCompletion(another))).toBe('not-authorised')
    expect(await answered(story, 'sage', encodeCompletion(another))).toBe('not-authorised')
  })

  it('endorses whom its society trusts and has dealt with, never its own vouch', async () => {
    const story = await begin()
    const { world, key } = story
    const vouch = { to: key('oak'), watts: 1_000, duration: 86_400_000 }
    const forSage = encodeEndorsement({ sponsor: key('sage'), ...vouch })
    expect(await answered(story, 'ash', forSage)).toBe('not-eligible')
    const own = encodeEndorsement({ sponsor: key('ash'), ...vouch })
    expect(await answered(story, 'ash', own)).toBe('not-authorised')
    const observed = { subject: 'sage', success: true, count: 200 }
    await world.settled(world.replica('ash').write('trust.observe', observed))
    // Known well enough, and trusted too little: nobody has judged a job of it.
    expect(await answered(story, 'ash', forSage)).toBe('not-eligible')
    await world.settled(
      world.replica('ash').write('society.amend', { policy: { vouchTrust: 0.2 } }),
    )
    expect(await answered(story, 'ash', forSage)).toBe('signed')
  })
})

describe('a worker’s node signs for hours (R67)', () => {
  const minute = 60_000
  const hour = 60 * minute

  /** Sage has ash work on tickets of its own; ash’s policy is to sign what it knows. */
  async function work() {
    const story = await begin()
    const { world, key } = story
    const parties = { worker: key('ash'), beneficiary: key('sage') }
    const allocate = (): Promise<RecordId> =>
      world.settled(world.replica('sage').write('work.allocate', { amount: 1, worker: 'ash' }))
    const ask = (id: RecordId, started: number, finished: number): Promise<string> => {
      const told = completionOf(story, { ...parties, ticket: id, started, finished })
      return answered(story, 'ash', encodeCompletion(told))
    }
    const confirm = (id: RecordId, start: number, end: number): Promise<void> =>
      world.settled(world.replica('ash').confirm(id, 0.9, { start, end }))
    /** The same of a ticket, whenever it was worked on while it was open. */
    const allocated = async (): Promise<RecordId> => {
      const id = await allocate()
      await world.settled(world.replica('ash').confirm(id, 0.9))
      return id
    }
    return { story, parties, world, allocate, allocated, ask, confirm }
  }

  it('of tickets that its operator confirmed alone, whatever its policy is', async () => {
    const { story, parties, world, allocate, ask } = await work()
    const open = world.clock.now()
    const ticket = await allocate()
    await world.advance(hour)
    const other = encodeCompletion(completionOf(story, { ...parties, ticket }))
    expect(await answered(story, 'ash', other)).toBe('signed')
    expect(await ask(ticket, open, open + hour)).toBe('not-authorised')
    await world.settled(world.replica('ash').confirm(ticket, 0.8))
    expect(await ask(ticket, open, open + hour)).toBe('not-authorised')
    await world.settled(world.replica('ash').confirm(ticket, 0.9))
    expect(await ask(ticket, open, open + hour)).toBe('signed')
  })

  it('while the ticket was open, and at others that its operator confirmed', async () => {
    const { world, allocated, ask, confirm } = await work()
    await world.advance(hour)
    const open = world.clock.now()
    const ticket = await allocated()
    await world.advance(hour)
    expect(await ask(ticket, open - 1, open + 1)).toBe('not-authorised')
    expect(await ask(ticket, open, open + hour + 121_000)).toBe('not-authorised')
    expect(await ask(ticket, open, open + hour)).toBe('signed')
    const earlier = await allocated()
    await confirm(earlier, open - hour, open)
    expect(await ask(earlier, open - hour, open - 1)).toBe('not-authorised')
    expect(await ask(earlier, open - hour, open)).toBe('signed')
  })

  it('once, whether the completion is in the ledger, still with the asker, or lost', async () => {
    const { story, parties, world, allocated, ask, confirm } = await work()
    const open = world.clock.now()
    const [first, second] = [await allocated(), await allocated()]
    await world.advance(3 * hour)
    // Two at once: one of them is too late.
    const signing = world.wires.node('ash')?.serving.get(protocol)
    const bodies = [first, second].map((ticket) => {
      const times = { started: open, finished: open + hour }
      return encodeCompletion(completionOf(story, { ...parties, ticket, ...times }))
    })
    const both = await world.settled(
      Promise.all(bodies.map(async (body) => signing?.('any', body))),
    )
    const isSigned = both.map((answer) => answer?.[0] === 1)
    expect(isSigned.filter(Boolean)).toHaveLength(1)
    const [signed, other] = isSigned[0] === true ? [first, second] : [second, first]
    // What was signed and what was confirmed outlive a restart.
    await world.stop('ash')
    await world.start('ash')
    expect(await ask(other, open + 59 * minute, open + 2 * hour)).toBe('implausible-proof')
    const times = { started: open, finished: open + hour }
    const complete = { ticket: signed, quality: 0.9, ...times }
    await world.settled(world.replica('sage').write('work.complete', complete))
    expect(await ask(other, open + 59 * minute, open + 2 * hour)).toBe('implausible-proof')
    expect(await ask(other, open + hour, open + 2 * hour)).toBe('signed')
    // A ticket that failed occupies nobody’s hours.
    await world.settled(world.replica('sage').write('work.fail', { ticket: other }))
    const third = await allocated()
    await confirm(third, open + hour, open + 2 * hour)
    expect(await ask(third, open + hour, open + 2 * hour)).toBe('signed')
  })

  it('of one ticket anew, and of no more than a day has', async () => {
    const { world, allocated, ask, confirm } = await work()
    const open = world.clock.now()
    const [long, short] = [await allocated(), await allocated()]
    await world.advance(20 * hour)
    expect(await ask(long, open, open + 17 * hour)).toBe('implausible-proof')
    expect(await ask(long, open, open + 14 * hour)).toBe('signed')
    expect(await ask(long, open, open + 15 * hour)).toBe('signed')
    expect(await ask(short, open + 16 * hour, open + 18 * hour)).toBe('implausible-proof')
    expect(await ask(short, open + 16 * hour, open + 17 * hour)).toBe('signed')
    await confirm(short, open + 14 * hour, open + 15 * hour)
    expect(await ask(short, open + 14 * hour, open + 15 * hour)).toBe('implausible-proof')
  })
})
