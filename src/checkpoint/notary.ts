import {
  actorOf,
  bytesOfKey,
  checkpointMessage,
  codes,
  decodeStatement,
  encodeStatement,
  ownerOfActor,
  quorumOf,
  recordKinds,
  type Actor,
  type Appointment,
  type Checkpoint,
  type CheckpointStatement,
  type DocumentKind,
  type RecordId,
  type SocietyKey,
} from '../../protocol/index.ts'
import { given, readAnswer, refused } from '../answer.ts'
import { Failure } from '../failure.ts'
import { readBase } from '../ledger/base.ts'
import { contentOf, type MadeContent } from '../ledger/content.ts'
import { copyState } from '../ledger/documents-held.ts'
import { decodeJson, encodeJson, keys } from '../ledger/layout.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { stateUpTo } from '../ledger/load.ts'
import {
  checkpointChanges,
  checkpointEveryMs,
  checkpointPauseMs,
  checkpointRoundMs,
  checkpointRoundsMax,
} from '../limits.ts'
import type { Clock, Log, Network, PeerName, Signer, Store, Verifier } from '../ports.ts'
import type { Breathe } from '../turns.ts'
import { protocols } from '../protocols.ts'

/** What writing and signing checkpoints needs of the node. */
export type NotaryParts = {
  readonly ledger: Ledger
  readonly store: Store
  readonly network: Network
  readonly clock: Clock
  readonly log: Log
  readonly signer: Signer
  readonly verifier: Verifier
  readonly peersOf: (society: SocietyKey) => readonly PeerName[]
  /** The member that a node belongs to. */
  readonly societyOf: (peer: PeerName) => SocietyKey | undefined
  /** Lets others have their turn. */
  readonly breathe: Breathe
}

/** What became of the last try to have a checkpoint of an own document signed. */
export type CheckpointTry = {
  /** In ms since 1970. */
  readonly at: number
  /** Witnesses that signed it, and how many must. */
  readonly signed: number
  readonly needed: number
  /** Those that did not, and why. */
  readonly unsigned: readonly { readonly witness: SocietyKey; readonly because: string }[]
}

/** Why a witness did not sign, and whether it may do so in a moment. */
type Unsigned = { readonly because: string; readonly isSoon: boolean }

/** What a witness says that lacks a change still, or judges another checkpoint just now. */
const soonCodes: ReadonlySet<Failure['code']> = new Set(['unknown-reference', 'rate-limited'])

/** The newest place of a document whose checkpoint was signed here, as stored. */
type Signed = { readonly seq: number; readonly hash: string }

/**
 * Has the society's own checkpoints signed by its witnesses, and signs those of others as theirs.
 *
 * 1. It signs only what it came to itself, by folding a chain that it holds and has judged.
 * 2. It signs for one chain of a document for ever: the place is on disk before the signature
 *    leaves, and every later one must be on the same chain.
 */
export class Notary {
  readonly #parts: NotaryParts
  /** Documents of which a checkpoint is being judged: each is work. */
  readonly #judging: Set<Actor> = new Set()
  readonly #tries: Map<DocumentKind, CheckpointTry> = new Map()

  constructor(parts: NotaryParts) {
    this.#parts = parts
  }

