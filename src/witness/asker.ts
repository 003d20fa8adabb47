import {
  type Draw,
  type Judged,
  type RecordId,
  type SocietyKey,
  type Source,
} from '../../protocol/index.ts'
import type { Claims } from '../claims/claims.ts'
import type { Proven } from '../claims/choice.ts'
import type { Transcripts } from '../claims/transcripts.ts'
import { Failure } from '../failure.ts'
import type { DocumentsHeld } from '../ledger/documents-held.ts'
import type { Index } from '../ledger/index-of-facts.ts'
import {
  proofsAskedMax,
  witnessedWithinMs,
  witnessMsMax,
  witnessPatienceMs,
  witnessRoundMs,
  witnessRoundMsMax,
} from '../limits.ts'
import type { Clock, Examiner, Log, Measurement, Network, PeerName } from '../ports.ts'
import { receiptsMethod } from '../work/receipts.ts'
import { planAsking } from './ask-plan.ts'
import { askSociety } from './ask-society.ts'
import type { WitnessQuestion } from './messages.ts'

/** What asking for witnesses needs of the node. */
export type AskerParts = {
  readonly self: SocietyKey
  readonly held: DocumentsHeld
  readonly index: Index
  readonly claims: Claims
  readonly transcripts: Transcripts
  readonly network: Network
  readonly clock: Clock
  readonly log: Log
  readonly examiner: Examiner
  readonly peersOf: (society: SocietyKey) => readonly PeerName[]
  readonly emit: (type: string, data: Readonly<Record<string, unknown>>) => void
}

/** How a source of this society was measured: what leads witnesses to its device. */
export type Shown = { readonly method: string; readonly transcript: Uint8Array }

/** How this node answers witnesses: measures again under a nonce, hands over a pass. */
export type Ways = Pick<Measurement, 'again' | 'pass'>

/** A proof of this society for which witnesses are looked for. */
type Quest = {
  readonly proven: Proven
  readonly source: Source
  readonly transcript: Uint8Array
  draw: Draw | null
  /** Until when the word of each that was asked is waited for. */
  readonly asked: Map<SocietyKey, number>
  /** Those of them whose nodes were not there. */
  readonly unreached: Set<SocietyKey>
  rounds: number
  isBusy: boolean
  /** Something happened during a pass: another one follows it. */
  isStirred: boolean
  cancel: () => void
}

const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

/**
 * Asks the chosen witnesses of this society's own proofs, by itself, from the moment that a proof
 * and its transcript are written until two are of one mind or the measurement is too old.
 *
 * Invariants: one quest a source, of its newest proof; one pass of a quest at a time; a witness is
 * asked once a round.
 */
export class Asker {
  readonly #parts: AskerParts
  readonly #quests: Map<RecordId, Quest> = new Map()
  readonly #ways: Map<RecordId, Ways> = new Map()
  #stopped = true

  constructor(parts: AskerParts) {
    this.#parts = parts
  }

  /** Takes up the proofs that have not found their witnesses yet. */
  start(): void {
    this.#stopped = false
    const { held, self } = this.#parts
    for (const source of held.trust(self).sources.values()) void this.#begin(source)
  }

