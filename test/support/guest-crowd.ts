import { forgeChange, messageOf } from '../../node/simulate/forger.ts'
import { signerOf } from '../../node/simulate/simulated-keys.ts'
import type { World } from '../../node/simulate/world.ts'
import {
  actorOf,
  admitChange,
  decodeChange,
  documentName,
  emptyChain,
  keyOfBytes,
  peekChange,
  recordId,
  recordKinds,
  type Chain,
  type ChangesFrame,
  type RecordId,
  type SocietyKey,
} from '../../protocol/index.ts'
import { trustTopic } from '../../src/gossip.ts'

const federation = 'test-x'

/** A society without a node: what it signs is shown to whom the test likes. */
export class Stranger {
  readonly key: SocietyKey
  readonly frames: ChangesFrame[] = []
  /** Its request to be admitted. */
  readonly join: RecordId
  readonly #name: string
  #chain: Chain

  constructor(name: string, timeMs: number) {
    this.#name = name
    this.key = keyOfBytes(signerOf(name).publicKey)
    this.#chain = emptyChain(actorOf('trust', this.key), documentName('trust', this.key))
    this.write('society.found', { name, federation, adp: 0, witnesses: [] }, timeMs)
    this.join = this.write('federation.join', { federation }, timeMs)
  }

  /** Signs a change with one record; the record's id. */
  write(kind: string, value: object, timeMs: number): RecordId {
    const fields = recordKinds.get(kind)?.write(value) ?? new Map()
    const { bytes, hash, signature } = forgeChange(
      signerOf(this.#name),
      this.#chain,
      [fields],
      timeMs,
    )
    const peeked = peekChange(bytes)
    const decoded = peeked.ok ? decodeChange(bytes, peeked.value) : peeked
    const admitted = decoded.ok ? admitChange(decoded.value, hash, this.#chain) : decoded
    if (!admitted.ok) throw new TypeError(admitted.message)
    this.#chain = admitted.chain
    this.frames.push({ actor: this.#chain.actor, changes: [bytes], signature })
    return recordId(hash, 0)
  }
}

/** Shows a node all that strangers signed, one after the other, as somebody who passes it on. */
export async function show(
  world: World,
  node: string,
  ...strangers: readonly Stranger[]
): Promise<void> {
  for (const { frames } of strangers) {
    for (const frame of frames) {
      void world.wires.node(node)?.hear('somebody', trustTopic(federation), messageOf(frame))
    }
  }
  await world.quiet()
}

/** How far each trust document that a node holds goes, with the digest of its state. */
export function digestsAt(world: World, node: string): ReadonlyMap<string, string> {
  const heads = world.replica(node).documentHeads()
  const trusts = heads.filter(({ kind }) => kind === 'trust')
  return new Map(trusts.map(({ society, seq, state }) => [`${society} ${seq}`, state]))
}

/** Whether a node holds anything of a society. */
export function holds(world: World, node: string, society: SocietyKey): boolean {
  return [...world.replica(node).states().trusts].some((trust) => trust.society === society)
}
