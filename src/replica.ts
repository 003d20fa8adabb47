import {
  didOf,
  keyOfBytes,
  parseRatio,
  type Actor,
  type DocumentKind,
  type Fields,
  type Finding,
  type PoolState,
  type RecordId,
  type Recorded,
  type SignedHead,
  type SocietyKey,
  type TrustState,
} from '../protocol/index.ts'
import { Agenda } from './agenda.ts'
import { AutomationLoop } from './automation.ts'
import { burdensOf, type Burden } from './burdens.ts'
import { Cosigner } from './cosign.ts'
import { EventLog } from './events.ts'
import { Failure } from './failure.ts'
import { findSociety, nameOf } from './find.ts'
import { certifyNode, foundSociety, type Writing } from './founding.ts'
import { Gossip, trustTopic } from './gossip.ts'
import { Heads } from './heads.ts'
import { Indexes, type IndexedNode } from './indexes.ts'
import type { Accepted } from './ledger/batch.ts'
import type { Convicted } from './ledger/convictions.ts'
import { Ledger } from './ledger/ledger.ts'
import { Liars } from './liars.ts'
import { guestChangesMax } from './limits.ts'
import { Members } from './members.ts'
import { viewMembership, type MembershipView } from './membership.ts'
import type { Measurement, PeerName } from './ports.ts'
import type { PlaceAudit } from './queue/audit.ts'
import type { ReplicaParts } from './replica-parts.ts'
import { Restoration } from './restored.ts'
import { SyncDriver } from './sync/driver.ts'
import { endorsementRefusal } from './trust/endorse.ts'
import { viewBacking, type BackingView } from './view/backing.ts'
import { changesOf, viewHeads, type HeadView } from './view/documents.ts'
import { viewRecords, type RecordsQuery, type RecordView } from './view/records.ts'
import { viewSociety, type SocietyView } from './view/society.ts'
import { viewTrades, type TradesView } from './view/trades.ts'
import { viewTrust, type TrustView } from './view/trust.ts'
import { proofOfMeasurement } from './write/measurement.ts'
import { fieldsOf, resolveRecord } from './write/resolve.ts'
import type { Resolving } from './write/resolver.ts'
import { withSignatures } from './write/signatures.ts'

/**
 * One society's replica of its federation: writes its own records, judges everyone's, keeps in step
 * by gossip and sync, and answers questions. Reaches the world through ports alone.
 */
export class Replica {
  readonly self: SocietyKey
  readonly events: EventLog = new EventLog()
  readonly agenda: Agenda
  readonly restoration: Restoration
  readonly #parts: ReplicaParts
  readonly #ledger: Ledger
  readonly #heads: Heads
  readonly #gossip: Gossip
  readonly #sync: SyncDriver
  readonly #cosigner: Cosigner
  readonly #automation: AutomationLoop
  readonly #indexes: Indexes
  readonly #liars: Liars
  readonly #members: Members

