import type { PeerName } from '../../src/index.ts'
import type { NetworkLimits } from './limits.ts'

/** Points of faults that need intent or a broken program; three of them cut a peer off. */
const gravePoints = 34
/** Points of a fault that is not named here. */
const usualPoints = 20
/** Points of faults that an honest peer commits when it is behind. */
const lightPoints = 5

const pointsOf: ReadonlyMap<string, number> = new Map([
  ['bad-signature', gravePoints],
  ['equivocation', gravePoints],
  // gossipsub's own score, of which our points are a part, says that this is enough.
  ['graylisted', Number.POSITIVE_INFINITY],
  ['malformed', gravePoints],
  ['rate-limited', gravePoints],
  ['too-large', gravePoints],
  ['out-of-order', lightPoints],
  ['proof-from-future', lightPoints],
  ['unknown-reference', lightPoints],
  ['unknown-society', lightPoints],
])

type Entry = { readonly points: number; readonly atMs: number; readonly refusedUntilMs: number }

type Limits = Pick<
  NetworkLimits,
  'cutOffPoints' | 'toleratedPoints' | 'pointsLapsePerMinute' | 'refusalMs' | 'scoredPeersMax'
>

/**
 * What peers did wrong, in points that lapse with time. gossipsub forgets a peer's score when it
 * reconnects; this does not.
 *
 * Invariants: at most `scoredPeersMax` entries, the one penalised longest ago leaves first; points
 * are between 0 and `cutOffPoints`; after a refusal half of the points remain, so that the next
 * fault weighs more.
 */
export class PeerScores {
  readonly #entries = new Map<PeerName, Entry>()
  readonly #limits: Limits

  constructor(limits: Limits) {
    this.#limits = limits
  }

  /** Charges a peer with a fault; true if that is where it is cut off, to be disconnected now. */
  penalise(peer: PeerName, code: string, nowMs: number): boolean {
    if (this.refused(peer, nowMs)) return false
    const { cutOffPoints, refusalMs, scoredPeersMax } = this.#limits
    const points = this.points(peer, nowMs) + (pointsOf.get(code) ?? usualPoints)
    const cutOff = points >= cutOffPoints
    this.#entries.delete(peer)
    this.#entries.set(peer, {
      points: Math.min(points, cutOffPoints),
      atMs: nowMs,
      refusedUntilMs: cutOff ? nowMs + refusalMs : 0,
    })
    if (this.#entries.size > scoredPeersMax) {
      for (const oldest of this.#entries.keys()) {
        this.#entries.delete(oldest)
        break
      }
    }
    return cutOff
  }

  /** Points a peer stands at, 0 for a good one. */
  points(peer: PeerName, nowMs: number): number {
    const entry = this.#entries.get(peer)
    if (entry === undefined) return 0
    const lapsed = ((nowMs - entry.atMs) / 60_000) * this.#limits.pointsLapsePerMinute
    const remaining = entry.points - lapsed
    const served = entry.refusedUntilMs > 0 && nowMs >= entry.refusedUntilMs
    return Math.max(0, served ? Math.min(remaining, this.#limits.cutOffPoints / 2) : remaining)
  }

  /** Whether a peer was cut off and has to wait. */
  refused(peer: PeerName, nowMs: number): boolean {
    return nowMs < (this.#entries.get(peer)?.refusedUntilMs ?? 0)
  }

  /** The points as a score for gossipsub: 0 or less, and 0 for what is tolerated. */
  score(peer: PeerName, nowMs: number): number {
    return Math.min(0, this.#limits.toleratedPoints - this.points(peer, nowMs))
  }
}
