import { createHash } from 'node:crypto'
import { messageOf } from '../../node/simulate/forger.ts'
import type { World } from '../../node/simulate/world.ts'
import {
  recordId,
  type DocumentKind,
  type RecordId,
  type SocietyKey,
} from '../../protocol/index.ts'
import { topicOf } from '../../src/index.ts'
import { fieldsOf } from '../../src/write/resolve.ts'
import { ChainAuthor } from './chain-author.ts'

const federation = 'test-backing'
const encoder = new TextEncoder()

/** SHA-256 of a text, in hex. */
const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')

/** A society without a node of ours: it writes whatever is valid, sensible or not. */
export class RogueSociety {
  readonly #world: World
  readonly #authors: Readonly<Record<DocumentKind, ChainAuthor>>

  private constructor(world: World, name: string) {
    this.#world = world
    this.#authors = { trust: new ChainAuthor(name, 'trust'), pool: new ChainAuthor(name, 'pool') }
  }

  /** Founds one that joins the federation of a world, with 1,000 ADP in its pool. */
  static async found(world: World, name: string): Promise<RogueSociety> {
    const rogue = new RogueSociety(world, name)
    const policy = { 'policy.minimumOccupancy': 0 }
    const terms = { name, federation, adp: 1_000_000, witnesses: [], ...policy }
    const founding = await rogue.write('trust', 'society.found', terms)
    await rogue.write('trust', 'federation.join', { federation })
    await rogue.write('pool', 'pool.open', { founding })
    return rogue
  }

  /** Its key. */
  get key(): SocietyKey {
    return this.#authors.trust.key
  }

  /** Writes a record of wire values and shows it to every node. */
  async write(document: DocumentKind, kind: string, value: object): Promise<RecordId> {
    const author = this.#authors[document]
    const now = this.#world.clock.now()
    const { frame, hash } = author.write([fieldsOf(kind, value)], now)
    const topic = topicOf(federation, frame.actor) ?? ''
    for (const { name } of this.#world.residents.values()) {
      void this.#world.wires.node(name)?.handlers?.gossip('rogue', topic, messageOf(frame))
    }
    await this.#world.quiet()
    return recordId(hash, 0)
  }

  /** Proves a panel of so many watts; what its meter said is told apart. */
  prove(watts: number, said: string): Promise<RecordId> {
    const measuredAt = this.#world.clock.now()
    const evidence = digestOf(said)
    const how = { measuredAt, method: 'test', assurance: 1, evidence }
    return this.write('trust', 'energy.prove', { source: panel, rated: watts * 1_000, ...how })
  }

  /** Publishes what its meter said. */
  tell(proof: RecordId, said: string): Promise<RecordId> {
    return this.write('pool', 'energy.evidence', { proof, transcript: encoder.encode(said) })
  }

  /** Charges on whichever proof it likes. */
  charge(amount: number, proof: RecordId): Promise<RecordId> {
    const lifetime = 86_400_000
    const value = { amount: amount * 1_000, proof, supplies: [], lifetime }
    return this.write('pool', 'atp.charge', value)
  }
}

/** The source that a rogue proves. */
export const panel = 'solar:test:rogue-panel'
