import {
  actorOf,
  bytesOfKey,
  datedAheadMsMax,
  decodeSignedHead,
  encodeSignedHead,
  headMessage,
  peekChange,
  type Actor,
  type DocumentKind,
  type HeadStatement,
  type SignedHead,
  type SocietyKey,
} from '../protocol/index.ts'
import { Failure } from './failure.ts'
import type { Suspicion } from './ledger/evidence.ts'
import type { Ledger } from './ledger/ledger.ts'
import { allOf, keys } from './ledger/layout.ts'
import type { Clock, Signer, Store, Verifier } from './ports.ts'

/** What signed heads need of the node. */
export type HeadsParts = {
  readonly ledger: Ledger
  readonly store: Store
  readonly signer: Signer
  readonly verifier: Verifier
  readonly clock: Clock
  /** Asked each time, so that it may change. */
  readonly intervalMs: () => number
  /** Told of the time of every head that is news, as it arrives. */
  readonly heard: (society: SocietyKey, time: number) => void
  /** Sends a signed head to whoever follows its document. */
  readonly publish: (signed: SignedHead) => void
}

/** What a received head means here. */
export type HeadMeaning = 'ahead' | 'known' | 'bad-signature' | 'early'

const kinds: readonly DocumentKind[] = ['trust', 'pool']

/** Signs and gossips own heads at least once a minute; keeps the newest of everyone's. */
export class Heads {
  readonly #parts: HeadsParts
  readonly #newest: Map<string, SignedHead> = new Map()
  #cancel: () => void = () => {}
  #stopped = true

  constructor(parts: HeadsParts) {
    this.#parts = parts
  }

  /** Loads what is stored. Before that nothing may be written: it would be dated without it. */
  async load(): Promise<void> {
    for await (const [, value] of this.#parts.store.range(allOf('head'))) {
      const signed = decodeSignedHead(value)
      if (signed !== undefined) this.#note(signed)
    }
  }

  /** Begins to sign every minute. */
  start(): void {
    this.#stopped = false
    this.#schedule()
  }

  /** Stops signing. */
  stop(): void {
    this.#stopped = true
    this.#cancel()
  }

  /** Documents whose newest signed head is kept. */
  get kept(): number {
    return this.#newest.size
  }

  /** Forgets the head of a document that is not held any more. */
  forget(actor: Actor): void {
    this.#newest.delete(actor)
  }

  /** The newest signed head of an actor's document. */
  ofActor(actor: Actor): SignedHead | undefined {
    return this.#newest.get(actor)
  }

  /** The newest signed head of a society's document. */
  newest(document: DocumentKind, society: SocietyKey): SignedHead | undefined {
    return this.#newest.get(actorOf(document, society))
  }

