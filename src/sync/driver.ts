import {
  actorOf,
  checkpointBytesMax,
  decodeSyncRequest,
  decodeSyncResponse,
  encodeSyncRequest,
  encodeSyncResponse,
  namedHashesMax,
  type Actor,
  type ChangesFrame,
  type DocumentKind,
  type Frontier,
  type FrontierEntry,
  type SyncRequest,
  type SyncResponse,
} from '../../protocol/index.ts'
import type { Joining } from '../checkpoint/joining.ts'
import { Failure } from '../failure.ts'
import type { Verdict } from '../ledger/admission.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { guestCheckpointBytesMax, pullRoundsMax, syncAnswerBytes } from '../limits.ts'
import type { Clock, Log, Network, PeerName, Random, Store } from '../ports.ts'
import { protocols } from '../protocols.ts'
import { answerSync, newEnds, newEntries, ownFrontier } from './answer.ts'
import { Ranges, type RangeStart } from './ranges.ts'
import { idleSync, syncStep, type Pull, type SyncEvent, type SyncState } from './steps.ts'

/** What synchronisation needs of the node. */
export type SyncParts = {
  readonly ledger: Ledger
  readonly store: Store
  readonly network: Network
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Asked each time, so that it may change. */
  readonly intervalMs: () => number
  /** Whether a document is taken from others. */
  readonly wants: (actor: Actor) => boolean
  /** Whether anything of a document's owner is held: the ends of others' are not asked for. */
  readonly knows: (actor: Actor) => boolean
  /** Whether a document is not taken up to a place, but perhaps its first changes. */
  readonly limits: (actor: Actor, to: number) => boolean
  /** Takes documents over from checkpoints. */
  readonly joining: Joining
  /** A peer has told its frontier with its question. */
  readonly onHeard: (peer: PeerName, entries: readonly FrontierEntry[]) => void
  /** A peer has shown its frontier: what it has more of. */
  readonly onShown: (peer: PeerName, ahead: readonly FrontierEntry[]) => void
}

/** Changes of this society's own documents that a peer said it holds, and when it said so. */
export type HeldByPeer = { readonly trust: number; readonly pool: number; readonly at: number }

/** Carries out what the steps of synchronisation decide: asks, pulls, answers. */
export class SyncDriver {
  readonly #parts: SyncParts
  readonly #held: Map<PeerName, HeldByPeer> = new Map()
  #state: SyncState = idleSync
  #cancelTick: () => void = () => {}
  #stopped = false

  constructor(parts: SyncParts) {
    this.#parts = parts
  }

  /** Serves others and looks at a random peer every 30 s. */
  start(): void {
    const { network } = this.#parts
    network.serve(protocols.sync, (peer, body) => this.#answer(peer, body))
    this.#scheduleTick()
  }

  /** Stops asking; requests under way end by themselves. */
  stop(): void {
    this.#stopped = true
    this.#cancelTick()
  }

  /** Tells of something that happened. */
  tell(event: SyncEvent): void {
    if (this.#stopped) return
    if (event.type === 'disconnected') this.#held.delete(event.peer)
    const { clock } = this.#parts
    const { state, effects } = syncStep(this.#state, event, clock.now())
    this.#state = state
    for (const effect of effects) {
      if (effect.type === 'pull') void this.#pull(effect.peer, effect.pulls)
      else if (effect.afterMs === 0) void this.#ask(effect.peer)
      else clock.after(effect.afterMs, () => void this.#ask(effect.peer))
    }
  }

  /** What a connected peer holds of this society, as it said last; undefined where it has not. */
  heldBy(peer: PeerName): HeldByPeer | undefined {
    return this.#held.get(peer)
  }

  #hearOf(peer: PeerName, { entries }: Frontier): void {
    const { ledger, clock, network } = this.#parts
    if (!network.peers().includes(peer)) return
    const of = (kind: DocumentKind): number =>
      entries.find(({ actor }) => actor === actorOf(kind, ledger.self))?.seq ?? 0
    this.#held.set(peer, { trust: of('trust'), pool: of('pool'), at: clock.now() })
    this.#parts.onHeard(peer, entries)
  }

  #scheduleTick(): void {
    const { clock, random, intervalMs } = this.#parts
    this.#cancelTick = clock.after(intervalMs(), () => {
      this.tell({ type: 'tick', chance: random.next() })
      this.#scheduleTick()
    })
  }