  /** Answers the nodes of societies that appointed this one. */
  serve(): void {
    const { network } = this.#parts
    network.serve(protocols.checkpoint, (peer, body) => this.#answer(peer, body))
  }

  /** What became of the last try with an own document since this node started. */
  tried(kind: DocumentKind): CheckpointTry | undefined {
    return this.#tries.get(kind)
  }

  /** Whether an own document has changes that a checkpoint would be of. */
  hasChanged(kind: DocumentKind): boolean {
    const { ledger } = this.#parts
    const trust = ledger.held.trust(ledger.self)
    const { chain } = ledger.held.state(kind, ledger.self)
    if ((trust.appointments.at(-1)?.witnesses.length ?? 0) === 0 || chain.head === null)
      return false
    const changes = chain.seq - (trust.checkpoints.get(chain.actor)?.seq ?? 0)
    // Checkpoints are changes of the trust document themselves: one for each document.
    return changes > (kind === 'trust' ? 2 : 0)
  }

  /** Whether it is time for a checkpoint of an own document. */
  isDue(kind: DocumentKind): boolean {
    if (!this.hasChanged(kind)) return false
    const { ledger, clock } = this.#parts
    const trust = ledger.held.trust(ledger.self)
    const { chain } = ledger.held.state(kind, ledger.self)
    const last = trust.checkpoints.get(chain.actor)
    const changes = chain.seq - (last?.seq ?? 0)
    const age = clock.now() - (last?.at ?? trust.joinedAt ?? clock.now())
    return age >= checkpointEveryMs || (changes >= checkpointChanges && age >= checkpointPauseMs)
  }

  /**
   * Writes a checkpoint of an own document as it stands. Fails with `uncertified` where too few of
   * the witnesses sign it.
   */
  async write(kind: DocumentKind): Promise<RecordId> {
    const { ledger } = this.#parts
    if (ledger.silence !== undefined) throw ledger.silence
    const { appointments } = ledger.held.trust(ledger.self)
    const witnesses = appointments.at(-1)?.witnesses ?? []
    const made = await this.#made(actorOf(kind, ledger.self))
    const statement = { ...made.statement, term: appointments.length - 1 }
    const signatures = await this.#signed(kind, statement, witnesses)
    const fields = recordKinds.get('society.checkpoint')?.write({
      checkpoint: { ...statement, signatures } satisfies Checkpoint,
    })
    if (fields === undefined) throw new TypeError('assertion: there is that kind of record')
    return ledger.append('trust', async () => fields)
  }

  async #signed(
    kind: DocumentKind,
    statement: CheckpointStatement,
    witnesses: readonly SocietyKey[],
  ): Promise<Checkpoint['signatures']> {
    const { clock } = this.#parts
    const signatures: Checkpoint['signatures'][number][] = []
    const needed = quorumOf(witnesses.length)
    const unsigned = new Map<SocietyKey, Unsigned>()
    let asked = witnesses
    for (let round = 1; asked.length > 0; round++) {
      const asking = asked.map(async (witness) => {
        const signature = await this.#signatureOf(witness, statement)
        if ('because' in signature) return void unsigned.set(witness, signature)
        unsigned.delete(witness)
        signatures.push({ witness, signature })
      })
      await Promise.all(asking)
      if (signatures.length >= needed || round === checkpointRoundsMax) break
      // What was written last may still be on its way to some.
      asked = [...unsigned].flatMap(([witness, { isSoon }]) => (isSoon ? [witness] : []))
      if (asked.length > 0) await new Promise<void>((go) => void clock.after(checkpointRoundMs, go))
    }
    const signed = signatures.length
    const left = [...unsigned].map(([witness, { because }]) => ({ witness, because }))
    this.#tries.set(kind, { at: clock.now(), signed, needed, unsigned: left })
    if (witnesses.length === 0 || signed < needed) {
      const message = `${signed} of the witnesses signed the checkpoint, ${needed} must`
      throw new Failure('uncertified', message)
    }
    return signatures.toSorted((a, b) => (a.witness < b.witness ? -1 : 1))
  }

