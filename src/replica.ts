import {
  actorOf,
  didOf,
  keyOfActor,
  keyOfBytes,
  parseRatio,
  type Actor,
  type DocumentKind,
  type Finding,
  type PoolState,
  type RecordId,
  type Recorded,
  type SignedHead,
  type SocietyKey,
  type TrustState,
} from '../protocol/index.ts'
import { Agenda } from './automation/agenda.ts'
import { Assembly } from './assembly.ts'
import type { ExportedBacking } from './backing/export.ts'
import { burdensOf, type Burden } from './burdens.ts'
import type { ClockGuard } from './clock/clock-guard.ts'
import { MeasurementHistory } from './energy/measurement-history.ts'
import { EventLog, recordNews } from './events.ts'
import { Failure } from './failure.ts'
import { findSociety, nameOf } from './find.ts'
import { trustTopic } from './gossip.ts'
import { Indexes, type IndexedNode } from './indexes.ts'
import type { Accepted } from './ledger/batch.ts'
import type { Convicted } from './ledger/convictions.ts'
import { Ledger } from './ledger/ledger.ts'
import {
  mayAdmit,
  ofMembership,
  viewMembership,
  type MembershipView,
} from './membership/membership.ts'
import type { Measurement, PeerName } from './ports.ts'
import { breatheBy } from './turns.ts'
import type { PlaceAudit } from './queue/audit.ts'
import type { ReplicaParts } from './replica-parts.ts'
import type { Restoration } from './restored.ts'
import type { BackingView } from './view/backing.ts'
import { viewCheckpoints, type CheckpointsView } from './view/checkpoints.ts'
import { changesOf, KnownDigests, viewHeads, type HeadView } from './view/documents.ts'
import { viewExchange, type ExchangeView } from './view/exchange.ts'
import { viewRecords, type RecordsQuery, type RecordView } from './view/records.ts'
import { viewSociety, type SocietyView } from './view/society.ts'
import { viewTrades, type TradesView } from './view/trades.ts'
import { viewTrust, type TrustView } from './view/trust.ts'
import { citizensOf } from './view/kinship.ts'
import type { Views } from './view/views.ts'
import type { Witnessing } from './witness/witnessing.ts'
import { receiptsSince, type Receipt } from './work/receipts.ts'
import type { Span } from './work/spans.ts'
import type { Drafted } from './write/writer.ts'

/** What a replica has read from its store. */
type Opened = {
  readonly ledger: Ledger
  readonly agenda: Agenda
  readonly indexes: Indexes
  readonly history: MeasurementHistory
}

/**
 * One society's replica of its federation: writes its own records, judges everyone's, keeps in step
 * by gossip and sync, and answers questions. Reaches the world through ports alone.
 */
export class Replica {
  readonly self: SocietyKey
  readonly events: EventLog = new EventLog()
  readonly agenda: Agenda
  readonly restoration: Restoration
  readonly clockGuard: ClockGuard
  /** Answers to questions about more than one society's state. */
  readonly views: Views
  readonly witnessing: Witnessing
  /** What the indexes ask of this node. */
  readonly indexed: IndexedNode
  readonly #parts: ReplicaParts
  readonly #ledger: Ledger
  readonly #indexes: Indexes
  readonly #assembly: Assembly
  readonly #digests: KnownDigests = new KnownDigests()

