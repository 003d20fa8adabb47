import { createHash } from 'node:crypto'
import {
  actorOf,
  admitChange,
  canonicalJson,
  checkpointMessage,
  checkpointPartBytes,
  contentDigest,
  decodeChange,
  decodeSyncRequest,
  didOf,
  encodeSyncResponse,
  isKept,
  keyOfBytes,
  ownerOfActor,
  peekChange,
  readContent,
  recordId,
  recordKinds,
  type Actor,
  type Chain,
  type ChangeHash,
  type ChangesFrame,
  type Checkpoint,
  type CheckpointContent,
  type Fields,
  type KeptChange,
  type PoolState,
  type SocietyKey,
  type SyncRequest,
  type SyncResponse,
} from '../../../protocol/index.ts'
import { protocols, topicOf, type Replica, type Signer } from '../../../src/index.ts'
import { chainOf, forgeChange, messageOf } from '../forger.ts'
import type { SeededRandom } from '../random.ts'
import { signerOf } from '../simulated-keys.ts'
import { baited } from './bait.ts'
import { altered } from './bent-content.ts'
import type { TortureWorld, Victim } from './torture-world.ts'

/** What a sham needs of the run that it is in. */
export type ShamParts = {
  readonly world: TortureWorld
  /** A record that nobody should believe. */
  readonly rogue: (random: SeededRandom) => Fields
  readonly told: (what: string) => void
}

const federation = 'test-torture'
/** How often a content is bent until it is one that a node takes. */
const bendsMax = 200

const hashOf = (text: string): ChangeHash =>
  createHash('sha256').update(text).digest('hex') as ChangeHash

function ran<T>(work: Generator<number, T>): T {
  for (;;) {
    const next = work.next()
    if (next.done === true) return next.value
  }
}

/** What a node knows of a pool's changes, as far as a content tells it. */
async function keptOf(replica: Replica, pool: PoolState): Promise<readonly KeptChange[]> {
  const changes: KeptChange[] = []
  for (const bytes of await replica.changes('pool', pool.society)) {
    const peeked = peekChange(bytes)
    if (!peeked.ok) continue
    const { hash, header } = peeked.value
    const kept = { hash, seq: header.seq, time: header.time, borrowedUntil: 0, ended: {} }
    const [kinds, voids, outcomes]: [string[], KeptChange['voids'], KeptChange['outcomes']] = [
      [],
      {},
      {},
    ]
    for (let place = 0; ; place++) {
      const record = await replica.record(recordId(hash, place))
      if (record === undefined) break
      kinds.push(record.kind)
      if (record.void !== null) Object.assign(voids, { [place]: record.void })
      if (record.outcome !== null) Object.assign(outcomes, { [place]: record.outcome })
    }
    const change = { ...kept, kinds, voids, outcomes }
    if (isKept(change, pool.time)) changes.push(change)
  }
  return changes
}

/** Somebody else's pool under another society's name, with hashes of its own, as text. */
function renamed(content: CheckpointContent, to: SocietyKey): string {
  const from = content.state.society
  let text = canonicalJson(content).replaceAll(from, to).replaceAll(didOf(from), didOf(to))
  for (const { hash } of content.changes) text = text.replaceAll(hash, hashOf(`${hash} ${to}`))
  return text
}

/**
 * A society of a stranger's, all of whose witnesses are the stranger as well: it has a pool only
 * from a checkpoint, of a content that nobody came to, and goes on from there as it likes.
 */
export class Sham {
  readonly #parts: ShamParts
  readonly #name: string
  readonly #signer: Signer
  readonly #key: SocietyKey
  readonly #frames: Map<Actor, ChangesFrame[]> = new Map()
  readonly #chains: Map<Actor, Chain> = new Map()
  #checkpoint: Checkpoint | undefined
  #content: Uint8Array = new Uint8Array()
  #isBegun = false

  constructor(name: string, parts: ShamParts) {
    this.#parts = parts
    this.#name = name
    this.#signer = signerOf(name)
    this.#key = keyOfBytes(this.#signer.publicKey)
  }

  /** Shows itself to everybody the first time, and later what it has written since. */
  async happen(random: SeededRandom): Promise<void> {
    if (!this.#isBegun) {
      this.#isBegun = await this.#begin(random)
      return
    }
    this.#parts.told('sham')
    this.#write('pool', [this.#parts.rogue(random)])
  }

