import { didOf, type RecordId, type SocietyKey } from '../../protocol/index.ts'
import { Alarm } from '../alarm.ts'
import { allOf, encodeJson, keys, nameUnder } from '../ledger/layout.ts'
import type { Clock, Store } from '../ports.ts'
import { vouchesBy, type KnownVouch, type VouchKnowledge } from './vouches.ts'

/** What watching vouches needs of the node. */
export type VouchWatchParts = {
  readonly self: SocietyKey
  readonly clock: Clock
  readonly store: () => Store
  readonly vouching: () => VouchKnowledge
  readonly emit: (type: string, data: Readonly<Record<string, unknown>>) => void
}

/**
 * Tells this node's operator once how each vouch came out that the society gave or accepted. That
 * follows from records and time, so it looks after every record and, while a vouch runs, hourly.
 */
export class VouchWatch {
  readonly #parts: VouchWatchParts
  readonly #told: Set<RecordId> = new Set()
  readonly #alarm: Alarm
  #stopped = true

  constructor(parts: VouchWatchParts) {
    this.#parts = parts
    this.#alarm = new Alarm(parts.clock, () => this.look())
  }

  /** Loads which vouches were told of before. */
  async load(store: Store): Promise<void> {
    for await (const [key] of store.range(allOf('toldVouch'))) {
      this.#told.add(nameUnder(allOf('toldVouch'), key) as RecordId)
    }
  }

  /** Begins to watch. */
  start(): void {
    this.#stopped = false
    this.look()
  }

  /** Stops watching. */
  stop(): void {
    this.#stopped = true
    this.#alarm.clear()
  }

  /** Looks now: records have come, or time has passed. */
  look(): void {
    if (this.#stopped) return
    const { clock, store, emit } = this.#parts
    const now = clock.now()
    let next = Infinity
    for (const { given, received, sponsor, state, decidedAt } of this.#concerned()) {
      if (state === 'active') next = Math.min(next, (received?.until ?? now) + 1)
      if (decidedAt === null || this.#told.has(given.id)) continue
      this.#told.add(given.id)
      // What is lost of it is told again.
      const told = { key: keys.toldVouch(given.id), value: encodeJson(decidedAt) }
      void store()
        .write([told], { sync: false })
        .catch(() => {})
      const type = state === 'failed' ? 'vouch-failed' : 'vouch-succeeded'
      emit(type, { vouch: given.id, sponsor: didOf(sponsor), newcomer: didOf(given.to) })
    }
    this.#alarm.set(next)
  }

  /** Vouches that the society gave or accepted. */
  #concerned(): readonly KnownVouch[] {
    const { self, clock, vouching } = this.#parts
    const knowledge = vouching()
    const now = clock.now()
    const sponsors = [...knowledge.held.trust(self).received.values()].map((v) => v.sponsor)
    const toSelf = [...new Set(sponsors)].flatMap((sponsor) =>
      vouchesBy(knowledge, sponsor, now).filter(({ given }) => given.to === self),
    )
    return [...vouchesBy(knowledge, self, now), ...toSelf]
  }
}
