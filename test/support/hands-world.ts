import { randomBytes } from 'node:crypto'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { meterFor } from '../../node/meters/meters.ts'
import { silentLog } from '../../node/silent-log.ts'
import { signerOf } from '../../node/simulate/simulated-keys.ts'
import { World, type WorldParts } from '../../node/simulate/world.ts'
import { keyOfBytes, type RecordId } from '../../protocol/index.ts'
import type { Measurement, Verifier, WitnessOptions } from '../../src/index.ts'
import { meterContext } from './meter-context.ts'

const startMs = Date.parse('2026-11-20T08:00:00Z')
const minute = 60_000
/** Who lives in a world of hands; the first works for the others. */
export const everybody: readonly string[] = ['hands', 'ada', 'bob', 'cid', 'dan']
/** Checks signatures there. */
export const verifier: Verifier = createVerifier()

/** Nodes that can reach no device: what they say of hands, their partners told them. */
export const askingAlone: WitnessOptions = {
  examiner: {
    canReach: () => false,
    nonce: () => randomBytes(16).toString('hex'),
    look: () => Promise.reject(new RangeError('there is no device')),
    countedIn: () => undefined,
  },
  looks: true,
  asks: true,
  plan: { samples: 2, gapMs: 1_000 },
}

/** A world of hands, and what is done in it. */
export type HandsWorld = {
  readonly world: World
  readonly write: (name: string, kind: string, given: object) => Promise<RecordId>
  /** Lets minutes pass in which one works for another, and has the work signed. */
  readonly work: (worker: string, employer: string, minutes: number) => Promise<RecordId>
}

/** Five societies with ATP to work with, and each one's node. */
export async function makeHandsWorld(more: Partial<WorldParts> = {}): Promise<HandsWorld> {
  const signers = new Map(
    everybody.map((name) => {
      const signer = signerOf(name)
      return [keyOfBytes(signer.publicKey), signer] as const
    }),
  )
  const world = new World({
    startMs,
    seed: 1,
    verifier,
    log: silentLog,
    localSigners: signers,
    ...more,
  })
  for (const name of everybody) {
    const policy = { admission: 'open', minimumOccupancy: 0 }
    const founding = { name, federation: 'test-hands', adp: 1000, policy, witnesses: [] }
    await world.add(name, founding, false)
  }
  const write = (name: string, kind: string, given: object): Promise<RecordId> =>
    world.settled(world.replica(name).write(kind, given))
  for (const name of everybody) {
    const transcript = new TextEncoder().encode(JSON.stringify({ meter: name }))
    await world.settled(
      world.replica(name).prove({
        source: `grid:test:meter-${name}`,
        fields: { allocated: 500 },
        measuredAt: world.clock.now(),
        method: 'given by the test',
        transcript,
        simulated: true,
      }),
    )
    const source = `grid:test:meter-${name}`
    await write(name, 'atp.charge', { amount: 300, source, lifetimeDays: 20 })
  }
  const work = async (worker: string, employer: string, minutes: number): Promise<RecordId> => {
    const ticket = await write(employer, 'work.allocate', { amount: 1, worker })
    const started = world.clock.now()
    await world.advance(minutes * minute)
    const finished = world.clock.now()
    return write(employer, 'work.complete', { ticket, quality: 0.9, started, finished })
  }
  return { world, write, work }
}

/** Measures the hands of one, as its own node does. */
export function measureHands({ world }: HandsWorld, name = 'hands'): Promise<Measurement> {
  const node = world.replica(name)
  const context = meterContext({
    now: () => world.clock.now(),
    ledgers: {
      self: node.self,
      receipts: (workers, since) => node.receipts(workers, since),
      citizens: () => node.citizens(),
    },
  })
  const meter = meterFor({ type: 'human', site: '52.4,4.9' }, context)
  return world.settled(meter.measure(new AbortController().signal))
}
