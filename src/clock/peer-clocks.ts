import type { SocietyKey } from '../../protocol/index.ts'

/** Times here are of a clock that never jumps, ms since some moment; `ahead` is of wall over it. */
type Heard = {
  /** Time of the head that told it, ms since 1970 by the society's clock. */
  readonly headTime: number
  readonly ahead: number
  readonly at: number
}

/** How far a society's clock is ahead of what never jumps here, as far as it was heard lately. */
export type PeerClock = { readonly society: SocietyKey; readonly ahead: number }

/** Heads of a society that are looked at together: the least delayed of them tells. */
const headsKept = 8

/**
 * What signed heads tell of other societies' clocks. A head is a little old when it arrives, never
 * too new: of several, the one that is furthest ahead is nearest to the truth.
 */
export class PeerClocks {
  readonly #heard: Map<SocietyKey, readonly Heard[]> = new Map()

  /** Takes notice of a head that has just arrived; one that is no news tells nothing. */
  hear(society: SocietyKey, headTime: number, elapsed: number): void {
    const before = this.#heard.get(society) ?? []
    if (before.some((heard) => heard.headTime >= headTime)) return
    const heard = { headTime, ahead: headTime - elapsed, at: elapsed }
    this.#heard.set(society, [...before, heard].slice(-headsKept))
  }

  /** Clocks of societies that were heard within a window, in the order of their ids. */
  lately(elapsed: number, windowMs: number): readonly PeerClock[] {
    const clocks: PeerClock[] = []
    for (const [society, all] of this.#heard) {
      const fresh = all.filter(({ at }) => elapsed - at <= windowMs)
      if (fresh.length === 0) continue
      clocks.push({ society, ahead: Math.max(...fresh.map(({ ahead }) => ahead)) })
    }
    return clocks.sort((a, b) => (a.society < b.society ? -1 : 1))
  }
}

/** The middle of some numbers, or the mean of the two in the middle; undefined for none. */
export function medianOf(numbers: readonly number[]): number | undefined {
  const sorted = [...numbers].sort((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)]
  const lower = sorted[Math.ceil(sorted.length / 2) - 1]
  return upper === undefined || lower === undefined ? undefined : (lower + upper) / 2
}
