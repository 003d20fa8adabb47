import { createHash } from 'node:crypto'
import {
  actorOf,
  changeMessage,
  encodeEvidence,
  encodeGossip,
  headMessage,
  keyOfBytes,
  recordId,
  recordKinds,
  type Chain,
  type ChangeHash,
  type ChangesFrame,
  type DocumentKind,
  type Fields,
} from '../../../protocol/index.ts'
import { Failure, topicOf, type Replica } from '../../../src/index.ts'
import { chainOf, forgeChange, messageOf } from '../forger.ts'
import type { SeededRandom } from '../random.ts'
import { pick } from './actions.ts'
import type { TortureWorld, Victim } from './torture-world.ts'

/** A past that a liar made up beside that of its node: where it stands, and what is in it. */
type Branch = { readonly changes: readonly Uint8Array[] }

/** Whom something is shown to, by name. */
export type Audience = (name: string) => boolean

/** What a lie is part of, where it is not just any. */
export type Plot = {
  readonly way?: Way
  readonly audience?: Audience
  /** How many of the chain's changes the second past begins with. */
  readonly from?: number
  /** The record that is to be in it. */
  readonly fields?: Fields
}

/** A change that a liar has made up. */
export type Forged = {
  readonly hash: ChangeHash
  readonly fields: Fields
  readonly frame: ChangesFrame
}

/** What a liar needs of the world. */
export type LiarParts = {
  readonly world: TortureWorld
  readonly victim: Victim
  /** Hands a message to a node, as if it had come by gossip. */
  readonly hand: (from: string, to: Victim, topic: string, message: Uint8Array) => void
  /** A lie is told in this way. */
  readonly told: (what: string) => void
}

/** Where the operations of a change's bytes are hashed from, and where the checksum is. */
const hashedStart = 8
const checksumStart = 4

/**
 * What a lying society signs behind the back of its node, and whom it shows that to. Knows no rule:
 * whatever it makes up is for the honest to find out.
 */
export class Liar {
  readonly #parts: LiarParts
  readonly #world: TortureWorld
  readonly #victim: Victim
  readonly #branches: Map<DocumentKind, Branch> = new Map()

  constructor(parts: LiarParts) {
    this.#parts = parts
    this.#world = parts.world
    this.#victim = parts.victim
  }

