import {
  decodeSyncRequest,
  decodeSyncResponse,
  encodeSyncRequest,
  encodeSyncResponse,
  frontierEntriesMax,
  ownerOfActor,
  type Actor,
  type FrontierEntry,
} from '../../protocol/index.ts'
import { Failure } from '../failure.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { framesFrom } from '../ledger/serve.ts'
import { pullRoundsMax, syncAnswerBytes } from '../limits.ts'
import type { Clock, Log, Network, PeerName, Random, Store } from '../ports.ts'
import { idleSync, syncStep, type Pull, type SyncEvent, type SyncState } from './steps.ts'

/** Protocol id of synchronisation. */
const syncProtocol = '/society/sync/1'

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
  /** Whether only a document's first changes are taken: then they are asked for one by one. */
  readonly limits: (actor: Actor) => boolean
}

/** Carries out what the steps of synchronisation decide: asks, pulls, answers. */
export class SyncDriver {
  readonly #parts: SyncParts
  #state: SyncState = idleSync
  #cancelTick: () => void = () => {}
  #stopped = false

  constructor(parts: SyncParts) {
    this.#parts = parts
  }

  /** Serves others and looks at a random peer every 30 s. */
  start(): void {
    const { network } = this.#parts
    network.serve(syncProtocol, (peer, body) => this.#answer(peer, body))
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
    const { clock } = this.#parts
    const { state, effects } = syncStep(this.#state, event, clock.now())
    this.#state = state
    for (const effect of effects) {
      if (effect.type === 'pull') void this.#pull(effect.peer, effect.pulls)
      else if (effect.afterMs === 0) void this.#ask(effect.peer)
      else clock.after(effect.afterMs, () => void this.#ask(effect.peer))
    }
  }

  #scheduleTick(): void {
    const { clock, random, intervalMs } = this.#parts
    this.#cancelTick = clock.after(intervalMs(), () => {
      this.tell({ type: 'tick', chance: random.next() })
      this.#scheduleTick()
    })
  }

  async #ask(peer: PeerName): Promise<void> {
    const { network, ledger, log } = this.#parts
    if (this.#stopped) return
    try {
      const entries = ledger.held.frontier().slice(0, frontierEntriesMax)
      const body = encodeSyncRequest({ type: 'frontier', entries })
      const answer = decodeSyncResponse(await network.request(peer, syncProtocol, body))
      if (!answer.ok || answer.value.type !== 'frontier') {
        network.penalise(peer, 'malformed')
        this.tell({ type: 'failed', peer })
        return
      }
      this.tell({ type: 'answered', peer, ahead: this.#ahead(answer.value.entries) })
    } catch (error) {
      log.debug('sync-ask-failed', { peer, message: (error as Error).message })
      this.tell({ type: 'failed', peer })
    }
  }

  /** The documents of a peer's frontier that it has more of and that are wanted here. */
  #ahead(entries: readonly FrontierEntry[]): readonly FrontierEntry[] {
    const { ledger, wants } = this.#parts
    return entries.filter(({ actor, seq }) => {
      const state = ledger.held.ofActor(actor)
      return state !== undefined && seq > state.chain.seq && wants(actor)
    })
  }

  /** Pulls documents round by round: one may wait for what another brings. */
  async #pull(peer: PeerName, pulls: readonly Pull[]): Promise<void> {
    let progressed = false
    try {
      for (let round = 0; round < pullRoundsMax && !this.#stopped; round++) {
        let progress = false
        for (const pull of pulls) progress = (await this.#pullSome(peer, pull)) || progress
        progressed ||= progress
        if (!progress) break
      }
    } catch (error) {
      this.#parts.log.debug('sync-pull-failed', { peer, message: (error as Error).message })
      this.tell({ type: 'failed', peer })
      return
    }
    this.tell({ type: 'pulled', peer, progress: progressed })
  }

  /** One answer's worth of one document; whether it brought anything new. */
  async #pullSome(peer: PeerName, pull: Pull): Promise<boolean> {
    const { network, ledger, limits } = this.#parts
    const { actor } = pull
    const from = (ledger.held.ofActor(actor)?.chain.seq ?? 0) + 1
    if (from > pull.to) return false
    // A frame that ends after what is taken would be refused as a whole.
    const bytesMax = limits(actor) ? 1 : syncAnswerBytes
    const body = encodeSyncRequest({ type: 'changes', actor, from, bytesMax })
    const answer = decodeSyncResponse(await network.request(peer, syncProtocol, body))
    if (!answer.ok || answer.value.type !== 'changes') {
      network.penalise(peer, 'malformed')
      throw new Failure('malformed', 'the peer did not answer with changes')
    }
    let progress = false
    for (const frame of answer.value.frames) {
      if (frame.actor !== actor) {
        network.penalise(peer, 'wrong-author')
        throw new Failure('wrong-author', 'the peer answered with another document')
      }
      const verdict = await ledger.ingest(frame, peer)
      if (verdict.verdict === 'reject') network.penalise(peer, verdict.code ?? 'malformed')
      progress ||= verdict.accepted !== undefined
      if (verdict.verdict !== 'accept') break
    }
    return progress
  }

  async #answer(peer: PeerName, body: Uint8Array): Promise<Uint8Array> {
    const request = decodeSyncRequest(body)
    if (!request.ok) throw new Failure('malformed', request.message)
    const { ledger, store } = this.#parts
    if (request.value.type === 'changes') {
      const { actor, from, bytesMax } = request.value
      if (ownerOfActor(actor) === undefined || from < 1) {
        throw new Failure('malformed', 'no such document or place')
      }
      const limit = Math.min(bytesMax, syncAnswerBytes)
      return encodeSyncResponse({
        type: 'changes',
        frames: await framesFrom(store, actor, from, limit),
      })
    }
    const theirs = new Map(request.value.entries.map((entry) => [entry.actor, entry]))
    if (this.#ahead(request.value.entries).length > 0) this.tell({ type: 'hint', peer })
    const ahead = ledger.held.frontier().filter((entry) => {
      const their = theirs.get(entry.actor)
      return their === undefined || their.seq < entry.seq
    })
    return encodeSyncResponse({ type: 'frontier', entries: ahead.slice(0, frontierEntriesMax) })
  }
}
