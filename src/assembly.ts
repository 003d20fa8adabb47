import type { RecordId, SocietyKey } from '../protocol/index.ts'
import type { Agenda } from './automation/agenda.ts'
import { AutomationLoop } from './automation/automation.ts'
import { Backings } from './backing/backings.ts'
import { Beginning } from './membership/beginning.ts'
import { Checkpoints } from './checkpoint/checkpoints.ts'
import { Joining } from './checkpoint/joining.ts'
import { ClockGuard } from './clock/clock-guard.ts'
import { Cosigner } from './cosign.ts'
import { Doubts } from './energy/doubts.ts'
import type { MeasurementHistory } from './energy/measurement-history.ts'
import type { EventLog } from './events.ts'
import { Finality } from './finality/finality.ts'
import { Gossip } from './gossip.ts'
import { Heads } from './heads.ts'
import type { Indexes } from './indexes.ts'
import type { Ledger } from './ledger/ledger.ts'
import { Liars } from './liars.ts'
import { Guests } from './membership/guests.ts'
import { Members } from './membership/members.ts'
import type { ReplicaParts } from './replica-parts.ts'
import { Restoration } from './restored.ts'
import { SyncDriver } from './sync/driver.ts'
import { endorsementRefusal } from './trust/endorse.ts'
import { breatheBy } from './turns.ts'
import { Views } from './view/views.ts'
import { Witnessing } from './witness/witnessing.ts'
import { Confirmations } from './work/confirmations.ts'
import { Disowned } from './work/disowned.ts'
import { SignedHours } from './work/signed-hours.ts'
import { placeOf } from './write/finality.ts'
import type { Resolving } from './write/resolver.ts'
import { Writer } from './write/writer.ts'

/** What the parts of a replica are made of, and what they ask of it as a whole. */
export type Whole = {
  readonly parts: ReplicaParts
  readonly ledger: Ledger
  readonly agenda: Agenda
  readonly indexes: Indexes
  readonly history: MeasurementHistory
  readonly events: EventLog
  readonly write: (kind: string, given: unknown) => Promise<RecordId>
  readonly find: (text: string) => SocietyKey
  /** Societies that were no members are not held any more. */
  readonly onGone: () => void
}

/** The working parts of a replica, wired to each other. Nothing here decides anything. */
export class Assembly {
  readonly members: Members
  readonly guests: Guests
  readonly clockGuard: ClockGuard
  readonly doubts: Doubts
  readonly heads: Heads
  readonly sync: SyncDriver
  readonly restoration: Restoration
  readonly gossip: Gossip
  readonly liars: Liars
  readonly beginning: Beginning
  readonly finality: Finality
  readonly checkpoints: Checkpoints
  readonly confirmations: Confirmations
  readonly cosigner: Cosigner
  readonly writer: Writer
  readonly automation: AutomationLoop
  readonly disowned: Disowned
  readonly witnessing: Witnessing
  readonly views: Views
  readonly backings: Backings
  readonly #whole: Whole

  constructor(whole: Whole) {
    this.#whole = whole
    this.members = this.#newMembers()
    this.guests = this.#newGuests()
    this.clockGuard = this.#newClockGuard()
    this.doubts = this.#newDoubts()
    this.heads = this.#newHeads()
    this.restoration = this.#newRestoration()
    this.sync = this.#newSync()
    this.gossip = this.#newGossip()
    this.liars = this.#newLiars()
    this.beginning = this.#newBeginning()
    this.finality = this.#newFinality()
    this.checkpoints = this.#newCheckpoints()
    this.confirmations = this.#newConfirmations()
    this.cosigner = this.#newCosigner()
    this.writer = this.#newWriter()
    this.automation = this.#newAutomation()
    this.disowned = this.#newDisowned()
    this.witnessing = this.#newWitnessing()
    this.views = this.#newViews()
    this.backings = this.#newBackings()
  }