  async #made(actor: Actor, seq?: number): Promise<MadeContent> {
    const { ledger, store, log, breathe } = this.#parts
    const parts = { store, index: ledger.index, log, breathe }
    const held = ledger.held.ofActor(actor)
    if (held === undefined) throw new Failure('unknown-reference', 'a document of no society')
    const isNewest = seq === undefined || held.chain.seq === seq
    const state = isNewest ? copyState(held) : await stateUpTo(parts, actor, seq)
    // What was folded may still be on its way to the disk.
    if (isNewest) await ledger.exclusively(async () => {})
    return contentOf(parts, state)
  }

  /** A witness's signature, or why there is none. */
  async #signatureOf(
    witness: SocietyKey,
    statement: CheckpointStatement,
  ): Promise<Uint8Array | Unsigned> {
    const { network, peersOf, verifier, log } = this.#parts
    const message = checkpointMessage(statement)
    let unsigned: Unsigned = { because: 'no node of it is known', isSoon: false }
    for (const peer of peersOf(witness)) {
      try {
        const body = encodeStatement(statement)
        const answer = await network.request(peer, protocols.checkpoint, body)
        const signature = readAnswer(answer, 'the witness')
        if (signature instanceof Failure) throw signature
        if (verifier.verify(signature, message, bytesOfKey(witness))) return signature
        unsigned = { because: 'its signature does not hold', isSoon: false }
      } catch (error) {
        const code = error instanceof Failure ? error.code : undefined
        const because = error instanceof Failure ? `${code}: ${error.message}` : String(error)
        unsigned = { because, isSoon: code !== undefined && soonCodes.has(code) }
        log.debug('checkpoint-not-signed', { peer, because })
      }
    }
    return unsigned
  }

  async #answer(peer: PeerName, body: Uint8Array): Promise<Uint8Array> {
    try {
      const statement = decodeStatement(body)
      if (!statement.ok) throw new Failure('malformed', statement.message)
      if (this.#parts.societyOf(peer) !== ownerOfActor(statement.value.actor)?.key) {
        throw new Failure('not-authorised', 'a society alone has its checkpoints signed')
      }
      return given(await this.sign(statement.value))
    } catch (error) {
      if (error instanceof Failure) return refused(error)
      return refused(new Failure('store-damaged', codes['store-damaged'][1]))
    }
  }

  /** This society's signature under a checkpoint of another. Fails with why it is not given. */
  async sign(statement: CheckpointStatement): Promise<Uint8Array> {
    const { actor } = statement
    if (this.#judging.has(actor)) {
      throw new Failure('rate-limited', 'another checkpoint of it is being judged')
    }
    this.#judging.add(actor)
    try {
      const refusal = this.#refusal(statement) ?? (await this.#contradiction(statement))
      if (refusal !== undefined) throw refusal
      await this.#note(statement)
      return this.#parts.signer.sign(checkpointMessage(statement))
    } finally {
      this.#judging.delete(actor)
    }
  }

  #refusal({ actor, seq, term }: CheckpointStatement): Failure | undefined {
    const { ledger } = this.#parts
    const owner = ownerOfActor(actor)
    const appointments: readonly Appointment[] =
      owner === undefined ? [] : ledger.held.trust(owner.key).appointments
    const isWitness = appointments.at(-1)?.witnesses.includes(ledger.self) === true
    if (owner === undefined || !isWitness || term !== appointments.length - 1) {
      return new Failure('not-authorised', 'this society is no witness of that document now')
    }
    if (ledger.forks.convicted(owner.key)) {
      return new Failure('equivocation', 'its owner signed two pasts')
    }
    if (ledger.held.state(owner.kind, owner.key).chain.seq < seq) {
      return new Failure('unknown-reference', 'not known here yet')
    }
    return ledger.silence
  }

  /** Why a statement is not what this node came to itself; undefined where it is. */
  async #contradiction(statement: CheckpointStatement): Promise<Failure | undefined> {
    const { actor, seq, hash, digest, size } = statement
    const { index } = this.#parts.ledger
    if (!(await index.holds(actor, { hash, seq })) || !(await this.#isOnSigned(actor))) {
      return new Failure('equivocation', 'another change is held or was signed at that place')
    }
    const made = await this.#made(actor, seq)
    return made.statement.digest === digest && made.statement.size === size
      ? undefined
      : new Failure('not-authorised', 'this node comes to another state at that place')
  }

  /** Whether what was signed last of a document is in the chain that is held. */
  async #isOnSigned(actor: Actor): Promise<boolean> {
    const { ledger, store } = this.#parts
    const stored = await store.get(keys.checkpointSigned(actor))
    if (stored === undefined) return true
    const signed = decodeJson(stored) as Signed
    if (await ledger.index.holds(actor, signed)) return true
    const base = await readBase(store, actor)
    return base !== undefined && signed.seq < base.checkpoint.seq
  }

  async #note(statement: CheckpointStatement): Promise<void> {
    const { ledger, store } = this.#parts
    const { actor, seq, hash } = statement
    let refusal: Failure | undefined
    await ledger.exclusively(async () => {
      // Meanwhile others may have been appointed, or its owner found out.
      refusal = this.#refusal(statement)
      if (refusal !== undefined) return
      const value = encodeJson({ seq, hash } satisfies Signed)
      await store.write([{ key: keys.checkpointSigned(actor), value }], { sync: true })
    })
    if (refusal !== undefined) throw refusal
  }
}