  /** Tells one lie, or none where there is nothing to lie about. Answers what was made up. */
  async lie(
    replica: Replica,
    wanted: Wanted,
    random: SeededRandom,
    plot: Plot = {},
  ): Promise<Forged | undefined> {
    const way = plot.way ?? pick(random, ways) ?? 'newest'
    const document = documentFor(way, wanted, plot, random)
    const changes = await replica.changes(document, this.#victim.key)
    if (changes.length === 0) return undefined
    if (plot.from !== undefined) {
      this.#branches.set(document, { changes: changes.slice(0, plot.from) })
    }
    this.#parts.told(way)
    const { name: self } = this.#victim
    const audience =
      plot.audience ?? ((name: string): boolean => name !== self && random.next() < 1 / 2)
    if (way === 'head' || way === 'early-head') {
      this.#showHead(document, changes, way, random, audience)
    } else if (way === 'impersonate') {
      await this.#impersonate(replica, document, random, audience)
    } else if (way === 'withhold') {
      this.#withhold(document, changes, random, audience)
    } else {
      const rogue = way === 'rogue' ? wanted.rogue : undefined
      const fields = plot.fields ?? rogue ?? (await this.#fieldsFor(replica, document, wanted))
      return this.#forge({ document, changes, way, fields }, random, audience)
    }
    return undefined
  }

  /** Signs a change with a record on top of some past, and shows it. */
  #forge(
    { document, changes, way, fields }: Draft,
    random: SeededRandom,
    audience: Audience,
  ): Forged {
    const known = this.#branches.get(document)
    const base = way === 'extend' && known !== undefined ? known : branchAt(changes, way, random)
    const chain = chainOf(document, this.#victim.signer, base.changes)
    const now = this.#world.clock.now() + this.#victim.offsetMs
    const time = way === 'backdate' ? chain.time : now + Math.floor(random.next() * 1_000)
    const forged = forgeChange(this.#victim.signer, chain, [fields], time)
    const { actor } = chain
    const { hash } = forged
    const frame = { actor, changes: [forged.bytes], signature: forged.signature }
    if (way === 'garble') {
      this.#show({ actor, ...garbled(this.#victim, forged.bytes) }, random, audience)
      return { hash, fields, frame }
    }
    if (way === 'rogue') {
      this.#show(frame, random, () => true)
      return { hash, fields, frame }
    }
    const branch = { changes: [...base.changes, forged.bytes] }
    this.#branches.set(document, branch)
    // Sometimes all since the past that everybody knows, as sync would bring it.
    const from =
      random.next() < 1 / 2 ? branch.changes.length - 1 : random.next() * branch.changes.length
    const run = branch.changes.slice(Math.floor(from))
    this.#show({ ...frame, changes: run }, random, audience)
    return { hash, fields, frame: { ...frame, changes: run } }
  }

  /** Shows everybody what was made up for a few. */
  showAgain({ frame }: Forged, random: SeededRandom): void {
    this.#show(frame, random, () => true)
  }

  async #fieldsFor(replica: Replica, document: DocumentKind, wanted: Wanted): Promise<Fields> {
    try {
      const draft = await replica.draft(wanted.kind, wanted.with)
      if (draft.document === document) return draft.fields
    } catch (error) {
      if (!(error instanceof Failure)) throw error
    }
    const kind = document === 'trust' ? 'society.amend' : 'work.request'
    const plain = { to: wanted.other, amount: 1 + Math.floor(wanted.roll * 1_000) }
    return (await replica.draft(kind, document === 'trust' ? {} : plain)).fields
  }

  /** Says something in another's name, under a signature of its own: nobody may believe it. */
  async #impersonate(
    replica: Replica,
    document: DocumentKind,
    random: SeededRandom,
    audience: Audience,
  ): Promise<void> {
    const other = pick(random, this.#world.victims)
    if (other === undefined || other === this.#victim) return
    const changes = await replica.changes(document, other.key)
    if (changes.length === 0) return
    const { signer } = this.#victim
    const actor = actorOf(document, other.key)
    const sign = {
      publicKey: other.signer.publicKey,
      sign: (message: Uint8Array) => signer.sign(message),
    }
    const chain = chainOf(
      document,
      sign,
      changes.slice(0, Math.ceil(random.next() * changes.length)),
    )
    const now = this.#world.clock.now()
    const { bytes, signature } = forgeChange(sign, chain, [new Map([['kind', 'no.such']])], now)
    const run = { type: 'run', changes: [bytes], signature } as const
    const head = { author: other.key, document, seq: 1, hash: 'a'.repeat(64), time: now }
    const signed = { head, signature: signer.sign(headMessage(head)) }
    const said = pick(random, [
      { type: 'changes', frame: { actor, changes: [bytes], signature } },
      { type: 'head', head: signed },
      {
        type: 'evidence',
        evidence: encodeEvidence({ actor, statements: [run, { type: 'head', head: signed }] }),
      },
    ] as const)
    if (said !== undefined) this.#showMessage(actor, encodeGossip(said), random, audience)
  }

  /**
   * Three changes under one signature, the second of which names what nobody has: whoever gets them
   * can judge the first alone, and has no signature of its own for it.
   */
  #withhold(
    document: DocumentKind,
    changes: readonly Uint8Array[],
    random: SeededRandom,
    audience: Audience,
  ): void {
    const { signer } = this.#victim
    const key = keyOfBytes(signer.publicKey)
    const missing = recordId(createHash('sha256').update(String(random.next())).digest('hex'), 0)
    const [kind, value] =
      document === 'pool'
        ? ['trade.claim', { settlement: missing }]
        : ['federation.admit', { join: missing, society: key }]
    const naming = recordKinds.get(kind)?.write(value)
    if (naming === undefined) return
    const run: Uint8Array[] = []
    let signature: Uint8Array = new Uint8Array()
    for (const fields of [new Map([['kind', 'no.such']]), naming, naming]) {
      const chain = chainOf(document, signer, [...changes, ...run])
      const forged = forgeChange(signer, chain, [fields], this.#world.clock.now())
      run.push(forged.bytes)
      signature = forged.signature
    }
    this.#show({ actor: actorOf(document, key), changes: run, signature }, random, audience)
  }

  #showHead(
    document: DocumentKind,
    changes: readonly Uint8Array[],
    way: Way,
    random: SeededRandom,
    audience: Audience,
  ): void {
    const { signer } = this.#victim
    const author = keyOfBytes(signer.publicKey)
    const seq = 1 + Math.floor(random.next() * changes.length)
    const chain = chainOf(document, signer, changes.slice(0, seq))
    const other = createHash('sha256').update(String(random.next())).digest('hex')
    const head = {
      author,
      document,
      seq,
      hash: way === 'early-head' ? (chain.head as string) : other,
      // True as it is, but of a time at which the chain went on already.
      time: this.#world.clock.now() + (way === 'early-head' ? 100_000 : 0),
    }
    const signature = signer.sign(headMessage(head))
    const message = encodeGossip({ type: 'head', head: { head, signature } })
    this.#showMessage(actorOf(document, author), message, random, audience)
  }

  #show(frame: ChangesFrame, random: SeededRandom, audience: Audience): void {
    this.#showMessage(frame.actor, messageOf(frame), random, audience)
  }

  /** Shows a message to some of the others, each in its own time, whatever divides them. */
  #showMessage(
    actor: Chain['actor'],
    message: Uint8Array,
    random: SeededRandom,
    audience: Audience,
  ): void {
    const { victims, clock } = this.#world
    const { hand } = this.#parts
    const { name, founding } = this.#victim
    const topic = topicOf(founding.federation, actor) ?? ''
    for (const other of victims) {
      if (!audience(other.name)) continue
      // Its own node first, lest that writes something else in the same place.
      const ms = other === this.#victim ? 1 : 1 + Math.floor(random.next() * 30_000)
      clock.after(ms, () => hand(name, other, topic, message.slice()))
    }
  }
}

