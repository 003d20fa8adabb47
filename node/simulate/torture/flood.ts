import { createHash } from 'node:crypto'
import {
  actorOf,
  documentName,
  emptyChain,
  encodeChange,
  encodeEvidence,
  encodeGossip,
  changeMessage,
  headMessage,
  keyOfBytes,
  operationsFor,
  recordKinds,
  type ChangeHash,
  type DocumentKind,
  type SocietyKey,
} from '../../../protocol/index.ts'
import { Failure, topicOf, type Signer } from '../../../src/index.ts'
import { chainOf, forgeChange, messageOf } from '../forger.ts'
import type { SeededRandom } from '../random.ts'
import { signerOf } from '../simulated-keys.ts'
import { pick } from './actions.ts'
import type { TortureWorld, Victim } from './torture-world.ts'

/** What floods need of the run that they come over. */
export type FloodParts = {
  readonly world: TortureWorld
  /** From now on a society's own word counts for nothing. */
  readonly lies: (society: SocietyKey) => void
  /** A flood was poured. */
  readonly told: (what: string) => void
  /** Hands a message to a node, as if it had come by gossip. */
  readonly hand: (from: string, to: Victim, topic: string, message: Uint8Array) => void
  readonly fail: (what: string) => void
}

/** Messages of a flood, as they arrive at one node. */
type Wave = (victim: Victim, count: number, random: SeededRandom) => Promise<readonly Drop[]>
type Drop = { readonly topic: string; readonly message: Uint8Array }

/** More frames than may wait for others at a node. */
const gapsMax = 2_500
/** More messages than may wait to be judged at a node. */
const burstMax = 17_000
/** More strangers than a node keeps documents of. */
const strangersMax = 700

const hashOf = (text: string): ChangeHash =>
  createHash('sha256').update(text).digest('hex') as ChangeHash

/** Whatever a node must take without growing, stumbling or believing it. */
export class Flood {
  readonly #parts: FloodParts

  constructor(parts: FloodParts) {
    this.#parts = parts
  }

  /** Pours one sort of flood on one to three nodes, all within a second. */
  async pour(victim: Victim, random: SeededRandom): Promise<void> {
    const { world, told, hand } = this.#parts
    const [name, wave, most] = pick(random, this.#waves) ?? this.#waves[0]
    const count = random.next() < 1 / 4 ? most : 1 + Math.floor((random.next() * most) / 10)
    const drops = await wave(victim, count, random)
    told(`flood of ${name}`)
    const targets = 1 + Math.floor(random.next() * 3)
    for (let i = 0; i < targets; i++) {
      const to = pick(random, world.victims) as Victim
      if (to === victim) continue
      const spread = random.next() < 1 / 2 ? 1 : 1_000
      const start = Math.floor(random.next() * 5_000)
      const times = Array.from({ length: spread }, (_, at) =>
        drops.filter((_drop, place) => place % spread === at),
      )
      times.forEach((some, at) =>
        world.clock.after(start + at, () => {
          for (const { topic, message } of some) hand(victim.name, to, topic, message.slice())
        }),
      )
      this.#question(victim, to, random)
    }
  }

  readonly #waves: readonly [Waves, ...Waves[]] = [
    ['gaps', (victim, count) => this.#gaps(victim, count), gapsMax],
    ['garbage', (victim, count, random) => this.#garbage(victim, count, random), gapsMax],
    ['repetitions', (victim, count) => this.#repetitions(victim, count), burstMax],
    [
      'strangers',
      async (victim, count, random) => this.#strangers(victim, count, random),
      strangersMax,
    ],
    [
      'strangers’ heads',
      async (victim, count, random) => this.#heads(victim, count, random),
      strangersMax,
    ],
    [
      'strangers’ lies',
      async (victim, count, random) => this.#lies(victim, count, random),
      strangersMax,
    ],
  ]

  #drop(victim: Victim, actor: Parameters<typeof topicOf>[1], message: Uint8Array): Drop {
    return { topic: topicOf(victim.founding.federation, actor) ?? '', message }
  }

  /** Changes far ahead of the chain, each of which follows something that nobody has. */
  async #gaps(victim: Victim, count: number): Promise<readonly Drop[]> {
    const changes = (await victim.replica?.changes('pool', victim.key)) ?? []
    this.#parts.lies(victim.key)
    const chain = chainOf('pool', victim.signer, changes)
    const now = this.#parts.world.clock.now()
    const fields = [new Map([['kind', 'no.such']])]
    return Array.from({ length: count }, (_, i) => {
      const seq = chain.seq + 1_000 + 2 * i
      const { bytes, hash } = encodeChange({
        actor: chain.actor,
        seq,
        startOperation: chain.nextOperation,
        time: now,
        previous: hashOf(`gap ${seq} ${now}`),
        operations: operationsFor(fields, chain),
      })
      const signature = victim.signer.sign(changeMessage(hash))
      return this.#drop(
        victim,
        chain.actor,
        messageOf({ actor: chain.actor, changes: [bytes], signature }),
      )
    })
  }

