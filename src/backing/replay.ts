import {
  actorOf,
  bytesOfKey,
  didOf,
  fromMilli,
  lotTotal,
  type BackingFile,
  type SocietyKey,
} from '../../protocol/index.ts'
import { Claims } from '../claims/claims.ts'
import { ProofIndex } from '../claims/proof-index.ts'
import { Doubts } from '../energy/doubts.ts'
import { Failure } from '../failure.ts'
import { Certificates } from '../finality/certificates.ts'
import { nameOf } from '../find.ts'
import { Heads } from '../heads.ts'
import { convictionOf } from '../ledger/forks.ts'
import { Ledger } from '../ledger/ledger.ts'
import { membershipOf, type Membership } from '../membership/membership.ts'
import { createMemoryStore } from '../memory-store.ts'
import type { Clock, Log, Plausibility, Store, Verifier } from '../ports.ts'
import { atOnce } from '../turns.ts'
import { viewBacking, type BackingAnswer, type BackingView } from '../view/backing.ts'
import { Feeder } from './feeder.ts'
import { partiesOf } from './parties.ts'
import { VouchingVerifier } from './vouching-verifier.ts'

/** What finding an answer again takes besides its file. */
export type ReplayParts = {
  readonly verifier: Verifier
  readonly log: Log
  /** Judges what proofs tell as the node's own does. */
  readonly plausibility: Plausibility
  /** Society by whose admissions members are told; the file's viewer and its roots by default. */
  readonly from?: SocietyKey | undefined
}

/** How long a society on whose word an answer rests has been heard of. */
export type Heard = {
  readonly society: string
  readonly name: string
  /** Up to then the file has all that it signed: its older document's newest change or head. */
  readonly until: string
}

/** An answer found again from nothing but a file. */
export type ReplayedBacking = {
  readonly view: BackingView
  /** Up to when everybody on whose word it rests was heard of. */
  readonly asOf: string
  readonly heard: readonly Heard[]
  /** ATP of it that is still alive at an instant. */
  readonly aliveAt: (now: number) => number
}

/** A ledger in memory that nobody writes to but the file. */
class Replay {
  readonly #file: BackingFile
  readonly #parts: ReplayParts
  readonly #store: Store = createMemoryStore()
  readonly #verifier: VouchingVerifier
  readonly #clock: Clock
  readonly #proofs: ProofIndex

  constructor(file: BackingFile, parts: ReplayParts) {
    this.#file = file
    this.#parts = parts
    this.#verifier = new VouchingVerifier(parts.verifier)
    // For the pipeline it is the instant of the answer; nothing waits for any other.
    this.#clock = { now: () => file.at, after: () => () => {}, elapsed: () => 0 }
    this.#proofs = new ProofIndex(this.#store)
  }