  #newMembers(): Members {
    const { ledger, parts } = this.#whole
    const { network, clock, founding, bootstrapPeers, onMembers } = parts
    const guests = () => this.guests
    return new Members({ ledger, network, clock, founding, guests, bootstrapPeers, onMembers })
  }

  #newGuests(): Guests {
    const { ledger, parts, onGone } = this.#whole
    const { clock, log } = parts
    const heads = () => this.heads
    const membership = () => this.members.current
    return new Guests({ ledger, heads, clock, log, membership, onGone })
  }

  #newClockGuard(): ClockGuard {
    const { ledger, events, parts } = this.#whole
    const { clock, log, timing } = parts
    const members = () => this.members.current.members
    const again = () => this.beginning.again()
    return new ClockGuard({ self: ledger.self, clock, log, timing, events, members, again })
  }

  #newDoubts(): Doubts {
    const { ledger, parts } = this.#whole
    const { store, plausibility } = parts
    return new Doubts({ store, index: ledger.index, plausibility })
  }

  #newHeads(): Heads {
    const { ledger, parts } = this.#whole
    const { store, signer, verifier, clock, timing } = parts
    return new Heads({
      ledger,
      store,
      signer,
      verifier,
      clock,
      intervalMs: () => timing.headMs,
      heard: (society, time) => {
        this.clockGuard.heard(society, time)
        this.guests.heard(society)
      },
      publish: (signed) => this.gossip.publishHead(signed),
    })
  }

  #newRestoration(): Restoration {
    const { ledger, parts } = this.#whole
    const { store, log } = parts
    const membership = () => this.members.current
    const done = () => this.beginning.begin()
    return new Restoration({ ledger, store, log, membership, done })
  }

  #newSync(): SyncDriver {
    const { ledger, parts } = this.#whole
    const { store, network, clock, random, log, timing, verifier, history = 'all' } = parts
    return new SyncDriver({
      joining: new Joining({ ledger, verifier, clock, log, history, breathe: breatheBy(clock) }),
      ledger,
      store,
      network,
      clock,
      random,
      log,
      intervalMs: () => timing.syncMs,
      wants: (actor) => this.members.refusal(actor, 1) === undefined,
      knows: (actor) => this.members.knows(actor),
      limits: (actor, to) => this.members.refusal(actor, to) !== undefined,
      onHeard: (peer, entries) => this.finality.heard(peer, entries),
      onShown: (peer, ahead) => this.restoration.heard(peer, ahead),
    })
  }

  #newGossip(): Gossip {
    const { ledger, parts } = this.#whole
    const { network, clock, founding } = parts
    return new Gossip({
      federation: founding.federation,
      ledger,
      heads: this.heads,
      network,
      clock,
      knows: (actor) => this.members.knows(actor),
      hint: (peer) => this.sync.tell({ type: 'hint', peer }),
      takeCertificate: (certificate) => this.finality.take(certificate),
      onHead: () => this.automation.nudge(),
    })
  }

  #newLiars(): Liars {
    const { ledger, agenda, events, parts, write } = this.#whole
    const { store, clock, random, log } = parts
    const publish = (evidence: Uint8Array) => this.gossip.publishEvidence(evidence)
    const concerns = (society: SocietyKey) =>
      this.members.current.members.has(society) || this.guests.isKept(society)
    return new Liars({
      ledger,
      store,
      agenda,
      events,
      clock,
      random,
      log,
      publish,
      concerns,
      write,
    })
  }

  #newBeginning(): Beginning {
    const { ledger, parts, write } = this.#whole
    const { founding, network, clock, log } = parts
    const goOn = (isFirst: boolean) => this.#goOn(isFirst)
    return new Beginning({ self: ledger.self, ledger, founding, network, clock, log, write, goOn })
  }

  /** Signs what is signed again and again, from now on or once more. */
  async #goOn(isFirst: boolean): Promise<void> {
    await this.heads.signAll()
    this.liars.reportAll()
    if (this.#whole.parts.manual) return
    this.automation.start()
    if (isFirst) this.witnessing.start()
  }

  #newFinality(): Finality {
    const { ledger, events, parts } = this.#whole
    const { store, network, clock, log, signer, verifier } = parts
    return new Finality({
      ledger,
      store,
      network,
      clock,
      log,
      signer,
      verifier,
      events,
      peersOf: (society) => this.members.peersOf(society),
      societyOf: (peer) => this.members.memberOf(peer),
      publish: (certificate) => this.gossip.publishCertificate(certificate),
      onCertified: () => this.automation.nudge(),
    })
  }

  #newCheckpoints(): Checkpoints {
    const { ledger, indexes, agenda, parts } = this.#whole
    const { store, network, clock, log, signer, verifier, manual, history = 'all' } = parts
    return new Checkpoints({
      ledger,
      index: ledger.index,
      store,
      network,
      clock,
      log,
      signer,
      verifier,
      manual,
      history,
      observers: [agenda, ...indexes.observers],
      peersOf: (society) => this.members.peersOf(society),
      societyOf: (peer) => this.members.memberOf(peer),
      breathe: breatheBy(clock),
    })
  }

  #newConfirmations(): Confirmations {
    const { ledger, parts } = this.#whole
    const { store, clock } = parts
    const { held, index } = ledger
    return new Confirmations({ store, held, index, clock })
  }

  #newCosigner(): Cosigner {
    const { ledger, indexes, parts } = this.#whole
    const { signer, store, network, clock, cosign: policy, localSigners = new Map() } = parts
    const { self, index, held } = ledger
    return new Cosigner({
      self,
      index,
      signer,
      network,
      clock,
      policy,
      confirmations: this.confirmations,
      hours: new SignedHours({ self, store, held, index, clock }),
      localSigners,
      peersOf: (society) => this.members.peersOf(society),
      silence: () => ledger.silence,
      endorsementRefusal: (endorsement) =>
        endorsementRefusal(indexes.relations, self, clock.now(), endorsement),
    })
  }

  #newWriter(): Writer {
    const { ledger, history, parts } = this.#whole
    const { network, sha256 } = parts
    const { cosigner } = this
    const { succession } = this.finality
    const knowledge = () => this.#knowledge
    const { identity } = network
    return new Writer({
      self: ledger.self,
      ledger,
      cosigner,
      succession,
      identity,
      signPool: () => this.heads.signPool(),
      history,
      sha256,
      knowledge,
    })
  }

  get #knowledge(): Omit<Resolving, 'history' | 'readings' | 'witnessedLevel'> {
    const { ledger, agenda, indexes, parts, find } = this.#whole
    const { self, held, index, forks } = ledger
    const { queue, claims, relations } = indexes
    return {
      self,
      held,
      index,
      forks,
      agenda,
      queue,
      claims,
      find,
      now: parts.clock.now(),
      membership: this.members.current,
      vouching: relations.vouching,
      plausibility: parts.plausibility,
      finality: this.finality,
      releaseOf: (acceptance) => this.automation.releaseOf(acceptance),
    }
  }

  #newAutomation(): AutomationLoop {
    const { ledger, agenda, indexes, events, parts, write } = this.#whole
    const { store, clock, log } = parts
    const { self } = ledger
    return new AutomationLoop({
      self,
      ledger,
      agenda,
      store,
      clock,
      log,
      write,
      heads: this.heads,
      queue: indexes.queue,
      capacityOf: (society) => indexes.capacityOf(society),
      reportOf: (society) => this.liars.reportOf(society),
      isLost: async (handover) => {
        const placed = await placeOf(handover, ledger)
        return placed !== undefined && this.finality.isLost(placed)
      },
      claims: indexes.claims,
      emit: (type, data) => events.emit(type, clock.now(), data),
    })
  }

  #newDisowned(): Disowned {
    const { ledger, parts } = this.#whole
    return new Disowned({ self: ledger.self, store: parts.store, index: ledger.index })
  }

  #newWitnessing(): Witnessing {
    const { ledger, indexes, events, parts, write } = this.#whole
    const { clock, network, log, verifier, signer, sha256, store, witness: options } = parts
    const { self, held, index } = ledger
    const { claims, transcripts } = indexes
    return new Witnessing({
      self,
      held,
      index,
      claims,
      transcripts,
      clock,
      network,
      log,
      verifier,
      signer,
      sha256,
      store,
      disowned: this.disowned,
      options,
      doubts: this.doubts,
      write,
      peersOf: (society) => this.members.peersOf(society),
      societyOf: (peer) => this.members.memberOf(peer),
      emit: (type, data) => events.emit(type, clock.now(), data),
    })
  }

  #newViews(): Views {
    const { ledger, indexes, parts } = this.#whole
    const { store, verifier, clock, log } = parts
    const { liars } = this
    const membership = () => this.members.current
    return new Views({ ledger, indexes, store, verifier, clock, log, liars, membership })
  }

  #newBackings(): Backings {
    const { ledger, indexes, parts } = this.#whole
    const { store, clock, founding } = parts
    const { heads, members, finality, doubts } = this
    return new Backings({
      ledger,
      indexes,
      store,
      clock,
      founding,
      heads,
      members,
      finality,
      doubts,
    })
  }
}
