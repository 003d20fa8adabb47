import { didOf, type SocietyKey } from '../../protocol/index.ts'
import type { EventLog } from '../events.ts'
import { Failure } from '../failure.ts'
import {
  clockBackMsMax,
  clockHeadsWindow,
  clockLookMs,
  clockPeersMin,
  clockSettleMs,
  clockSkewMsMax,
} from '../limits.ts'
import type { ReplicaParts, Timing } from '../replica-parts.ts'
import { medianOf, PeerClocks, type PeerClock } from './peer-clocks.ts'

/** How the machine's clock stands: `right` as far as is known, or why nothing is signed by it. */
export type ClockState = 'right' | 'behind' | 'skewed' | 'jumped'

/** What a node makes of its machine's clock. Offsets in ms, positive where others are ahead. */
export type ClockView = {
  readonly state: ClockState
  /** Why nothing is signed; null while the clock is right. */
  readonly message: string | null
  readonly time: string
  /** Nothing is signed before this time again. */
  readonly highestSeen: string
  /** Of the median of the societies below; null while they are too few. */
  readonly peersOffsetMs: number | null
  readonly peers: readonly { readonly society: string; readonly offsetMs: number }[]
  /** Of the time servers that the operator named; null where none have answered lately. */
  readonly serversOffsetMs: number | null
}

/** What guarding the clock needs of the node. */
export type ClockGuardParts = Pick<ReplicaParts, 'clock' | 'log'> & {
  readonly self: SocietyKey
  readonly events: EventLog
  /** How often societies sign heads; asked each time. */
  readonly timing: Pick<Timing, 'headMs'>
  /** Societies whose word about the time counts. */
  readonly members: () => ReadonlySet<SocietyKey>
  /** The clock is right again: soon after, on its own. */
  readonly again: () => Promise<void>
}

type Judgement = { readonly state: ClockState; readonly message: string | null }
type Offsets = { readonly peers: number | null; readonly servers: number | null }

const right: Judgement = { state: 'right', message: null }
const iso = (at: number): string => new Date(at).toISOString()
const seconds = (ms: number): string => `${Math.round(Math.abs(ms) / 1_000)} s`
const offBy = (ms: number): string => `${seconds(ms)} ${ms > 0 ? 'behind' : 'ahead of'}`

/**
 * Watches the machine's clock, for what is signed is dated by it.
 *
 * 1. Nothing is signed after it was set back, until it is again where it was.
 * 2. Nothing is signed while it is off the median of enough other societies, or off the time
 *    servers that the operator named.
 * 3. Nothing is signed after it leapt ahead, until others confirm it or it has gone on for a while.
 */
