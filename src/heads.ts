import {
  actorOf,
  bytesOfKey,
  datedAheadMsMax,
  decodeSignedHead,
  encodeSignedHead,
  headMessage,
  keyOfBytes,
  type DocumentKind,
  type HeadStatement,
  type SignedHead,
  type SocietyKey,
} from '../protocol/index.ts'
import type { Ledger } from './ledger/ledger.ts'
import { keys } from './ledger/layout.ts'
import type { Clock, Signer, Store, Verifier } from './ports.ts'

/** What signed heads need of the node. */
export type HeadsParts = {
  readonly ledger: Ledger
  readonly store: Store
  readonly signer: Signer
  readonly verifier: Verifier
  readonly clock: Clock
  readonly intervalMs: number
  /** Sends a signed head to whoever follows its document. */
  readonly publish: (signed: SignedHead) => void
}

/** What a received head means here. */
export type HeadMeaning = 'ahead' | 'known' | 'bad-signature' | 'contradicts' | 'early'

const kinds: readonly DocumentKind[] = ['trust', 'pool']

/** Signs and gossips own heads at least once a minute; keeps the newest of everyone's. */
export class Heads {
  readonly #parts: HeadsParts
  readonly #newest: Map<string, SignedHead> = new Map()
  #cancel: () => void = () => {}

  constructor(parts: HeadsParts) {
    this.#parts = parts
  }

  /** Loads what is stored and begins to sign every minute. */
  async start(): Promise<void> {
    for await (const [, value] of this.#parts.store.range({ gte: 'h/', lt: 'h0' })) {
      const signed = decodeSignedHead(value)
      if (signed !== undefined) this.#note(signed)
    }
    this.#schedule()
  }

  /** Stops signing. */
  stop(): void {
    this.#cancel()
  }

  /** The newest signed head of a society's document. */
  newest(document: DocumentKind, society: SocietyKey): SignedHead | undefined {
    return this.#newest.get(actorOf(document, society))
  }

  #note(signed: SignedHead): void {
    const { document, author, time } = signed.head
    this.#newest.set(actorOf(document, author), signed)
    if (author === this.#parts.ledger.self) this.#parts.ledger.noteHead(document, time)
  }

  #schedule(): void {
    this.#cancel = this.#parts.clock.after(this.#parts.intervalMs, () => {
      void this.signAll().finally(() => this.#schedule())
    })
  }

  /**
   * Signs the present heads of both own documents, of changes that are on disk alone; each head is
   * stored before it is sent.
   */
  signAll(): Promise<void> {
    return this.#parts.ledger.alone(() => this.#signAll())
  }

  async #signAll(): Promise<void> {
    const { ledger, signer, clock, store, publish } = this.#parts
    const author = keyOfBytes(signer.publicKey)
    for (const document of kinds) {
      const { chain } = ledger.held.state(document, author)
      if (chain.head === null) continue
      const before = this.newest(document, author)?.head.time ?? 0
      const time = Math.max(clock.now(), chain.time, before)
      const head: HeadStatement = { author, document, seq: chain.seq, hash: chain.head, time }
      const signed = { head, signature: signer.sign(headMessage(head)) }
      const key = keys.head(actorOf(document, author))
      await store.write([{ key, value: encodeSignedHead(signed) }], { sync: true })
      this.#note(signed)
      publish(signed)
    }
  }

  /** Takes another society's head: checks the signature, keeps the newest, says what it means. */
  async take(signed: SignedHead): Promise<HeadMeaning> {
    const { ledger, verifier, store, clock } = this.#parts
    const { head, signature } = signed
    if (!verifier.verify(signature, headMessage(head), bytesOfKey(head.author))) {
      return 'bad-signature'
    }
    if (head.time > clock.now() + datedAheadMsMax) return 'early'
    const { chain } = ledger.held.state(head.document, head.author)
    if (head.seq <= chain.seq && !(await ledger.index.contains(head))) return 'contradicts'
    const before = this.newest(head.document, head.author)
    if (before === undefined || before.head.time < head.time) {
      this.#note(signed)
      const key = keys.head(actorOf(head.document, head.author))
      await store.write([{ key, value: encodeSignedHead(signed) }], { sync: false })
    }
    return head.seq > chain.seq ? 'ahead' : 'known'
  }
}
