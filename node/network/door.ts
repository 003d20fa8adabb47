import assert from 'node:assert/strict'
import { BlockList, Server } from 'node:net'
import type { IPVersion } from 'node:net'

import type { CreateListenerOptions, Listener, Transport } from '@libp2p/interface'

import type { Counters } from './counters.ts'
import type { NetworkLimits } from './limits.ts'
import { TokenBucket } from './token-bucket.ts'

/** Groups of an IPv6 address that are its network: whoever has one has all addresses in it. */
const networkGroups = 4
const groupsOfAddress = 8
const mappedPrefix = '::ffff:'

/**
 * Who is behind an address: an IPv4 address itself, of an IPv6 address its network of 64 bits.
 * Takes an address as the system writes it, an IPv4 address within IPv6 too.
 */
export const hostOf = (address: string): string => {
  const [plain = ''] = address.toLowerCase().split('%')
  if (!plain.includes(':')) return plain
  if (plain.startsWith(mappedPrefix) && plain.includes('.')) {
    return plain.slice(mappedPrefix.length)
  }
  const [left = [], right = []] = plain.split('::').map((part) => part.split(':').filter(Boolean))
  const zeros = Math.max(0, groupsOfAddress - left.length - right.length)
  const groups = [...left, ...Array.from({ length: zeros }, () => '0'), ...right]
  return `${groups.slice(0, networkGroups).join(':')}::/64`
}

type Limits = Pick<
  NetworkLimits,
  | 'hostHandshakesBurst'
  | 'hostHandshakesPerSecond'
  | 'handshakesBurst'
  | 'handshakesPerSecond'
  | 'hostsMax'
>

type Parts = {
  readonly limits: Limits
  readonly counters: Counters
  readonly nowMs: () => number
}

/** Drops what is oldest of a map or set that has become too large. */
const bound = (
  kept: { readonly size: number; keys(): Iterator<string>; delete(key: string): boolean },
  most: number,
): void => {
  const oldest = kept.size > most ? kept.keys().next() : undefined
  if (oldest !== undefined && oldest.done !== true) kept.delete(oldest.value)
}

/**
 * Who may begin a handshake, decided when a connection is accepted and before anything is made for
 * it: a handshake is 10 ms of processor time and a hundred kilobytes, and one that libp2p refuses
 * still is ten, all of it alive long enough to end up among what is seldom collected. Node asks its
 * list of blocked addresses just there.
 *
 * Invariants: a host begins no more handshakes than its budget; all hosts where no member is known
 * together no more than theirs; at most `hostsMax` of either kind are remembered, the one seen
 * longest ago leaves first.
 */
export class Door extends BlockList {
  readonly #parts: Parts
  readonly #budgets = new Map<string, TokenBucket>()
  /** Where members were seen. */
  readonly #trusted = new Set<string>()
  readonly #ofStrangers: TokenBucket

  constructor(parts: Parts) {
    super()
    this.#parts = parts
    const { handshakesPerSecond, handshakesBurst } = parts.limits
    this.#ofStrangers = new TokenBucket(handshakesPerSecond, handshakesBurst, parts.nowMs())
  }

  /** Whether a connection from an address is closed at once; called for each that is accepted. */
  override check(address: unknown, _type?: IPVersion): boolean {
    const isRefused = typeof address === 'string' && !this.#admits(hostOf(address))
    if (isRefused) this.#parts.counters.add('connections.refused')
    return isRefused
  }

  /** A member is at this address: it does not queue with the hosts of strangers any more. */
  trust(address: string): void {
    const host = hostOf(address)
    this.#trusted.delete(host)
    this.#trusted.add(host)
    bound(this.#trusted, this.#parts.limits.hostsMax)
  }

  #admits(host: string): boolean {
    const { limits, nowMs } = this.#parts
    const now = nowMs()
    const known = this.#budgets.get(host)
    const { hostHandshakesPerSecond, hostHandshakesBurst } = limits
    const budget = known ?? new TokenBucket(hostHandshakesPerSecond, hostHandshakesBurst, now)
    this.#budgets.delete(host)
    this.#budgets.set(host, budget)
    bound(this.#budgets, limits.hostsMax)
    const shared = this.#trusted.has(host) ? [] : [this.#ofStrangers]
    const charged = [budget, ...shared]
    if (charged.some((each) => each.waitMs(1, now) > 0)) return false
    for (const each of charged) each.take(1, now)
    return true
  }
}

type MakeTransport<Components> = (components: Components) => Transport

/** A transport whose listeners ask the door; its servers are checked when they are made. */
export const behind =
  <Components>(door: Door, make: MakeTransport<Components>): MakeTransport<Components> =>
  (components) => {
    const transport = make(components)
    const createListener = transport.createListener.bind(transport)
    transport.createListener = (options: CreateListenerOptions): Listener => {
      const listener = createListener(options)
      const server: unknown = Reflect.get(listener, 'server')
      assert.ok(server instanceof Server, 'this release of libp2p listens with another server')
      Reflect.set(server, 'blockList', door)
      return listener
    }
    return transport
  }
