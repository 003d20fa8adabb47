import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { chainOf, forgeChange, messageOf } from '../../node/simulate/forger.ts'
import { signerOf } from '../../node/simulate/simulated-keys.ts'
import { World } from '../../node/simulate/world.ts'
import {
  actorOf,
  admitChange,
  bytesOfKey,
  decodeChange,
  didOf,
  appointingMessage,
  encodeAskedFor,
  encodeTermPlaced,
  keyOfBytes,
  noChange,
  peekChange,
  recordKinds,
  type Appointing,
  type Certificate,
  type ChangesFrame,
  type SocietyKey,
  type TermPlaced,
} from '../../protocol/index.ts'
import { protocols, topicOf } from '../../src/index.ts'
import { silentLog } from '../../node/silent-log.ts'

const startMs = Date.UTC(2026, 5, 21, 12)
const federation = 'test-world'
const verifier = createVerifier()

/** The key of a simulated society. */
export const keyOf = (name: string): SocietyKey => keyOfBytes(signerOf(name).publicKey)
/** The pool of the society whose witnesses change. */
export const sagePool: TermPlaced['actor'] = actorOf('pool', keyOf('sage'))

/** Whether a society of this name has signed a message. */
export function hasSigned(name: string, signature: Uint8Array, message: Uint8Array): boolean {
  return verifier.verify(signature, message, bytesOfKey(keyOf(name)))
}

/** A world in which sage has four witnesses, and others are there to follow them. */
export async function successionWorld(
  seed: number,
  witnesses: readonly string[],
  others: readonly string[],
): Promise<World> {
  const world = new World({ startMs, seed, verifier, log: silentLog, localSigners: new Map() })
  const policy = { admission: 'open' }
  for (const name of ['sage', ...witnesses, ...others]) {
    const own = name === 'sage' ? witnesses.map((each) => didOf(keyOf(each))) : []
    const founding = { name, federation, adp: 10, policy, witnesses: own }
    await world.add(name, founding, true)
  }
  return world
}

/** What a node answers another's question about witnessing; undefined where it refuses. */
async function given(
  world: World,
  witness: string,
  from: string,
  tag: number,
  body: Uint8Array,
): Promise<Uint8Array | undefined> {
  const node = world.wires.node(witness)
  const answer = await node?.ask(from, protocols.acknowledge, Uint8Array.of(tag, ...body))
  return answer?.[0] === tag ? answer.slice(1) : undefined
}

/** Asks a witness to acknowledge a place, as any node would; its signature. */
export function acknowledged(
  world: World,
  witness: string,
  placed: TermPlaced,
): Promise<Uint8Array | undefined> {
  return given(world, witness, 'sage', 1, encodeTermPlaced(placed))
}

/** Asks a witness to acknowledge nothing more before a term. */
export async function ended(
  world: World,
  witness: string,
  term: number,
  from = 'sage',
): Promise<boolean> {
  const body = encodeTermPlaced({ actor: sagePool, seq: 0, hash: noChange, term })
  return (await given(world, witness, from, 3, body)) !== undefined
}

/** Asks a witness to sign for others that follow; its signature. */
export function appointed(
  world: World,
  witness: string,
  appointing: Appointing,
  from = 'sage',
  by = 'sage',
): Promise<Uint8Array | undefined> {
  const signature = signerOf(by).sign(appointingMessage(appointing))
  return given(world, witness, from, 4, encodeAskedFor({ appointing, signature }))
}

/** Changes that sage signed and its own node knows nothing of: where they are, and the frames. */
export type Branch = {
  readonly places: readonly Omit<TermPlaced, 'term'>[]
  readonly frames: readonly ChangesFrame[]
}

/** Where sage's pool stands by its own node. */
export function baseOf(world: World): Omit<TermPlaced, 'term'> {
  const pools = [...world.replica('sage').states().pools]
  const { seq, head } = pools.find(({ society }) => society === keyOf('sage'))?.chain ?? {}
  return { actor: sagePool, seq: seq ?? 0, hash: head ?? noChange }
}

/** Signs so many changes on top of sage's pool; `text` tells branches apart. */
export async function branchOf(world: World, text: string, count: number): Promise<Branch> {
  const signer = signerOf('sage')
  const changes = await world.replica('sage').changes('pool', keyOf('sage'))
  let chain = chainOf('pool', signer, changes)
  const places: Omit<TermPlaced, 'term'>[] = []
  const frames: ChangesFrame[] = []
  for (let at = 0; at < count; at++) {
    const record = new Map([['kind', `no.${text}`]])
    const { bytes, hash, signature } = forgeChange(signer, chain, [record], world.clock.now())
    places.push({ actor: sagePool, seq: chain.seq + 1, hash })
    frames.push({ actor: sagePool, changes: [bytes], signature })
    const peeked = peekChange(bytes)
    const decoded = peeked.ok ? decodeChange(bytes, peeked.value) : peeked
    const admitted = decoded.ok ? admitChange(decoded.value, hash, chain) : decoded
    if (!admitted.ok) throw new TypeError(admitted.message)
    chain = admitted.chain
  }
  return { places, frames }
}

/** The record by which sage appoints others, as a change of its trust document. */
export async function amendmentOf(
  world: World,
  witnesses: readonly SocietyKey[],
  handover: Certificate,
): Promise<ChangesFrame> {
  const signer = signerOf('sage')
  const changes = await world.replica('sage').changes('trust', keyOf('sage'))
  const chain = chainOf('trust', signer, changes)
  const value = { witnesses, replaceWitnesses: true, handover }
  const fields = recordKinds.get('society.amend')?.write(value) ?? new Map()
  const { bytes, signature } = forgeChange(signer, chain, [fields], world.clock.now())
  return { actor: chain.actor, changes: [bytes], signature }
}

/** Shows a node a frame as gossip would. */
export async function shown(world: World, to: string, frame: ChangesFrame): Promise<void> {
  const topic = topicOf(federation, frame.actor) ?? ''
  await world.wires.node(to)?.hear('sage', topic, messageOf(frame))
}
