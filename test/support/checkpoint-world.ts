import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { silentLog } from '../../node/silent-log.ts'
import { signerOf } from '../../node/simulate/simulated-keys.ts'
import { World } from '../../node/simulate/world.ts'
import {
  canonicalJson,
  didOf,
  keyOfBytes,
  type Actor,
  type DocumentState,
  type SocietyKey,
} from '../../protocol/index.ts'
import type { HistoryKept } from '../../src/index.ts'
import { readBase } from '../../src/ledger/base.ts'

const startMs = Date.UTC(2026, 5, 21, 12)
const dayMs = 86_400_000
const verifier = createVerifier()
/** The witnesses of sage. */
export const witnesses: readonly string[] = ['w1', 'w2', 'w3', 'w4']

/** The key of a simulated society. */
export const keyOf = (name: string): SocietyKey => keyOfBytes(signerOf(name).publicKey)

/** A world in which sage has four witnesses; some nodes keep a window of history only. */
export async function checkpointWorld(
  seed: number,
  windows: readonly string[],
  others: readonly string[] = [],
): Promise<World> {
  const history = new Map(windows.map((name) => [name, 'window' satisfies HistoryKept] as const))
  const localSigners = new Map([...witnesses, 'sage'].map((name) => [keyOf(name), signerOf(name)]))
  const parts = { startMs, seed, verifier, log: silentLog, localSigners, history }
  const world = new World(parts)
  for (const name of ['sage', ...witnesses, ...others]) await join(world, name)
  return world
}

/** Adds a society to a world; only sage has witnesses. */
export async function join(world: World, name: string): Promise<void> {
  const own = name === 'sage' ? witnesses.map((each) => didOf(keyOf(each))) : []
  const policy = { admission: 'open' }
  const founding = { name, federation: 'test-world', adp: 100, policy, witnesses: own }
  await world.add(name, founding, false)
}

/** What sage does on a day: it proves, charges and works a little. */
async function workADay(world: World, times = 1): Promise<void> {
  const sage = world.replica('sage')
  const at = world.clock.now()
  const source = 'grid:test:sage'
  await world.settled(
    sage.prove({
      source,
      fields: { allocated: 1_000 },
      measuredAt: at,
      method: 'test',
      transcript: new TextEncoder().encode(`measured at ${at}`),
      simulated: false,
    }),
  )
  for (let time = 0; time < times; time++) {
    await world.settled(sage.write('atp.charge', { source, amount: 2 }))
    const given = { amount: 1, worker: didOf(keyOf('w1')), description: `work of ${at}` }
    const ticket = await world.settled(sage.write('work.allocate', given))
    await world.settled(sage.write('work.fail', { ticket }))
  }
}

/** So many days; sage works on each `step`-th. With more than ten, nodes look once a day. */
export async function liveDays(world: World, days: number, times = 1, step = 11): Promise<void> {
  for (let day = 0; day < days; day += step) {
    await workADay(world, times)
    await world.advance(step * dayMs)
  }
}

/** Canonical states of all documents as a node has them, by actor. */
export function statesOf(world: World, name: string): ReadonlyMap<Actor, string> {
  const { trusts, pools } = world.replica(name).states()
  const states: DocumentState[] = [...trusts, ...pools]
  const entries = states.map((state) => [state.chain.actor, canonicalJson(state)] as const)
  return new Map(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** Entries of a node's store by the beginning of their keys, and their bytes. */
export async function storedBy(
  world: World,
  name: string,
  beginning: string,
): Promise<{ readonly keys: readonly string[]; readonly bytes: number }> {
  const found: string[] = []
  let bytes = 0
  const range = { gte: beginning, lt: `${beginning}\x7f` }
  for await (const [key, value] of world.resident(name).disk.open().range(range)) {
    found.push(key)
    bytes += key.length + value.length
  }
  return { keys: found, bytes }
}

/** Number of the change from which on a node keeps a document; 0 where it keeps all of it. */
export async function keptFrom(world: World, name: string, actor: Actor): Promise<number> {
  const base = await readBase(world.resident(name).disk.open(), actor)
  return base?.checkpoint.seq ?? 0
}
