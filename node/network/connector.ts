import type { Log, PeerName } from '../../src/index.ts'
import type { Counters } from './counters.ts'
import { afterConnect, afterDisconnect, afterFailure, chooseDials } from './dial-list.ts'
import type { DialKind, DialTarget, DialView } from './dial-list.ts'
import type { NetworkLimits } from './limits.ts'

type Parts = {
  readonly self: PeerName
  readonly limits: NetworkLimits
  readonly counters: Counters
  readonly log: Log
  readonly nowMs: () => number
  /** A number in [0, 1). */
  readonly chance: () => number
  view(): Omit<DialView, 'nowMs'>
  /** Dials a target; resolves to the name of who answered. */
  dial(target: DialTarget): Promise<PeerName>
}

/** What libp2p says when an address turns out to be our own. */
const ownAddressMessage = 'Can not dial self'

/**
 * Keeps members and bootstrap nodes connected, for ever, and enough outbound connections at all.
 * libp2p dials nobody by itself, and its own reconnection gives up after five attempts.
 */
export class Connector {
  readonly #parts: Parts
  readonly #targets = new Map<string, DialTarget>()
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  constructor(parts: Parts) {
    this.#parts = parts
  }

  start(): void {
    this.#timer = setInterval(() => this.#step(), this.#parts.limits.connectIntervalMs)
    this.#step()
  }

  stop(): void {
    this.#stopped = true
    clearInterval(this.#timer)
  }

  /** Adds a node from the configuration; `peer` if its address names it. */
  addBootstrap(address: string, peer: PeerName | undefined): void {
    if (peer === undefined) this.#add(address, { ...fresh, kind: 'bootstrap', address })
    else this.#add(peer, { ...fresh, kind: 'bootstrap', address, peer })
  }

  /** Adds peers that were heard of; members keep their place. */
  addKnown(peers: readonly PeerName[]): void {
    for (const peer of peers) {
      if (this.#targets.has(peer)) continue
      if (this.#targets.size >= this.#parts.limits.dialTargetsMax) this.#forgetOne()
      this.#add(peer, { ...fresh, kind: 'known', peer })
    }
  }

  /** Says who the members are: exactly these are kept connected from now on. */
  setMembers(members: ReadonlySet<PeerName>): void {
    for (const [key, target] of this.#targets) {
      if (target.kind !== 'member' || (target.peer && members.has(target.peer))) continue
      const kind: DialKind = target.address === undefined ? 'known' : 'bootstrap'
      this.#targets.set(key, { ...target, kind })
    }
    for (const peer of members) {
      this.#add(peer, { ...fresh, peer, ...this.#targets.get(peer), kind: 'member' })
    }
    if (this.#timer !== undefined) this.#step()
  }

  /** A peer has a connection now, whoever dialled. */
  connected(peer: PeerName): void {
    this.#update(peer, (target) => afterConnect(target, peer, this.#parts.nowMs()))
  }

  /** A peer has no connection any more. */
  disconnected(peer: PeerName): void {
    const { limits, nowMs, chance } = this.#parts
    this.#update(peer, (target) => afterDisconnect(target, nowMs(), chance(), limits))
  }

  /** The peers that are kept connected as members. */
  members(): readonly PeerName[] {
    return [...this.#targets.values()].flatMap(({ kind, peer }) =>
      kind === 'member' && peer !== undefined ? [peer] : [],
    )
  }

  /** Why the last dial to a peer failed, if it did. */
  lastFailure(peer: PeerName): string | undefined {
    return this.#targets.get(peer)?.lastFailure
  }

  #add(key: string, target: DialTarget): void {
    if (target.peer !== this.#parts.self) this.#targets.set(key, target)
  }

  #update(peer: PeerName, change: (target: DialTarget) => DialTarget): void {
    for (const [key, target] of this.#targets) {
      if (target.peer === peer) this.#targets.set(key, change(target))
    }
  }

  #forgetOne(): void {
    for (const [key, { kind, dialling }] of this.#targets) {
      if (kind !== 'known' || dialling) continue
      this.#targets.delete(key)
      return
    }
  }

  #step(): void {
    if (this.#stopped) return
    const view = { ...this.#parts.view(), nowMs: this.#parts.nowMs() }
    for (const key of chooseDials(this.#targets, view, this.#parts.limits)) void this.#dial(key)
  }

  async #dial(key: string): Promise<void> {
    const { counters, limits, nowMs, chance } = this.#parts
    const target = this.#targets.get(key)
    if (target === undefined) return
    this.#targets.set(key, { ...target, dialling: true })
    counters.add('dials.started')
    try {
      const peer = await this.#parts.dial(target)
      const current = this.#targets.get(key)
      if (current) this.#targets.set(key, afterConnect(current, peer, nowMs()))
    } catch (error) {
      counters.add('dials.failed')
      const current = this.#targets.get(key)
      if (current === undefined) return
      const why = reasonOf(error)
      this.#targets.delete(key)
      if (why.includes(ownAddressMessage)) return
      const failed = afterFailure(current, why, nowMs(), chance(), limits)
      // To the end of the list, so that others get their turn first.
      const lost = failed.kind === 'known' && failed.failures >= limits.strangerFailuresMax
      if (!lost) this.#targets.set(key, failed)
      this.#parts.log.debug('dial-failed', { target: key, why, failures: failed.failures })
    }
  }
}

/** What libp2p calls it when it has no address of a peer that can be dialled. */
const noAddresses = 'NoValidAddressesError'

/** Why a dial failed, for whoever operates the node. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.name === noAddresses ? 'No address of it is known yet.' : error.message
}

const fresh = { failures: 0, notBeforeMs: 0, dialling: false } as const
