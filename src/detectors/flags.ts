import {
  findingsOf,
  millionths,
  type Anomaly,
  type Finding,
  type RecordId,
  type SocietyKey,
} from '../../protocol/index.ts'
import { flaggedCachedMax } from '../limits.ts'
import type { HistoryIndex } from './history-index.ts'

/** What a detector found, as views show it. */
export type FlagView = {
  readonly name: string
  /** 0 to 1. */
  readonly severity: number
  readonly evidence: readonly RecordId[]
}

/** Detectors look at whole minutes, so that many questions of one moment cost one answer. */
const stepMs = 60_000

/** What the detectors find about societies, remembered while nothing new has come. */
export class Flags {
  readonly #history: HistoryIndex
  readonly #known: Map<SocietyKey, { readonly at: string; readonly found: readonly Finding[] }> =
    new Map()

  constructor(history: HistoryIndex) {
    this.#history = history
  }

  /** What is found about a society at the last full minute, the worst first. */
  findings(society: SocietyKey, now: number): readonly Finding[] {
    const minute = Math.floor(now / stepMs) * stepMs
    this.#history.advance(minute)
    const at = `${minute}/${this.#history.versionOf(society)}`
    const known = this.#known.get(society)
    if (known?.at === at) return known.found
    const found = findingsOf(this.#history, society, minute)
    if (this.#known.size >= flaggedCachedMax) this.#known.clear()
    this.#known.set(society, { at, found })
    return found
  }

  /** The worst of what is found, as trust takes it. */
  anomalyOf(society: SocietyKey, now: number): Anomaly {
    const [worst] = this.findings(society, now)
    return { severity: worst?.severity ?? 0, records: worst?.evidence ?? [] }
  }

  /** The same for people. */
  view(society: SocietyKey, now: number): readonly FlagView[] {
    return this.findings(society, now).map(({ name, severity, evidence }) => ({
      name,
      severity: severity / millionths,
      evidence,
    }))
  }
}