export class ClockGuard {
  readonly #parts: ClockGuardParts
  readonly #peers: PeerClocks = new PeerClocks()
  #seen = 0
  /** How far the clock was ahead of what never jumps when it was last right. */
  #ahead: number | undefined
  #isBehind = false
  #leaptAt: number | undefined
  #median: { readonly ahead: number | undefined; readonly until: number } = {
    ahead: undefined,
    until: 0,
  }
  #servers: { readonly ahead: number; readonly until: number } | undefined
  #judgement: Judgement = right

  constructor(parts: ClockGuardParts) {
    this.#parts = parts
  }

  /** Something was signed at this time, in ms since 1970: it has been. */
  signed(time: number): void {
    this.#seen = Math.max(this.#seen, time)
  }

  /** A society's head of this time has just arrived, and its signature is right. */
  heard(society: SocietyKey, headTime: number): void {
    if (!this.#counts(society)) return
    this.#peers.hear(society, headTime, this.#parts.clock.elapsed())
    this.look()
  }

  /** Time servers agree that they are so much ahead; what they say counts for so long. */
  asked(offsetMs: number, validMs: number): void {
    const { clock } = this.#parts
    const elapsed = clock.elapsed()
    this.#servers = { ahead: offsetMs + clock.now() - elapsed, until: elapsed + validMs }
    this.look()
  }

  #counts(society: SocietyKey): boolean {
    const { self, members } = this.#parts
    return society !== self && members().has(society)
  }

  #peersAhead(elapsed: number): readonly PeerClock[] {
    const clocks = this.#peers.lately(elapsed, clockHeadsWindow * this.#parts.timing.headMs)
    return clocks.filter(({ society }) => this.#counts(society))
  }

  #offsets(now: number, elapsed: number): Offsets {
    if (elapsed >= this.#median.until) {
      const all = this.#peersAhead(elapsed).map(({ ahead }) => ahead)
      const ahead = all.length < clockPeersMin ? undefined : medianOf(all)
      this.#median = { ahead, until: elapsed + clockLookMs }
    }
    const { ahead } = this.#median
    const servers = this.#servers
    return {
      peers: ahead === undefined ? null : ahead - (now - elapsed),
      servers:
        servers === undefined || elapsed > servers.until ? null : servers.ahead - (now - elapsed),
    }
  }

  #judge(now: number, elapsed: number): Judgement {
    if (now < this.#seen - clockBackMsMax) this.#isBehind = true
    else if (now >= this.#seen) this.#isBehind = false
    if (this.#isBehind) {
      const behind = `this machine's clock is behind: it was ${iso(this.#seen)} before`
      return { state: 'behind', message: `${behind}; set it right, or wait until it is that again` }
    }
    const { peers, servers } = this.#offsets(now, elapsed)
    for (const [offset, whom] of [
      [peers, "the other societies' median"],
      [servers, 'the time servers'],
    ] as const) {
      if (offset === null || Math.abs(offset) <= clockSkewMsMax) continue
      const off = `this machine's clock is ${offBy(offset)} ${whom}`
      return { state: 'skewed', message: `${off}; set it right` }
    }
    if (peers === null && servers === null && this.#isLeaping(now - elapsed, elapsed)) {
      const leap = seconds(now - elapsed - (this.#ahead ?? 0))
      const wait =
        'nobody is there to confirm it, so it is believed once it has gone on for a while'
      return { state: 'jumped', message: `this machine's clock leapt ahead by ${leap}; ${wait}` }
    }
    return right
  }

  #isLeaping(ahead: number, elapsed: number): boolean {
    if (this.#ahead === undefined || ahead - this.#ahead <= clockBackMsMax) {
      this.#leaptAt = undefined
      return false
    }
    this.#leaptAt ??= elapsed
    return elapsed - this.#leaptAt < clockSettleMs
  }

  /** Looks at the clock; why nothing may be signed by it, undefined where it may. */
  look(): Failure | undefined {
    const { clock } = this.#parts
    const now = clock.now()
    const elapsed = clock.elapsed()
    const before = this.#judgement
    const judgement = this.#judge(now, elapsed)
    this.#judgement = judgement
    if (judgement.state === 'right') {
      this.#seen = Math.max(this.#seen, now)
      this.#ahead = now - elapsed
      this.#leaptAt = undefined
    }
    if (judgement.state !== before.state) this.#tell(judgement, now)
    if (judgement.message === null) return undefined
    const code = judgement.state === 'behind' ? 'clock-backwards' : 'clock-skewed'
    return new Failure(code, judgement.message)
  }

  #tell({ state, message }: Judgement, now: number): void {
    const { clock, events, log, again } = this.#parts
    events.emit('clock', now, { state, message })
    log.warn('clock', { state, message })
    // Not within what looked at the clock: that may be about to write.
    if (state === 'right') clock.after(0, () => void again())
  }

  /** What is known of the clock now. */
  view(): ClockView {
    this.look()
    const { clock } = this.#parts
    const now = clock.now()
    const elapsed = clock.elapsed()
    const { peers, servers } = this.#offsets(now, elapsed)
    return {
      ...this.#judgement,
      time: iso(now),
      highestSeen: iso(this.#seen),
      peersOffsetMs: peers,
      peers: this.#peersAhead(elapsed).map(({ society, ahead }) => ({
        society: didOf(society),
        offsetMs: ahead - (now - elapsed),
      })),
      serversOffsetMs: servers,
    }
  }
}