  private constructor(parts: ReplicaParts, ledger: Ledger, agenda: Agenda, indexes: Indexes) {
    this.#parts = parts
    this.#ledger = ledger
    this.agenda = agenda
    this.#indexes = indexes
    this.self = ledger.self
    const { network, clock, store, log, signer, verifier, random } = parts
    const { federation } = parts.founding
    const { founding, bootstrapPeers, onMembers } = parts
    this.#members = new Members({ ledger, network, clock, founding, bootstrapPeers, onMembers })
    this.#heads = new Heads({
      ledger,
      store,
      signer,
      verifier,
      clock,
      intervalMs: () => parts.timing.headMs,
      publish: (signed) => this.#gossip.publishHead(signed),
    })
    this.#sync = new SyncDriver({
      ledger,
      store,
      network,
      clock,
      random,
      log,
      intervalMs: () => parts.timing.syncMs,
      wants: (actor) => this.refusal(actor, 1) === undefined,
      knows: (actor) => this.#members.knows(actor),
      limits: (actor) => this.refusal(actor, guestChangesMax + 1) !== undefined,
      onShown: (peer, ahead) => this.restoration.heard(peer, ahead),
    })
    this.restoration = new Restoration({
      ledger,
      store,
      membership: () => this.#members.current,
      log,
      done: () => this.#begin(),
    })
    this.#gossip = new Gossip({
      federation,
      ledger,
      heads: this.#heads,
      network,
      knows: (actor) => this.#members.knows(actor),
      hint: (peer) => this.#sync.tell({ type: 'hint', peer }),
      onHead: () => this.#automation.nudge(),
    })
    this.#liars = new Liars({
      ledger,
      store,
      agenda,
      events: this.events,
      clock,
      random,
      log,
      publish: (evidence) => this.#gossip.publishEvidence(evidence),
      write: (kind, given) => this.write(kind, given),
    })
    this.#cosigner = this.#newCosigner()
    this.#automation = this.#newAutomation()
  }

  #newAutomation(): AutomationLoop {
    const { store, clock, log } = this.#parts
    const { agenda } = this
    const ledger = this.#ledger
    const indexes = this.#indexes
    return new AutomationLoop({
      self: this.self,
      ledger,
      agenda,
      heads: this.#heads,
      queue: indexes.queue,
      capacityOf: (society) => indexes.capacityOf(society),
      reportOf: (society) => this.#liars.reportOf(society),
      store,
      clock,
      log,
      write: (kind, given) => this.write(kind, given),
    })
  }

  #newCosigner(): Cosigner {
    const { signer, network, clock, cosign, localSigners } = this.#parts
    const { self } = this
    const { index } = this.#ledger
    const { relations } = this.#indexes
    return new Cosigner({
      self,
      signer,
      index,
      network,
      clock,
      policy: cosign,
      localSigners: localSigners ?? new Map(),
      peersOf: (society) => this.peersOf(society),
      endorsementRefusal: (endorsement) =>
        endorsementRefusal(relations, self, clock.now(), endorsement),
    })
  }

  /** Opens the replica on its store. Fails with `store-damaged` where the store is not whole. */
  static async open(parts: ReplicaParts): Promise<Replica> {
    const agenda = new Agenda(keyOfBytes(parts.signer.publicKey))
    await agenda.load(parts.store)
    let replica: Replica | undefined
    // Nothing is judged before the replica is there.
    const indexes = new Indexes(agenda.self, () => (replica as Replica).indexed)
    await indexes.load(parts.store, parts.clock.now())
    const { store, verifier, signer, clock, log } = parts
    const ledger = await Ledger.open({
      store,
      verifier,
      signer,
      clock,
      log,
      observers: [agenda, ...indexes.observers],
      refuses: (actor, seq) => replica?.refusal(actor, seq),
      onAccepted: (accepted) => replica?.accepted(accepted),
      mayHaveSigned: () => replica?.restoration.pending ?? false,
      headOf: (actor) => replica?.headOf(actor),
      onConvicted: (convicted) => replica?.convicted(convicted),
    })
    replica = new Replica(parts, ledger, agenda, indexes)
    indexes.relations.load()
    indexes.claims.load()
    return replica
  }

  /** Founds the society if that was not done, then joins the network. */
  async start(): Promise<void> {
    await this.#heads.load()
    await this.#ledger.catchUp()
    await this.restoration.load()
    if (this.#ledger.silence === undefined) await this.#found()
    this.#sync.start()
    this.#cosigner.start()
    this.#heads.start()
    const { network, founding } = this.#parts
    await network.start({
      gossip: (peer, topic, data) => this.#gossip.take(peer, topic, data),
      connected: (peer) => {
        this.events.emit('peer-connected', this.#parts.clock.now(), { peer })
        this.#sync.tell({ type: 'connected', peer })
      },
      disconnected: (peer) => {
        this.events.emit('peer-disconnected', this.#parts.clock.now(), { peer })
        this.#sync.tell({ type: 'disconnected', peer })
      },
    })
    network.subscribe(trustTopic(founding.federation))
    this.#members.follow()
    if (this.#ledger.silence === undefined) await this.#begin()
    this.#indexes.start()
    this.#liars.start()
  }

  /** Signs what a node signs by itself, from now on; nothing where its word is void. */
  async #begin(): Promise<void> {
    try {
      await this.#signOwn()
    } catch (error) {
      // Others may show at any moment that the society signed two pasts.
      if (!this.#ledger.forks.convicted(this.self)) throw error
    }
  }

  async #signOwn(): Promise<void> {
    await this.#found()
    await certifyNode(
      this.#ledger.held.trust(this.self),
      this.#parts.network.identity,
      this.#writing,
    )
    await this.#heads.signAll()
    if (!this.#parts.manual) this.#automation.start()
  }

  /** Stops in reverse; resolves when everything handed in is on disk. The store stays open. */
  async stop(): Promise<void> {
    this.#automation.stop()
    this.#liars.stop()
    this.#indexes.stop()
    this.#sync.stop()
    this.#heads.stop()
    await this.#parts.network.stop()
    await this.#ledger.close()
  }

  #found(): Promise<void> {
    return foundSociety(this.#ledger.held, this.self, this.#parts.founding, this.#writing)
  }

  get #writing(): Writing {
    const write: Writing['write'] = (kind, given) => this.write(kind, given)
    return { now: this.#parts.clock.now(), write }
  }

  /** Why changes up to a place of a document are not taken from others. */
  refusal(actor: Actor, seq: number): string | undefined {
    return this.#members.refusal(actor, seq)
  }

  /** Takes notice of changes that are on disk. */
  accepted(accepted: readonly Accepted[]): void {
    this.#gossip.publishChanges(accepted.filter((change) => change.own))
    let membership = false
    for (const change of accepted) {
      for (const record of change.judged) {
        membership ||= record.document === 'trust'
        this.events.emit('record', record.time, {
          id: record.id,
          society: didOf(record.author),
          name: nameOf(this.#ledger.held, record.author),
          kind: record.kind,
          void: record.void,
        })
      }
    }
    if (membership) this.#membersMayHaveChanged()
    this.#indexes.look()
    this.#liars.accepted(accepted)
    this.#automation.nudge()
  }

  #membersMayHaveChanged(): void {
    if (!this.#members.follow()) return
    // What was refused of a new member before is to be had from whoever is connected.
    for (const peer of this.#parts.network.peers()) this.#sync.tell({ type: 'hint', peer })
  }

  /** A society was found to have signed two pasts. */
  convicted(convicted: Convicted): void {
    this.#liars.convicted(convicted)
    this.#membersMayHaveChanged()
    this.#automation.nudge()
  }

  /** The newest signed head of a document that is known here. */
  headOf(actor: Actor): SignedHead | undefined {
    return this.#heads.ofActor(actor)
  }

  /** Nodes of a society that are certified, connected ones first. */
  peersOf(society: SocietyKey): readonly PeerName[] {
    return this.#members.peersOf(society)
  }

  get #resolving(): Resolving {
    const { held, index, forks } = this.#ledger
    return {
      self: this.self,
      now: this.#parts.clock.now(),
      held,
      index,
      agenda: this.agenda,
      queue: this.#indexes.queue,
      claims: this.#indexes.claims,
      vouching: this.#indexes.relations.vouching,
      forks,
      find: (text) => this.find(text),
    }
  }

  /**
   * Writes a record of this society and answers its id once it is on disk. `given` is what a caller
   * gives (decimals, names); throws `Failure` with the rule's code where it is refused.
   */
  async write(kind: string, given: unknown): Promise<RecordId> {
    const { document, fields } = await this.draft(kind, given)
    return this.#ledger.append(document, async () => fields)
  }

  /** The wire fields of a record as it would be written; throws `Failure` where it is refused. */
  async draft(
    kind: string,
    given: unknown,
  ): Promise<{ readonly document: DocumentKind; readonly fields: Fields }> {
    const { document, value } = await resolveRecord(kind, given, this.#resolving)
    const complete = await withSignatures(kind, value, {
      self: this.self,
      ledger: this.#ledger,
      cosigner: this.#cosigner,
      identity: this.#parts.network.identity,
    })
    return { document, fields: fieldsOf(kind, complete) }
  }

  /** Signs and publishes a measurement: the proof, and its transcript as evidence. */
  async prove(measurement: Measurement): Promise<RecordId> {
    const digest = this.#parts.sha256(measurement.transcript)
    const proof = await this.write('energy.prove', proofOfMeasurement(measurement, digest))
    await this.write('energy.evidence', { proof, transcript: measurement.transcript })
    return proof
  }

  /** The operator confirms work at a quality of 0..1: this node will sign just that completion. */
  confirm(ticket: RecordId, quality: number | string): void {
    const value = parseRatio(quality)
    if (value === undefined) throw new Failure('invalid-quality', 'quality must be from 0 to 1')
    this.#cosigner.confirm(ticket, value)
  }

  /** The society that a text names: id, unique prefix or name. */
  find(text: string): SocietyKey {
    return findSociety(this.#ledger.held, text, this.#members.current.members)
  }

  /** A society as this node sees it now; itself by default. */
  society(key: SocietyKey = this.self): SocietyView {
    return viewSociety(this.#ledger.held, key, this.#parts.clock.now(), this.#indexes.claims, {
      ...this.#liars.standingOf(key),
      ...this.#indexes.contextOf(key),
    })
  }

  /** What the detectors find about a society now, the worst first. */
  flags(society: SocietyKey): readonly Finding[] {
    return this.#indexes.flags.findings(society, this.#parts.clock.now())
  }

  /** What this society makes of another, and why. */
  trust(subject: SocietyKey): TrustView {
    const now = this.#parts.clock.now()
    return viewTrust(
      this.self,
      subject,
      now,
      this.#indexes.relations.explain(this.self, subject, now),
    )
  }

  /** What the indexes ask of this node. */
  get indexed(): IndexedNode {
    const { clock, store } = this.#parts
    const { held, index } = this.#ledger
    return {
      held,
      index,
      clock,
      store,
      equivocationOf: (society) => this.#liars.equivocationOf(society),
      memberSince: (society) => this.#members.current.since.get(society),
      emit: (type, data) => this.events.emit(type, clock.now(), data),
    }
  }

  /** Whether the place of a request in its queue was honoured, from records alone. */
  auditRequest(id: RecordId): Promise<PlaceAudit> {
    return this.#indexes.auditRequest(id)
  }

  /** May I take this society's ATP, and why. */
  backing(key: SocietyKey): Promise<BackingView> {
    const { index, held, forks } = this.#ledger
    return viewBacking(index, held, this.#indexes.claims, forks, key, this.#parts.clock.now())
  }

  /** Open offers and acceptances. */
  trades(): TradesView {
    return viewTrades(this.#ledger.held, this.self, this.#parts.clock.now())
  }

  /** Records of a society's chains. */
  records(query: RecordsQuery): Promise<readonly RecordView[]> {
    return viewRecords(this.#parts.store, this.#ledger.held, this.#ledger.index, query)
  }

  /** Where every document stands, with the digest of its state, sorted by actor. */
  documentHeads(): readonly HeadView[] {
    return viewHeads(this.#ledger.held)
  }

  /** Every state as it is held, for whoever audits this node; not to be changed. */
  states(): { readonly trusts: Iterable<TrustState>; readonly pools: Iterable<PoolState> } {
    const { held } = this.#ledger
    return { trusts: held.trusts(), pools: held.pools() }
  }

  /** Members, applicants and whom each known node belongs to, by id. */
  membership(): MembershipView {
    return viewMembership(this.#members.current)
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
    for (const member of [...this.#members.current.members].sort()) {
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
    const { members } = this.#members.current
    return burdensOf(this.#ledger, this.#heads, this.events, members.size)
  }
}
