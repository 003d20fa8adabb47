import type { SocietyKey } from '../../protocol/index.ts'
import type { Doubts } from '../energy/doubts.ts'
import type { Finality } from '../finality/finality.ts'
import type { Indexes } from '../indexes.ts'
import type { Members } from '../membership/members.ts'
import type { Membership } from '../membership/membership.ts'
import type { Founding } from '../replica-parts.ts'
import { viewBacking, type BackingParts, type BackingView } from '../view/backing.ts'
import { exportBacking, type ExportedBacking, type ExportParts } from './export.ts'

/** What answering about backing needs of the node. */
export type BackingsParts = Omit<ExportParts, 'backing' | 'membership' | 'open'> & {
  readonly founding: Founding
  readonly members: Pick<Members, 'current'>
  readonly finality: Pick<Finality, 'certificates'>
  readonly indexes: Pick<Indexes, 'claims' | 'proofs'>
  readonly doubts: Doubts
}

/** Answers of one node about the backing of societies. */
export class Backings {
  readonly #parts: BackingsParts

  constructor(parts: BackingsParts) {
    this.#parts = parts
  }

  get #backing(): BackingParts {
    const { ledger, members, finality } = this.#parts
    const { index, held, forks, self: viewer } = ledger
    const { claims, proofs } = this.#parts.indexes
    const isMember = (society: SocietyKey): boolean => members.current.members.has(society)
    const { federation } = this.#parts.founding
    // What is shown must be found again by whoever has the file alone.
    const { stated: certificates } = finality.certificates
    const { doubts } = this.#parts
    const eyes = { viewer, federation, isMember }
    return { index, held, forks, claims, proofs, doubts, certificates, ...eyes }
  }

  /** May I take this society's ATP, and why. */
  async view(society: SocietyKey): Promise<BackingView> {
    const { clock } = this.#parts
    return (await viewBacking(this.#backing, society, clock.now())).view
  }

  /** The same with all that it follows from, for whoever knows nothing of this node. */
  export(society: SocietyKey): Promise<ExportedBacking> {
    const { founding, members } = this.#parts
    const open = founding.policy['admission'] === 'open'
    const membership = (): Membership => members.current
    return exportBacking({ ...this.#parts, membership, open, backing: this.#backing }, society)
  }
}