  async run(): Promise<ReplayedBacking> {
    const { ledger, heads } = await this.#open()
    await this.#takeEvidence(ledger)
    await new Feeder(ledger, this.#verifier).feed(this.#file)
    await this.#takeHeads(ledger, heads)
    const certificates = await this.#takeCertificates(ledger)
    const { viewer, federation, society, at } = this.#file
    const { held, index, forks } = ledger
    const membership = this.#membership(ledger)
    const claims = new Claims({
      held: () => held,
      members: () => membership.since,
      isCaught: (member) => forks.convicted(member),
    })
    claims.load()
    const isMember = (member: SocietyKey): boolean => membership.members.has(member)
    const eyes = { viewer, federation, isMember }
    const { plausibility } = this.#parts
    const doubts = new Doubts({ store: this.#store, index, plausibility })
    const seen = { certificates, proofs: this.#proofs, doubts }
    const backing = { held, index, claims, forks, ...seen, ...eyes }
    const answer = await viewBacking(backing, society, at)
    const { pledged } = partiesOf({ held, claims, membership }, viewer, society, answer.found)
    const heard = [...pledged].map((key) => this.#heardOf(key, ledger, heads))
    return {
      view: answer.view,
      asOf: heard.map(({ until }) => until).sort()[0] ?? new Date(0).toISOString(),
      heard,
      aliveAt: (now) => aliveAt(answer, now),
    }
  }

  async #open(): Promise<{ readonly ledger: Ledger; readonly heads: Heads }> {
    const signer = {
      publicKey: bytesOfKey(this.#file.viewer),
      sign: () => {
        throw new TypeError('assertion: nothing is signed while a file is read')
      },
    }
    const { log } = this.#parts
    const world = { store: this.#store, verifier: this.#verifier, clock: this.#clock, signer, log }
    let heads: Heads | undefined
    const ledger = await Ledger.open({
      ...world,
      breathe: atOnce,
      observers: [this.#proofs],
      refuses: () => undefined,
      onAccepted: () => {},
      mayHaveSigned: () => true,
      clockFault: () => undefined,
      headOf: (actor) => heads?.ofActor(actor),
      onAdopted: () => {},
      onConvicted: () => {},
    })
    heads = new Heads({ ...world, ledger, intervalMs: () => 0, heard: () => {}, publish: () => {} })
    return { ledger, heads }
  }

  async #takeEvidence(ledger: Ledger): Promise<void> {
    for (const evidence of this.#file.evidence) {
      const proven = convictionOf(evidence, (signature, message, key) =>
        this.#verifier.verify(signature, message, bytesOfKey(key)),
      )
      if (proven === undefined) throw new Failure('malformed', 'evidence in it proves nothing')
      await ledger.keepEvidence(evidence)
      await ledger.takeEvidence(evidence)
    }
  }

  async #takeHeads(ledger: Ledger, heads: Heads): Promise<void> {
    for (const signed of this.#file.heads) {
      const meaning = await heads.take(signed)
      const { author, document } = signed.head
      const what = `a signed head of ${document}/${didOf(author)}`
      if (meaning === 'bad-signature') throw new Failure(meaning, `${what} is not signed by it`)
      if (meaning === 'early') throw new Failure('clock-backwards', `${what} is dated ahead`)
      if (meaning === 'ahead') throw new Failure('malformed', `${what} is ahead of the document`)
    }
    // What heads contradict is looked into on the side.
    await ledger.exclusively(async () => {})
  }

  async #takeCertificates(ledger: Ledger): Promise<Certificates> {
    const certificates = new Certificates({ ledger, store: this.#store, verifier: this.#verifier })
    for (const certificate of this.#file.certificates) {
      const meaning = await certificates.take(certificate)
      if (meaning === 'new') continue
      const what = `a certificate of ${certificate.actor}`
      throw new Failure('bad-signature', `${what} is not signed by enough of its witnesses`)
    }
    return certificates
  }

  #membership({ held, forks }: Ledger): Membership {
    const { viewer, federation, open, roots, at } = this.#file
    const { from } = this.#parts
    const self = from ?? viewer
    return membershipOf({
      self,
      federation,
      now: at,
      bootstrapPeers: new Set(),
      roots: from === undefined ? roots : [],
      foundedOpen: from === undefined && open,
      trusts: held.trusts(),
      convicted: forks.societies,
    })
  }

  #heardOf(society: SocietyKey, { held }: Ledger, heads: Heads): Heard {
    const times = (['trust', 'pool'] as const).map((kind) => {
      const head = heads.ofActor(actorOf(kind, society))?.head.time ?? 0
      return Math.max(held.state(kind, society).chain.time, head)
    })
    const until = new Date(Math.min(...times)).toISOString()
    return { society: didOf(society), name: nameOf(held, society), until }
  }
}

function aliveAt({ found }: BackingAnswer, now: number): number {
  let alive = 0
  for (const { lot } of found) if (lot.expiresAt >= now) alive += lotTotal(lot) - lot.lent
  return fromMilli(alive)
}

/**
 * Finds an answer about backing again, from its file alone: every signature is checked, every
 * record judged by the node's own pipeline, and the same question asked. Fails with a `Failure`
 * where anything in the file is not what it should be.
 */
export function replayBacking(file: BackingFile, parts: ReplayParts): Promise<ReplayedBacking> {
  return new Replay(file, parts).run()
}