  private constructor(parts: ReplicaParts, opened: Opened) {
    const { ledger, agenda, indexes } = opened
    this.#parts = parts
    this.#ledger = ledger
    this.#indexes = indexes
    this.agenda = agenda
    this.self = ledger.self
    this.#assembly = new Assembly({
      ...opened,
      parts,
      events: this.events,
      write: (kind, given) => this.write(kind, given),
      find: (text) => this.find(text),
      onGone: () => this.#membersMayHaveChanged(),
    })
    this.restoration = this.#assembly.restoration
    this.clockGuard = this.#assembly.clockGuard
    this.witnessing = this.#assembly.witnessing
    this.views = this.#assembly.views
    this.indexed = this.#newIndexed()
  }

  /** Opens the replica on its store. Fails with `store-damaged` where the store is not whole. */
  static async open(parts: ReplicaParts): Promise<Replica> {
    let replica: Replica | undefined
    const waitsFor = (offer: RecordId): boolean => replica?.waitsFor(offer) ?? false
    const agenda = new Agenda(keyOfBytes(parts.signer.publicKey), waitsFor)
    await agenda.load(parts.store)
    const history = new MeasurementHistory()
    await history.load(parts.store)
    // Nothing is judged before the replica is there.
    const indexes = new Indexes(agenda.self, parts.store, () => (replica as Replica).indexed)
    await indexes.load(parts.store, parts.clock.now())
    const { store, verifier, signer, clock, log, sha256 } = parts
    const ledger = await Ledger.open({
      store,
      verifier,
      signer,
      clock,
      log,
      breathe: breatheBy(clock),
      sha256,
      observers: [agenda, ...indexes.observers],
      admits: ({ kind }) => ofMembership.has(kind),
      refuses: (actor, seq, isNamed) => replica?.refusal(actor, seq, isNamed),
      onAccepted: (accepted) => replica?.accepted(accepted),
      mayHaveSigned: () => replica?.restoration.pending ?? false,
      clockFault: () => replica?.clockGuard.look(),
      headOf: (actor) => replica?.headOf(actor),
      onAdopted: () => replica?.adopted(),
      onConvicted: (convicted) => replica?.convicted(convicted),
    })
    replica = new Replica(parts, { ledger, agenda, indexes, history })
    indexes.relations.load()
    indexes.claims.load()
    return replica
  }

  /** Founds the society if that was not done, then joins the network. */
  async start(): Promise<void> {
    await this.#assembly.heads.load()
    this.clockGuard.signed(this.#ledger.newestTime)
    await this.#ledger.catchUp()
    await this.restoration.load()
    await this.#assembly.beginning.found()
    this.#assembly.sync.start()
    this.#assembly.cosigner.start()
    this.witnessing.serve()
    await this.#assembly.finality.start()
    this.#assembly.checkpoints.start()
    this.#assembly.heads.start()
    const { network, founding } = this.#parts
    await network.start({
      gossip: (peer, topic, data) => this.#assembly.gossip.take(peer, topic, data),
      connected: (peer) => {
        this.events.emit('peer-connected', this.#parts.clock.now(), this.#whose(peer))
        this.#assembly.finality.connected(peer)
        this.#assembly.sync.tell({ type: 'connected', peer })
        this.witnessing.connected(peer)
      },
      disconnected: (peer) => {
        this.events.emit('peer-disconnected', this.#parts.clock.now(), this.#whose(peer))
        this.#assembly.sync.tell({ type: 'disconnected', peer })
      },
    })
    network.subscribe(trustTopic(founding.federation))
    this.#assembly.members.follow()
    await this.#assembly.beginning.begin()
    this.#indexes.start()
    this.#assembly.liars.start()
  }

  /** A peer with the society that it belongs to, as far as that is known. */
  #whose(peer: PeerName): Readonly<Record<string, string>> {
    const society = this.#assembly.members.current.societyOfPeer.get(peer)
    if (society === undefined) return { peer }
    return { peer, society: didOf(society), name: nameOf(this.#ledger.held, society) }
  }

  /** Stops in reverse; resolves when everything handed in is on disk. The store stays open. */
  async stop(): Promise<void> {
    this.witnessing.stop()
    this.#assembly.automation.stop()
    this.#assembly.beginning.stop()
    this.#assembly.finality.stop()
    this.#assembly.liars.stop()
    this.#indexes.stop()
    this.#assembly.sync.stop()
    this.#assembly.heads.stop()
    await this.#assembly.checkpoints.stop()
    this.#assembly.gossip.flush()
    await this.#parts.network.stop()
    await this.#ledger.close()
  }

  /** Why changes up to a place of a document are not taken from others. */
  refusal(actor: Actor, seq: number, isNamed = false): string | undefined {
    return this.#assembly.members.refusal(actor, seq, isNamed)
  }

  /** Whether this society has accepted of an offer and waits for the seller. */
  waitsFor(offer: RecordId): boolean {
    const { acceptances } = this.#ledger.held.pool(this.self)
    return [...acceptances.values()].some((acceptance) => acceptance.offer === offer)
  }

  /** Takes notice of changes that are on disk. */
  accepted(accepted: readonly Accepted[]): void {
    this.#assembly.gossip.publishChanges(accepted.filter((change) => change.own))
    let membership = false
    for (const change of accepted) {
      this.#assembly.guests.heard(keyOfActor(change.actor))
      const news = recordNews(this.#ledger.held, change.judged)
      for (const [place, record] of change.judged.entries()) {
        membership ||= ofMembership.has(record.kind)
        this.witnessing.accepted(record)
        this.events.emit('record', record.time, news[place] ?? {})
      }
    }
    if (membership || this.#assembly.members.isOld) this.#membersMayHaveChanged()
    this.#assembly.guests.look()
    this.#indexes.look()
    this.#assembly.liars.accepted(accepted)
    this.#assembly.finality.accepted(accepted)
    this.#assembly.checkpoints.accepted(accepted)
    this.restoration.look()
    this.#assembly.automation.nudge()
  }

  #membersMayHaveChanged(): void {
    if (!this.#assembly.members.follow()) return
    this.#assembly.liars.reportDue()
    // What was refused of a new member before is to be had from whoever is connected.
    for (const peer of this.#parts.network.peers()) this.#assembly.sync.tell({ type: 'hint', peer })
  }

  /** A document was taken over from a checkpoint. */
  adopted(): void {
    this.#membersMayHaveChanged()
    this.#indexes.look()
    this.#assembly.automation.nudge()
  }

  /** A society was found to have signed two pasts. */
  convicted(convicted: Convicted): void {
    this.#assembly.liars.convicted(convicted)
    this.#assembly.finality.convicted(convicted.society)
    this.#membersMayHaveChanged()
    this.#assembly.automation.nudge()
  }

  /** Checkpoints of this society, and what this node keeps of everybody's history. */
  checkpoints(): CheckpointsView {
    return viewCheckpoints(this.#ledger, this.#assembly.checkpoints)
  }

  /**
   * Has own documents that have changed signed by the witnesses, and drops what may be dropped, as
   * it does by itself. Fails with `uncertified`, `rate-limited` while it is under way.
   */
  writeCheckpoints(): Promise<void> {
    return this.#assembly.checkpoints.now()
  }

  /** Signs where the own documents stand and tells the others, as it does by itself each minute. */
  signHeads(): Promise<void> {
    return this.#assembly.heads.signAll()
  }

  /** The newest signed head of a document that is known here. */
  headOf(actor: Actor): SignedHead | undefined {
    return this.#assembly.heads.ofActor(actor)
  }

  /** Nodes of a society that are certified, connected ones first. */
  peersOf(society: SocietyKey): readonly PeerName[] {
    return this.#assembly.members.peersOf(society)
  }

  /**
   * Writes a record of this society and answers its id once it is on disk. `given` is what a caller
   * gives (decimals, names); throws `Failure` with the rule's code where it is refused.
   */
  write(kind: string, given: unknown): Promise<RecordId> {
    return this.#assembly.writer.write(kind, given)
  }

  /** A record as it would be written; throws `Failure` where there is none to be written. */
  draft(kind: string, given: unknown): Promise<Drafted> {
    return this.#assembly.writer.draft(kind, given)
  }

  /** Signs and publishes a measurement: the proof, and its transcript as evidence. */
  prove(measurement: Measurement): Promise<RecordId> {
    return this.#assembly.writer.prove(measurement, (proof) =>
      this.witnessing.proven(proof, measurement),
    )
  }

  /**
   * An own source was measured, and its proof stands: its witnesses are answered by way of this
   * measurement from now on.
   */
  seenAgain(measurement: Measurement): void {
    const source = this.#ledger.held.trust(this.self).sources.get(measurement.source)
    if (source !== undefined) this.witnessing.proven(source.proof, measurement)
  }

  /**
   * The operator confirms work at a quality of 0..1, and as its worker when it was done: this node
   * will sign just that completion, once this is on disk. Fails with `invalid-quality`,
   * `malformed`, `rate-limited`.
   */
  async confirm(ticket: RecordId, quality: number | string, worked?: Span): Promise<void> {
    const value = parseRatio(quality)
    if (value === undefined) throw new Failure('invalid-quality', 'quality must be from 0 to 1')
    if (worked !== undefined && worked.start > worked.end) {
      throw new Failure('malformed', 'work starts before it finishes')
    }
    const confirmed = { quality: value, ...(worked && { worked }) }
    await this.#assembly.confirmations.confirm(ticket, confirmed)
  }

  /**
   * The operator does not stand by a receipt of work done for this society, whoever signed it:
   * witnesses that ask are told. Fails with `unknown-reference`, `not-authorised`.
   */
  disown(receipt: RecordId): Promise<void> {
    return this.#assembly.disowned.disown(receipt)
  }

  /** The society that a text names: id, unique prefix or name. */
  find(text: string): SocietyKey {
    return findSociety(this.#ledger.held, text, this.#assembly.members.current.members)
  }

  /** A society as this node sees it now; itself by default. */
  society(key: SocietyKey = this.self): SocietyView {
    return viewSociety(this.#ledger.held, key, this.#parts.clock.now(), this.#indexes.claims, {
      ...this.#assembly.liars.standingOf(key),
      ...this.#indexes.contextOf(key),
    })
  }

  /** What the detectors find about a society now, the worst first. */
  flags(society: SocietyKey): readonly Finding[] {
    return this.#indexes.flags.findings(society, this.#parts.clock.now())
  }

  /** What this society, or another by what is known here, makes of a third, and why. */
  trust(subject: SocietyKey, observer: SocietyKey = this.self): TrustView {
    const now = this.#parts.clock.now()
    const found = this.#indexes.relations.explain(observer, subject, now)
    return viewTrust(observer, subject, now, found)
  }

  #newIndexed(): IndexedNode {
    const { clock, store } = this.#parts
    const { held, index } = this.#ledger
    return {
      held,
      index,
      clock,
      store,
      equivocationOf: (society) => this.#assembly.liars.equivocationOf(society),
      members: () => this.#assembly.members.current.since,
      emit: (type, data) => this.events.emit(type, clock.now(), data),
    }
  }

  /** Whether the place of a request in its queue was honoured, from records alone. */
  auditRequest(id: RecordId): Promise<PlaceAudit> {
    return this.#indexes.auditRequest(id)
  }

  /** May I take this society's ATP, and why. */
  backing(key: SocietyKey): Promise<BackingView> {
    return this.#assembly.backings.view(key)
  }

  /** The same with all that it follows from, for whoever knows nothing of this node. */
  exportBacking(key: SocietyKey): Promise<ExportedBacking> {
    return this.#assembly.backings.export(key)
  }

  /** Open offers and acceptances. */
  trades(): TradesView {
    return viewTrades(this.#ledger.held, this.self, this.#parts.clock.now())
  }

  /** Records of a society's chains. */
  records(query: RecordsQuery): Promise<readonly RecordView[]> {
    return viewRecords(this.#parts.store, this.#ledger.held, this.#ledger.index, query)
  }

  /** Receipts of some workers, of work that ended after an instant, in ms, newest first a pool. */
  receipts(workers: ReadonlySet<SocietyKey>, since: number): Promise<readonly Receipt[]> {
    const { held, index } = this.#ledger
    return receiptsSince({ store: this.#parts.store, held, index }, workers, since)
  }

  /** Societies within this one: its citizens, theirs, and so on. */
  citizens(): ReadonlySet<SocietyKey> {
    return citizensOf(this.#ledger.held, this.self, this.#parts.clock.now())
  }

  /** Where every document stands, with the digest of its state made anew, sorted by actor. */
  documentHeads(): readonly HeadView[] {
    return viewHeads(this.#ledger.held)
  }

  /** The same for whoever asks often: of documents that did not change nothing is made anew. */
  heads(): readonly HeadView[] {
    return viewHeads(this.#ledger.held, this.#digests.of)
  }

  /** Every state as it is held, for whoever audits this node; not to be changed. */
  states(): { readonly trusts: Iterable<TrustState>; readonly pools: Iterable<PoolState> } {
    const { held } = this.#ledger
    return { trusts: held.trusts(), pools: held.pools() }
  }

  /** Members, applicants and whom each known node belongs to, by id. */
  membership(): MembershipView {
    return viewMembership(this.#assembly.members.current)
  }

  /** Whether others count this society as a member, as far as is known here; its founder does. */
  get isAdmitted(): boolean {
    return mayAdmit(this.self, this.#assembly.members.current, this.#ledger.held.trusts())
  }

  /** Up to which change a society's witnesses have acknowledged its pool; undefined without any. */
  certifiedTo(society: SocietyKey): number | undefined {
    const { certificates } = this.#assembly.finality
    if (certificates.witnessesOf(society).length === 0) return undefined
    return certificates.reach(actorOf('pool', society))
  }

  /** How far this node and a peer that is another society's have each other's documents. */
  exchange(peer: PeerName, society: SocietyKey): ExchangeView {
    const { heads, sync } = this.#assembly
    return viewExchange(this.#ledger, heads, society, sync.heldBy(peer))
  }

  /** A record by its id, with what it came to; undefined where it is not here. */
  record(id: RecordId): Promise<Recorded | undefined> {
    return this.#ledger.index.record(id)
  }

  /** The bytes of a document's changes, in order. */
  changes(kind: DocumentKind, key: SocietyKey): Promise<readonly Uint8Array[]> {
    return changesOf(this.#parts.store, this.#ledger.held, kind, key)
  }

  /** A document of a society as Automerge has it: saved bytes and heads. */
  async exportDocument(kind: DocumentKind, key: SocietyKey): Promise<{ saved: Uint8Array }> {
    return this.#parts.documents.build(await this.changes(kind, key))
  }

  /** The trust graph: the merge of the members' trust documents, as canonical JSON text. */
  async trustGraph(): Promise<string> {
    const changes: Uint8Array[] = []
    for (const member of [...this.#assembly.members.current.members].sort()) {
      changes.push(...(await this.changes('trust', member)))
    }
    return this.#parts.documents.read(changes)
  }

  /** What waits in this node's queues, and why it has stopped signing if it has. */
  health(): { readonly jobs: number; readonly waiting: number; readonly broken: string | null } {
    const { jobs, waiting } = this.#ledger.load
    return { jobs, waiting, broken: this.#ledger.broken?.message ?? null }
  }

  /** Whether `states` shows nothing that is not on disk yet. */
  get settled(): boolean {
    return this.#ledger.settled
  }

  /** What this node keeps that others could make grow, each with its bound. */
  burdens(): readonly Burden[] {
    const { guests, heads, members } = this.#assembly
    const stay = members.current.members.size + guests.kept
    return burdensOf(this.#ledger, heads, this.events, stay)
  }
}
