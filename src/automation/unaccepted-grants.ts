import { didOf, type OutcomeOf, type RecordId, type SocietyKey } from '../../protocol/index.ts'
import type { AgendaItem } from './agenda.ts'
import { leastBelow, type LevelParts, type OriginLevel } from '../claims/origin-level.ts'
import type { DocumentsHeld } from '../ledger/documents-held.ts'

/** What telling which grants are not taken needs of the node. */
export type UnacceptedParts = LevelParts & {
  readonly self: SocietyKey
  readonly held: DocumentsHeld
  readonly emit: (type: string, data: Readonly<Record<string, unknown>>) => void
}

/**
 * Grants that a node leaves alone because their ATP is less surely proven than its society's
 * `acceptAssurance` asks for. Each is told of once, as `grant-refused`; it is looked at again at
 * every pass, for witnesses may still come, and let go once all of it has expired.
 */
export class UnacceptedGrants {
  readonly #parts: UnacceptedParts
  #told: ReadonlySet<RecordId> = new Set()

  constructor(parts: UnacceptedParts) {
    this.#parts = parts
  }

  /** Those among what awaits an answer. */
  async among(agenda: readonly AgendaItem[], now: number): Promise<ReadonlySet<RecordId>> {
    const found = new Set<RecordId>()
    for (const item of agenda) {
      const { outcome } = item
      const below = outcome.type === 'grant' ? await this.#below(outcome, now) : undefined
      if (below === undefined) continue
      found.add(item.id)
      if (!this.#told.has(item.id)) this.#tell(item, below)
    }
    this.#told = found
    return found
  }

  #below({ slices }: OutcomeOf<'grant'>, now: number): Promise<OriginLevel | undefined> {
    const alive = slices.filter(({ expiresAt }) => expiresAt >= now)
    return leastBelow(this.#parts, alive, this.#accepted)
  }

  get #accepted(): number {
    const { held, self } = this.#parts
    return held.trust(self).policy.acceptAssurance
  }

  #tell({ id, author }: AgendaItem, { level, proof }: OriginLevel): void {
    const code = 'unverified-source'
    const acceptAssurance = this.#accepted
    const data = { grant: id, from: didOf(author), code, level, acceptAssurance, proof }
    this.#parts.emit('grant-refused', data)
  }
}