  #note(signed: SignedHead): void {
    const { author, document, time } = signed.head
    const { ledger } = this.#parts
    this.#newest.set(actorOf(document, author), signed)
    if (author === ledger.self) ledger.signedUntil.set(document, time)
  }

  #schedule(): void {
    this.#cancel = this.#parts.clock.after(this.#parts.intervalMs(), () => {
      void this.#signAndSchedule()
    })
  }

  async #signAndSchedule(): Promise<void> {
    // A write that failed has stopped the ledger, which says so: there is nothing left to sign.
    await this.signAll().catch(() => this.stop())
    if (!this.#stopped) this.#schedule()
  }

  /**
   * Signs the present heads of both own documents: of what is on disk and nothing else, for what is
   * not may be lost and written differently. Each is stored before it is sent.
   */
  async signAll(): Promise<void> {
    const { ledger, publish } = this.#parts
    const signed: SignedHead[] = []
    try {
      await ledger.exclusively(async () => {
        if (ledger.silence !== undefined) return
        for (const document of kinds) signed.push(...(await this.#sign(document)))
      })
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      // The ledger has stopped, and has said so.
      return
    }
    for (const head of signed) publish(head)
  }

  /** Signs where the own pool stands, and answers that; what was signed last where it may not. */
  async signPool(): Promise<SignedHead | undefined> {
    await this.signAll()
    return this.newest('pool', this.#parts.ledger.self)
  }

  async #sign(document: DocumentKind): Promise<readonly SignedHead[]> {
    const { ledger, signer, clock, store } = this.#parts
    const author = ledger.self
    const { chain } = ledger.held.state(document, author)
    if (chain.head === null) return []
    const time = Math.max(clock.now(), chain.time, ledger.signedUntil.get(document) ?? 0)
    const head: HeadStatement = { author, document, seq: chain.seq, hash: chain.head, time }
    const signed = { head, signature: signer.sign(headMessage(head)) }
    const key = keys.head(actorOf(document, author))
    await store.write([{ key, value: encodeSignedHead(signed) }], { sync: true })
    this.#note(signed)
    return [signed]
  }

  /** Takes another society's head: checks the signature, keeps the newest, says what it means. */
  async take(signed: SignedHead): Promise<HeadMeaning> {
    const { ledger, verifier, clock, heard } = this.#parts
    const { head, signature } = signed
    if (!verifier.verify(signature, headMessage(head), bytesOfKey(head.author))) {
      return 'bad-signature'
    }
    const actor = actorOf(head.document, head.author)
    if ((this.ofActor(actor)?.head.time ?? 0) < head.time) heard(head.author, head.time)
    if (head.time > clock.now() + datedAheadMsMax) return 'early'
    // Of a document that has ended nothing more is to be heard.
    if (head.seq >= ledger.forks.placeOf(actor)) return 'known'
    const { chain } = ledger.held.state(head.document, head.author)
    const before = this.newest(head.document, head.author)
    for (const suspicion of await this.#suspicionsOf(signed, before, chain.seq)) {
      void ledger.suspect(suspicion)
    }
    if (before === undefined || before.head.time < head.time) {
      this.#note(signed)
      await ledger.note([{ key: keys.head(actor), value: encodeSignedHead(signed) }])
    }
    return head.seq > chain.seq ? 'ahead' : 'known'
  }

  /** What a head contradicts: of the head that was newest before, and of the chain that is held. */
  async #suspicionsOf(
    signed: SignedHead,
    before: SignedHead | undefined,
    held: number,
  ): Promise<readonly Suspicion[]> {
    const { head } = signed
    const actor = actorOf(head.document, head.author)
    const suspicions: Suspicion[] = []
    if (before !== undefined && contradict(head, before.head)) {
      const statements = [before, signed].map((each) => ({ type: 'head', head: each }) as const)
      suspicions.push({ actor, statements, against: null })
    }
    // The chain may show an earlier fork than the other head does.
    const against = await this.#contradicted(signed, held)
    if (against !== undefined) {
      suspicions.push({ actor, statements: [{ type: 'head', head: signed }], against })
    }
    return suspicions
  }

  /** The place of the chain that a head contradicts; undefined where it fits. */
  async #contradicted({ head }: SignedHead, held: number): Promise<number | undefined> {
    const { ledger, store } = this.#parts
    const actor = actorOf(head.document, head.author)
    if (head.seq <= held && !(await ledger.index.contains(head))) return head.seq
    if (head.seq >= held) return undefined
    const next = await store.get(keys.change(actor, head.seq + 1))
    const peeked = next === undefined ? undefined : peekChange(next)
    const isLate = peeked?.ok === true && peeked.value.header.time < head.time
    return isLate ? head.seq + 1 : undefined
  }
}

/** Whether no single chain ends with one head at its time and with the other at its own. */
function contradict(a: HeadStatement, b: HeadStatement): boolean {
  if (a.seq === b.seq) return a.hash !== b.hash
  return a.seq < b.seq ? a.time > b.time : a.time < b.time
}