  async #begin(random: SeededRandom): Promise<boolean> {
    const { world, told } = this.#parts
    const model = world.victims.find(({ history, replica }) => history === 'all' && replica)
    const checkpoint = model && (await this.#checkpointOf(model, random))
    if (checkpoint === undefined) return false
    this.#checkpoint = checkpoint
    const founding = { name: this.#name, federation, adp: 1_000_000, witnesses: this.#witnesses }
    this.#chains.set(actorOf('trust', this.#key), chainOf('trust', this.#signer, []))
    for (const [kind, value] of [
      ['society.found', founding],
      ['federation.join', { federation }],
    ] as const) {
      const fields = recordKinds.get(kind)?.write(value)
      if (fields !== undefined) this.#write('trust', [fields])
    }
    const network = world.wires.join(this.#name)
    network.serve(protocols.sync, async (_peer, body) => {
      const asked = decodeSyncRequest(body)
      if (!asked.ok) throw new TypeError(asked.message)
      return encodeSyncResponse(this.#answer(asked.value))
    })
    const nothing = (): void => {}
    const deaf = {
      connected: nothing,
      disconnected: nothing,
      gossip: async () => 'ignore' as const,
    }
    await network.start(deaf)
    told('sham checkpoint')
    return true
  }

  get #puppets(): readonly Signer[] {
    return [0, 1, 2, 3].map((nth) => signerOf(`${this.#name} witness ${nth}`))
  }

  get #witnesses(): readonly SocietyKey[] {
    return this.#puppets.map(({ publicKey }) => keyOfBytes(publicKey))
  }

  /** A checkpoint of a content made of somebody's pool; undefined where none could be made. */
  async #checkpointOf(model: Victim, random: SeededRandom): Promise<Checkpoint | undefined> {
    const { replica, key } = model
    const pool = [...(replica?.states().pools ?? [])].find(({ society }) => society === key)
    if (replica === null || pool === undefined || pool.chain.head === null) return undefined
    const actor = actorOf('pool', this.#key)
    const kept = await keptOf(replica, pool)
    const pools = [...replica.states().pools].filter(({ society }) => society !== key)
    const honest = renamed(baited({ state: pool, changes: kept }, pools, random), this.#key)
    const draw = (limit: number): number => Math.floor(random.next() * limit)
    for (let bends = 0; bends < bendsMax; bends++) {
      const content = new TextEncoder().encode(altered(honest, draw))
      const read = ran(readContent(content, actor))
      if (read === undefined) continue
      const { chain } = read.state
      this.#chains.set(actor, chain)
      this.#content = content
      return this.#signed(actor, chain, content)
    }
    return undefined
  }

  #signed(actor: Actor, { seq, head }: Chain, content: Uint8Array): Checkpoint {
    const terms = { size: content.length, digest: contentDigest(content), term: 0 }
    const statement = { actor, seq, hash: head as ChangeHash, ...terms }
    const signatures = this.#puppets.map((puppet) => ({
      witness: keyOfBytes(puppet.publicKey),
      signature: puppet.sign(checkpointMessage(statement)),
    }))
    signatures.sort((a, b) => (a.witness < b.witness ? -1 : 1))
    return { ...statement, signatures }
  }

  /** A signed change; undefined where a bent state has it say what no change can hold. */
  #forged(chain: Chain, records: readonly Fields[]): ReturnType<typeof forgeChange> | undefined {
    try {
      return forgeChange(this.#signer, chain, records, this.#parts.world.clock.now())
    } catch (error) {
      if (error instanceof RangeError) return undefined
      throw error
    }
  }

  /** Writes a change and tells everybody who is up. */
  #write(kind: 'trust' | 'pool', records: readonly Fields[]): void {
    const { world } = this.#parts
    const actor = actorOf(kind, this.#key)
    const chain = this.#chains.get(actor)
    if (chain === undefined) return
    const forged = this.#forged(chain, records)
    if (forged === undefined) return
    const { bytes, signature } = forged
    const peeked = peekChange(bytes)
    const decoded = peeked.ok ? decodeChange(bytes, peeked.value) : peeked
    if (!peeked.ok || !decoded.ok) return
    const admitted = admitChange(decoded.value, peeked.value.hash, chain)
    if (!admitted.ok) return
    this.#chains.set(actor, admitted.chain)
    const frame = { actor, changes: [bytes], signature }
    this.#frames.set(actor, [...(this.#frames.get(actor) ?? []), frame])
    for (const { name } of world.victims) {
      void world.wires
        .node(name)
        ?.hear(this.#name, topicOf(federation, actor) ?? '', messageOf(frame))
    }
  }

  /** Its frames from a number on. */
  #framesFrom(actor: Actor, from: number): readonly ChangesFrame[] {
    const frames = this.#frames.get(actor) ?? []
    const first = (this.#chains.get(actor)?.seq ?? 0) - frames.length + 1
    return from < first ? [] : frames.slice(from - first)
  }

  #answer(asked: SyncRequest): SyncResponse {
    switch (asked.type) {
      case 'frontier': {
        const entries = [...this.#chains].flatMap(([actor, { seq, head }]) =>
          head === null ? [] : [{ actor, seq, hash: head }],
        )
        return {
          type: 'frontier',
          entries: entries.sort((a, b) => (a.actor < b.actor ? -1 : 1)),
          ends: [],
        }
      }
      case 'changes':
        return { type: 'changes', frames: this.#framesFrom(asked.actor, asked.from) }
      case 'checkpoint': {
        const isOfIt = ownerOfActor(asked.actor)?.kind === 'pool'
        const at = asked.part * checkpointPartBytes
        const bytes = isOfIt ? this.#content.slice(at, at + checkpointPartBytes) : new Uint8Array()
        return { type: 'checkpoint', checkpoint: isOfIt ? (this.#checkpoint ?? null) : null, bytes }
      }
      case 'pedigree':
        return { type: 'pedigree', frames: [] }
      case 'named':
      case 'end':
        return { type: 'named', frames: [], evidence: [] }
    }
  }
}