  /** Real messages, broken: cut off, with flipped bits, or nothing but noise. */
  async #garbage(victim: Victim, count: number, random: SeededRandom): Promise<readonly Drop[]> {
    const real = await this.#repetitions(victim, 1)
    return Array.from({ length: count }, () => {
      const { topic, message } = real[0] as Drop
      const broken = message.slice(0, 1 + Math.floor(random.next() * message.length))
      const flips = Math.floor(random.next() * 4)
      for (let i = 0; i < flips; i++) {
        broken[Math.floor(random.next() * broken.length)] = Math.floor(random.next() * 256)
      }
      return { topic, message: broken }
    })
  }

  /** One true message over and over. */
  async #repetitions(victim: Victim, count: number): Promise<readonly Drop[]> {
    const document: DocumentKind = 'trust'
    const changes = (await victim.replica?.changes(document, victim.key)) ?? []
    const newest = changes.at(-1)
    const { actor, head } = chainOf(document, victim.signer, changes)
    if (newest === undefined || head === null) return [this.#drop(victim, actor, new Uint8Array(1))]
    const signature = victim.signer.sign(changeMessage(head))
    const message = messageOf({ actor, changes: [newest], signature })
    return Array.from({ length: count }, () => this.#drop(victim, actor, message))
  }

  #newKeys(victim: Victim, count: number, random: SeededRandom): readonly Signer[] {
    const roll = Math.floor(random.next() * 1e9)
    return Array.from({ length: count }, (_, i) => signerOf(`stranger ${victim.name} ${roll} ${i}`))
  }

  /** First changes of societies that nobody knows and that do not join. */
  #strangers(victim: Victim, count: number, random: SeededRandom): readonly Drop[] {
    return this.#newKeys(victim, count, random).map((signer) => {
      const { actor, frame } = this.#founded(victim, signer, 0)
      return this.#drop(victim, actor, messageOf(frame))
    })
  }

  #founded(victim: Victim, signer: Signer, adp: number) {
    const key = keyOfBytes(signer.publicKey)
    const actor = actorOf('trust', key)
    const { federation } = victim.founding
    const found = { name: 'stranger', federation, adp, witnesses: [] }
    const fields = recordKinds.get('society.found')?.write(found) ?? new Map()
    const chain = emptyChain(actor, documentName('trust', key))
    const forged = forgeChange(signer, chain, [fields], this.#parts.world.clock.now())
    const frame = { actor, changes: [forged.bytes], signature: forged.signature }
    return { actor, frame }
  }

  /** Signed heads of documents that nobody has. */
  #heads(victim: Victim, count: number, random: SeededRandom): readonly Drop[] {
    const time = this.#parts.world.clock.now()
    return this.#newKeys(victim, count, random).map((signer) => {
      const author = keyOfBytes(signer.publicKey)
      const document = 'trust'
      const head = { author, document, seq: 1, hash: hashOf(author), time } as const
      const signature = signer.sign(headMessage(head))
      const message = encodeGossip({ type: 'head', head: { head, signature } })
      return this.#drop(victim, actorOf(document, author), message)
    })
  }

  /** True evidence that keys which nobody knows have signed two pasts. */
  #lies(victim: Victim, count: number, random: SeededRandom): readonly Drop[] {
    return this.#newKeys(victim, count, random).map((signer) => {
      const runs = [0, 1].map((adp) => this.#founded(victim, signer, adp))
      const statements = runs.map(({ frame: { changes, signature } }) => {
        return { type: 'run', changes, signature } as const
      })
      const actor = actorOf('trust', keyOfBytes(signer.publicKey))
      const evidence = encodeEvidence({ actor, statements })
      return this.#drop(victim, actor, encodeGossip({ type: 'evidence', evidence }))
    })
  }

  /** Asks what nobody should ask: a node may refuse, but with a reason. */
  #question(victim: Victim, to: Victim, random: SeededRandom): void {
    const { world, fail } = this.#parts
    const body = Uint8Array.from({ length: 1 + Math.floor(random.next() * 200) }, () =>
      Math.floor(random.next() * 256),
    )
    // The tag of a question; what follows is noise.
    body[0] = 1 + Math.floor(random.next() * 8)
    const node = world.wires.node(to.name)
    for (const protocol of node?.serving.keys() ?? []) {
      void node?.ask(victim.name, protocol, body)?.catch((error: unknown) => {
        if (error instanceof Failure) return
        fail(`P8: ${to.name} stumbled over a question on ${protocol}: ${String(error)}`)
      })
    }
  }
}

type Waves = readonly [name: string, wave: Wave, most: number]