/** A record that the liar would like to have in its second past. */
export type Wanted = {
  readonly kind: string
  readonly with: unknown
  /** Some other society, and a number in [0, 1), for when that is not possible. */
  readonly other: string
  readonly roll: number
  /** A record that no honest node would write. */
  readonly rogue: Fields
}

/** A change to be made up. */
type Draft = {
  readonly document: DocumentKind
  /** The chain as the liar's node has it. */
  readonly changes: readonly Uint8Array[]
  readonly way: Way
  readonly fields: Fields
}

/** Which document a lie is told in. */
function documentFor(way: Way, wanted: Wanted, plot: Plot, random: SeededRandom): DocumentKind {
  const chance = random.next()
  if (way === 'rogue') {
    const kind = String((plot.fields ?? wanted.rogue).get('kind'))
    // One in sixteen where it does not belong.
    return (recordKinds.get(kind)?.document === 'trust') === chance > 1 / 16 ? 'trust' : 'pool'
  }
  return plot.way !== undefined || chance < 3 / 4 ? 'pool' : 'trust'
}

/** How a lie is told. */
export type Way =
  | 'withhold'
  | 'impersonate'
  | 'rogue'
  | 'newest'
  | 'earlier'
  | 'extend'
  | 'backdate'
  | 'garble'
  | 'head'
  | 'early-head'

const ways: readonly Way[] = [
  ...(['newest', 'newest', 'newest', 'earlier', 'extend', 'extend', 'extend'] as const),
  ...(['rogue', 'rogue', 'rogue', 'rogue', 'rogue'] as const),
  ...([
    'impersonate',
    'impersonate',
    'withhold',
    'withhold',
    'backdate',
    'garble',
    'head',
    'early-head',
  ] as const),
]

/** The part of a chain that a new past begins with. */
function branchAt(changes: readonly Uint8Array[], way: Way, random: SeededRandom): Branch {
  if (way === 'rogue' || way === 'withhold') return { changes }
  if (way !== 'earlier') return { changes: changes.slice(0, -1) }
  return { changes: changes.slice(0, Math.floor(random.next() * changes.length)) }
}

/** A change whose operations nobody can read, under a hash and a signature that fit. */
function garbled(
  { signer }: Victim,
  bytes: Uint8Array,
): Pick<ChangesFrame, 'changes' | 'signature'> {
  const broken = bytes.slice()
  const last = broken.length - 1
  broken[last] = (broken[last] ?? 0) ^ 0xff
  const hash = createHash('sha256').update(broken.subarray(hashedStart)).digest()
  broken.set(hash.subarray(0, 4), checksumStart)
  const hex = hash.toString('hex') as Parameters<typeof changeMessage>[0]
  return { changes: [broken], signature: signer.sign(changeMessage(hex)) }
}