  /** Asks nobody any more. */
  stop(): void {
    this.#stopped = true
    for (const { cancel } of this.#quests.values()) cancel()
    this.#quests.clear()
  }

  /** Keeps the ways to answer witnesses of a proof, for what they cannot reach without. */
  remember(proof: RecordId, { again, pass }: Ways): void {
    if (again === undefined && pass === undefined) return
    const isNews = !this.#ways.has(proof)
    this.#ways.set(proof, { ...(again && { again }), ...(pass && { pass }) })
    for (const oldest of this.#ways.keys()) {
      if (this.#ways.size <= proofsAskedMax) break
      this.#ways.delete(oldest)
    }
    if (isNews) this.#askAgain(proof)
  }

  /** Asks those once more at once that this node could not answer: it was started since. */
  #askAgain(proof: RecordId): void {
    const quest = this.#quests.get(proof)
    if (quest === undefined) return
    const now = this.#parts.clock.now()
    for (const [witness, until] of quest.asked) if (until <= now) quest.asked.delete(witness)
    void this.#pass(quest)
  }

  /** The ways to answer witnesses of a proof; empty where none are kept. */
  waysOf(proof: RecordId): Ways {
    return this.#ways.get(proof) ?? {}
  }

  /** How a source was measured whose witness a society was asked to be, and has not been yet. */
  shownTo(proof: RecordId, witness: SocietyKey): Shown | undefined {
    const quest = this.#quests.get(proof)
    const until = quest?.asked.get(witness)
    if (quest === undefined || until === undefined || until <= this.#parts.clock.now()) {
      return undefined
    }
    return { method: quest.source.method, transcript: quest.transcript }
  }

  /** A society's node is there: it is asked now if it was not to be reached before. */
  connected(society: SocietyKey): void {
    for (const quest of this.#quests.values()) {
      if (!quest.unreached.delete(society)) continue
      quest.asked.delete(society)
      // It may have to hear of the proof first: the next round is not far.
      quest.rounds = 0
      void this.#pass(quest)
    }
  }

  /** Takes notice of a record: a transcript of one's own begins a quest, a word may end one. */
  accepted({ author, outcome }: Judged): void {
    if (this.#stopped) return
    const { self, held } = this.#parts
    if (outcome?.type === 'transcript' && author === self) {
      const source = held.trust(self).sources.get(outcome.source)
      if (source?.proof === outcome.proof) void this.#begin(source)
    }
    const quest = outcome?.type === 'attestation' ? this.#quests.get(outcome.proof) : undefined
    if (quest !== undefined) void this.#pass(quest)
  }

  async #begin(source: Source): Promise<void> {
    const { self, index, transcripts, examiner, log } = this.#parts
    const { proof, method } = source
    if (this.#quests.has(proof) || source.assurance < 1 || this.#isOver(source)) return
    const isSeenByOthers = examiner.canReach(method) || method === receiptsMethod
    if (!isSeenByOthers && this.waysOf(proof).again === undefined) return
    if (this.#quests.size >= proofsAskedMax) return
    const record = await index.record(proof)
    const entry = (await transcripts.of(source.id)).find(({ of }) => of === proof)
    const transcript = entry && (await transcripts.read(entry.record))
    if (record === undefined || transcript === undefined || this.#stopped) return
    if (this.#quests.has(proof)) return
    const quest: Quest = {
      proven: { proof, prover: self, provenAt: record.time },
      source,
      transcript,
      draw: null,
      asked: new Map(),
      unreached: new Set(),
      rounds: 0,
      isBusy: false,
      isStirred: false,
      cancel: () => {},
    }
    for (const [older, { source: before }] of this.#quests) {
      if (before.id === source.id) this.#drop(older)
    }
    this.#quests.set(proof, quest)
    log.debug('witnesses-sought', { proof, source: source.id })
    await this.#pass(quest)
  }

  /** Whether a proof is past being witnessed: replaced, given up, or too long ago. */
  #isOver({ id, proof, measuredAt, staleAt }: Source): boolean {
    const { held, self, clock } = this.#parts
    const newest = held.trust(self).sources.get(id)
    const now = clock.now()
    const isOld = now >= staleAt || now > measuredAt + witnessedWithinMs
    return isOld || newest?.proof !== proof || newest.retired !== null
  }

  #drop(proof: RecordId): void {
    this.#quests.get(proof)?.cancel()
    this.#quests.delete(proof)
  }

  async #pass(quest: Quest): Promise<void> {
    quest.isStirred = true
    if (quest.isBusy) return
    quest.isBusy = true
    quest.cancel()
    let nextMs: number | null = null
    while (quest.isStirred && !this.#stopped) {
      quest.isStirred = false
      nextMs = await this.#safeStep(quest)
    }
    quest.isBusy = false
    if (nextMs === null || this.#stopped) this.#drop(quest.proven.proof)
    else quest.cancel = this.#parts.clock.after(nextMs, () => void this.#pass(quest))
  }

  async #safeStep(quest: Quest): Promise<number | null> {
    try {
      return await this.#step(quest)
    } catch (error) {
      this.#parts.log.error('witnesses-not-asked', { error: String(error) })
      return witnessRoundMs
    }
  }

  /** One step; answers in how many ms the next is due, null where there is none. */
  async #step(quest: Quest): Promise<number | null> {
    const { claims, clock } = this.#parts
    const { choice } = claims
    const { proven, asked } = quest
    if (this.#isOver(quest.source)) return null
    if (quest.draw === null && choice.isDrawn(proven)) quest.draw = await this.#draw(proven)
    for (;;) {
      const said = claims.attestationsOf(proven.proof)
      const plan = planAsking({
        chosen: choice.chosen(proven, quest.draw),
        verdicts: new Map(said.map(({ witness, verdict }) => [witness, verdict])),
        asked,
        now: clock.now(),
      })
      if (plan.type === 'done') return null
      if (plan.type === 'wait') return Math.max(1, plan.until - clock.now())
      if (plan.type === 'exhausted') return this.#nextRound(quest)
      await Promise.all(plan.ask.map((witness) => this.#askOne(quest, witness)))
      if (this.#stopped) return null
    }
  }

  /** Begins anew after a pause, for whoever was off may be back. */
  #nextRound(quest: Quest): number {
    quest.asked.clear()
    return Math.min(witnessRoundMs * 2 ** quest.rounds++, witnessRoundMsMax)
  }

  /** Has one of those draw the witnesses who may. */
  async #draw(proven: Proven): Promise<Draw | null> {
    for (const by of this.#parts.claims.choice.drawers(proven)) {
      const answer = await this.#ask(by, { type: 'draw', proof: proven.proof })
      if (answer instanceof Uint8Array) return { by, signature: hexOf(answer) }
      this.#tell(proven.proof, by, answer)
    }
    return null
  }

  async #askOne(quest: Quest, witness: SocietyKey): Promise<void> {
    const { clock } = this.#parts
    const { proven, draw, transcript, asked } = quest
    const { proof } = proven
    // From now on it may look, even before its answer is here.
    asked.set(witness, clock.now() + witnessMsMax)
    const answer = await this.#ask(witness, { type: 'look', proof, draw, transcript })
    if (answer instanceof Failure) {
      asked.set(witness, 0)
      if (answer.code === 'peer-unavailable') quest.unreached.add(witness)
      this.#tell(proof, witness, answer)
      return
    }
    const view = new DataView(answer.buffer, answer.byteOffset, answer.byteLength)
    const expectedMs = answer.length === 4 ? view.getUint32(0) : 0
    asked.set(witness, clock.now() + Math.min(expectedMs, witnessMsMax) + witnessPatienceMs)
  }

  #tell(proof: RecordId, witness: SocietyKey, { code, message }: Failure): void {
    this.#parts.emit('witness-refused', { proof, witness, code, message })
  }

  #ask(society: SocietyKey, question: WitnessQuestion): Promise<Uint8Array | Failure> {
    return askSociety({ ...this.#parts, isStopped: () => this.#stopped }, society, question)
  }
}