  async #ask(peer: PeerName): Promise<void> {
    const { ledger, log } = this.#parts
    if (this.#stopped) return
    try {
      const answer = await this.#request(peer, ownFrontier(ledger), 'frontier')
      for (const { actor } of newEnds(ledger, answer)) {
        if (this.#parts.knows(actor)) await this.#askEnd(peer, actor)
      }
      const ahead = newEntries(ledger, answer).filter(({ actor }) => this.#parts.wants(actor))
      this.#parts.onShown(peer, ahead)
      const named = ahead.length === 0 && (await this.#askNamed(peer))
      this.tell({ type: 'answered', peer, ahead })
      if (named) this.tell({ type: 'hint', peer })
    } catch (error) {
      log.debug('sync-ask-failed', { peer, message: (error as Error).message })
      this.tell({ type: 'failed', peer })
    }
  }

  /** One question and its answer; an answer of another kind is the peer's fault. */
  async #request<T extends SyncResponse['type']>(
    peer: PeerName,
    request: SyncRequest,
    wanted: T,
  ): Promise<Extract<SyncResponse, { type: T }>> {
    const { network } = this.#parts
    const body = encodeSyncRequest(request)
    const answer = decodeSyncResponse(await network.request(peer, protocols.sync, body))
    if (!answer.ok || answer.value.type !== wanted) {
      network.penalise(peer, 'malformed')
      throw new Failure('malformed', `the peer did not answer with ${wanted}`)
    }
    return answer.value as Extract<SyncResponse, { type: T }>
  }

  /** Fetches the evidence by which a document has ended. */
  async #askEnd(peer: PeerName, actor: Actor): Promise<void> {
    const { evidence } = await this.#request(peer, { type: 'end', actor }, 'named')
    await this.#takeEvidence(peer, evidence)
  }

  async #takeEvidence(peer: PeerName, evidence: readonly Uint8Array[]): Promise<boolean> {
    const { ledger, network } = this.#parts
    let progress = false
    for (const bytes of evidence) {
      const verdict = await ledger.takeEvidence(bytes)
      if (verdict === 'reject') network.penalise(peer, 'malformed')
      progress ||= verdict === 'accept'
    }
    return progress
  }

  /** Fetches what frames wait for and no frontier shows; whether it brought anything new. */
  async #askNamed(peer: PeerName): Promise<boolean> {
    const hashes = this.#parts.ledger.missing(namedHashesMax)
    if (hashes.length === 0) return false
    const { frames, evidence } = await this.#request(peer, { type: 'named', hashes }, 'named')
    let progress = false
    for (const frame of frames) {
      const { verdict, code, accepted } = await this.#parts.ledger.ingest(frame, peer)
      if (verdict === 'reject') this.#parts.network.penalise(peer, code ?? 'malformed')
      progress ||= accepted !== undefined
    }
    return (await this.#takeEvidence(peer, evidence)) || progress
  }

  /** Pulls documents round by round: one may wait for what another brings. */
  async #pull(peer: PeerName, pulls: readonly Pull[]): Promise<void> {
    let progressed = false
    const searches = new Map<Actor, ForkSearch>()
    const ranges = this.#rangesOf(peer, pulls)
    try {
      for (let round = 0; round < pullRoundsMax && !this.#stopped; round++) {
        let progress = false
        for (const [at, pull] of pulls.entries()) {
          const following = (): RangeStart | undefined => this.#startOf(pulls[at + 1], searches)
          const taken = await this.#pullSome(peer, pull, searches, { ranges, following })
          progress ||= taken
        }
        progressed ||= progress
        if (!progress) break
      }
      progressed = (await this.#askNamed(peer)) || progressed
    } catch (error) {
      this.#parts.log.debug('sync-pull-failed', { peer, message: (error as Error).message })
      this.tell({ type: 'failed', peer })
      return
    }
    this.tell({ type: 'pulled', peer, progress: progressed })
  }

  #rangesOf(peer: PeerName, pulls: readonly Pull[]): Ranges {
    const ends = new Map(pulls.map(({ actor, to }) => [actor, to]))
    return new Ranges(async (actor, from) => {
      // A frame that ends after what is taken would be refused as a whole: then one by one.
      const isLimited = this.#parts.limits(actor, ends.get(actor) ?? from)
      const bytesMax = isLimited ? 1 : syncAnswerBytes
      const request = { type: 'changes', actor, from, bytesMax } as const
      return (await this.#request(peer, request, 'changes')).frames
    })
  }

