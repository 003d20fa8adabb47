import { didOf, fromMilli, leftAt, type PoolState, type SocietyKey } from '../../protocol/index.ts'
import type { Claims } from '../claims/claims.ts'
import type { DocumentsHeld } from '../ledger/documents-held.ts'
import { sourceStateAt, type SourceState } from './society.ts'

/** ATP that is claimed, and what of it is proven. */
export type Sum = { readonly claimed: number; readonly proven: number }

/** A source behind a society's ATP: what it is proven to give, and what occupies it. */
export type BackingSource = Sum & {
  readonly source: string
  readonly society: string
  readonly type: string
  readonly state: SourceState
  readonly assurance: number
  readonly simulated: boolean
  /** W of its newest proof. */
  readonly capacity: number
  /** W that charges on it hold, whoever has the ATP. */
  readonly occupied: number
}

/** Where ATP comes from: a source of a society. */
export type SourceRef = { readonly charger: SocietyKey; readonly source: string }

type Milli = { claimed: number; proven: number }

const shown = ({ claimed, proven }: Milli): Sum => ({
  claimed: fromMilli(claimed),
  proven: fromMilli(proven),
})

const dayOf = (instant: number): string => new Date(instant).toISOString().slice(0, 10)

/** What looking at sources needs. */
export type SourceKnowledge = {
  readonly held: DocumentsHeld
  readonly claims: Claims
  readonly now: number
  /** A society's pool at that instant. */
  readonly poolOf: (society: SocietyKey) => PoolState
}

/** Sums of an answer about backing, exact in mATP until they are shown. */
export class BackingSums {
  readonly #all: Milli = { claimed: 0, proven: 0 }
  readonly #byLevel: Map<string, Milli> = new Map()
  readonly #byDay: Map<string, Milli> = new Map()
  readonly #bySource: Map<string, Milli & SourceRef> = new Map()

  /** Adds ATP of one batch, in mATP; `powered` names what powers its source as well. */
  add(
    amount: number,
    isProven: boolean,
    of: SourceRef & {
      readonly level: number
      readonly expiresAt: number
      readonly powered: readonly SourceRef[]
    },
  ): void {
    const proven = isProven ? amount : 0
    const put = (sum: Milli): void => {
      sum.claimed += amount
      sum.proven += proven
    }
    const at = <Value extends Milli>(map: Map<string, Value>, key: string, fresh: Value): void => {
      const sum = map.get(key) ?? fresh
      map.set(key, sum)
      put(sum)
    }
    put(this.#all)
    at(this.#byLevel, String(of.level), { claimed: 0, proven: 0 })
    at(this.#byDay, dayOf(of.expiresAt), { claimed: 0, proven: 0 })
    for (const { charger, source } of [of, ...of.powered]) {
      const fresh = { claimed: 0, proven: 0, charger, source }
      at(this.#bySource, `${charger} ${source}`, fresh)
    }
  }

  /** Everything together. */
  get all(): Sum {
    return shown(this.#all)
  }

  /** Proven ATP by level. */
  get byAssurance(): Readonly<Record<string, number>> {
    const levels = [...this.#byLevel].filter(([, { proven }]) => proven > 0)
    return Object.fromEntries(levels.map(([level, { proven }]) => [level, fromMilli(proven)]))
  }

  /** Claimed ATP by level. */
  get claimedByAssurance(): Readonly<Record<string, number>> {
    const levels = [...this.#byLevel].map(([level, { claimed }]) => [level, fromMilli(claimed)])
    return Object.fromEntries(levels)
  }

  /** By the day (UTC) on which it expires, soonest first. */
  get byExpiry(): Readonly<Record<string, Sum>> {
    const days = [...this.#byDay].sort(([a], [b]) => (a < b ? -1 : 1))
    return Object.fromEntries(days.map(([day, sum]) => [day, shown(sum)]))
  }

  /** The sources behind it, in the order in which their ATP is spent. */
  sources({ held, claims, now, poolOf }: SourceKnowledge): readonly BackingSource[] {
    return [...this.#bySource.values()].flatMap(({ charger, source: id, ...sum }) => {
      const source = held.trust(charger).sources.get(id)
      if (source === undefined) return []
      const occupied = leftAt(source.inherited, now) + (poolOf(charger).occupied.get(id) ?? 0)
      return [
        {
          source: id,
          society: didOf(charger),
          type: source.type,
          state: sourceStateAt(charger, source, now, claims),
          assurance: claims.levelOf(source.proof, source.assurance),
          simulated: source.simulated,
          capacity: fromMilli(source.capacity),
          occupied: fromMilli(occupied),
          ...shown(sum),
        },
      ]
    })
  }
}