  /** Where the next range of a document begins; undefined where there is none. */
  #startOf(pull: Pull | undefined, searches: Searches): RangeStart | undefined {
    if (pull === undefined) return undefined
    const { ledger } = this.#parts
    const { actor, to } = pull
    const search = searches.get(actor)
    const { seq } = ledger.held.ofActor(actor)?.chain ?? { seq: 0 }
    // At the same place it is another change that is to be looked at.
    const from = search?.from ?? (seq === to ? to : seq + 1)
    const isOver = from > to || (search === undefined && ledger.forks.placeOf(actor) <= from)
    return isOver ? undefined : { actor, from }
  }

  /** One answer's worth of one document; whether it brought anything new. */
  async #pullSome(
    peer: PeerName,
    pull: Pull,
    searches: Map<Actor, ForkSearch>,
    { ranges, following }: Asking,
  ): Promise<boolean> {
    const { limits } = this.#parts
    const { actor, to } = pull
    const search = searches.get(actor)
    const start = this.#startOf(pull, searches)
    if (start === undefined) return false
    const { from } = start
    // What follows a first change, or a place where pasts may part, depends on what comes of it.
    const isSure = search === undefined && !limits(actor, to)
    const frames = await ranges.take({ actor, from, to: isSure ? to : from }, following)
    searches.delete(actor)
    if (frames.length === 0 && search === undefined) return this.#join(peer, actor)
    this.#parts.joining.found(actor)
    let progress = false
    for (const verdict of await this.#ingestAll(peer, actor, frames)) {
      const { accepted, forkBefore } = await verdict
      progress ||= accepted !== undefined
      if (forkBefore !== undefined && forkBefore > 1) {
        // The pasts part earlier: look further back, in steps that double.
        const step = (search?.step ?? 1) * 2
        searches.set(actor, { from: Math.max(1, forkBefore - step), step })
        return true
      }
    }
    return progress
  }

  /**
   * Has frames of a document judged, each while the one before it is written, up to the first that
   * is not good; their verdicts come when they are on disk.
   */
  async #ingestAll(
    peer: PeerName,
    actor: Actor,
    frames: readonly ChangesFrame[],
  ): Promise<readonly Promise<Verdict>[]> {
    const { network, ledger } = this.#parts
    const verdicts: Promise<Verdict>[] = []
    for (const frame of frames) {
      if (frame.actor !== actor) {
        network.penalise(peer, 'wrong-author')
        throw new Failure('wrong-author', 'the peer answered with another document')
      }
      const { promise: passed, resolve: pass } = Promise.withResolvers<undefined>()
      const ingested = ledger.ingest(frame, peer, () => pass(undefined))
      verdicts.push(ingested)
      const { verdict = 'accept', code } = (await Promise.race([passed, ingested])) ?? {}
      if (verdict === 'reject') network.penalise(peer, code ?? 'malformed')
      if (verdict !== 'accept') break
    }
    return verdicts
  }

  /** Takes a document over from a peer's checkpoint, where the peer has dropped what comes next. */
  async #join(peer: PeerName, actor: Actor): Promise<boolean> {
    const { joining, network, limits } = this.#parts
    const sizeMax = limits(actor, Infinity) ? guestCheckpointBytesMax : checkpointBytesMax
    try {
      return await joining.join(actor, sizeMax, {
        checkpoint: (part) =>
          this.#request(peer, { type: 'checkpoint', actor, part }, 'checkpoint'),
        pedigree: () => this.#request(peer, { type: 'pedigree', actor }, 'pedigree'),
      })
    } catch (error) {
      if (error instanceof Failure && blamed.has(error.code)) network.penalise(peer, error.code)
      throw error
    }
  }

  async #answer(peer: PeerName, body: Uint8Array): Promise<Uint8Array> {
    const request = decodeSyncRequest(body)
    if (!request.ok) throw new Failure('malformed', request.message)
    const { ledger, wants, knows } = this.#parts
    if (request.value.type === 'frontier') {
      const { value } = request
      this.#hearOf(peer, value)
      const hasNews =
        newEntries(ledger, value).some(({ actor }) => wants(actor)) ||
        newEnds(ledger, value).some(({ actor }) => knows(actor))
      if (hasNews) this.tell({ type: 'hint', peer })
    }
    return encodeSyncResponse(await answerSync(this.#parts, request.value))
  }
}

/** Codes of what a peer alone can be to blame for. */
const blamed: ReadonlySet<string> = new Set(['malformed', 'bad-signature', 'wrong-author'])

/** Where to look next for the place at which two pasts part. */
type ForkSearch = { readonly from: number; readonly step: number }
type Searches = ReadonlyMap<Actor, ForkSearch>

/** How the ranges of one pull are asked for: which follows the one that is judged. */
type Asking = { readonly ranges: Ranges; readonly following: () => RangeStart | undefined }
