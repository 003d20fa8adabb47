import {
  isChosenWitness,
  rankedWitnesses,
  drawersMax,
  witnessCandidates,
  witnessesTriedMax,
  type Draw,
  type RecordId,
  type SocietyKey,
} from '../../protocol/index.ts'
import type { DocumentsHeld } from '../ledger/documents-held.ts'
import { childrenOf, parentOf } from '../view/kinship.ts'

/** What choosing witnesses is told by others of the node. */
export type ChoiceParts = {
  readonly held: () => DocumentsHeld
  /** The members in this node's eyes, and since when each is one. */
  readonly members: () => ReadonlyMap<SocietyKey, number>
  /** Whether a society was caught signing two pasts: its word counts no more. */
  readonly isCaught: (society: SocietyKey) => boolean
}

/** A proof whose witnesses are chosen: its id, its author, and when it was written. */
export type Proven = {
  readonly proof: RecordId
  readonly prover: SocietyKey
  readonly provenAt: number
}

/** Who may witness which proof, in this node's eyes: a view, as membership is. */
export class Choice {
  readonly #parts: ChoiceParts

  constructor(parts: ChoiceParts) {
    this.#parts = parts
  }

  /** Who may witness a proof: members of its time but its author and kin, first admitted first. */
  candidates({ prover, provenAt }: Proven): readonly SocietyKey[] {
    const { held, members, isCaught } = this.#parts
    const others = [...members()].filter(
      ([society, since]) => society !== prover && since <= provenAt && !isCaught(society),
    )
    others.sort(([a, since], [b, other]) => since - other || (a < b ? -1 : 1))
    const parent = parentOf(held(), prover, provenAt)
    const kin = new Set(childrenOf(held(), prover, provenAt))
    if (parent !== null) kin.add(parent)
    return witnessCandidates(
      others.map(([society]) => society),
      kin,
    )
  }

  /** Whether a proof has so many candidates that its witnesses must be drawn by lot. */
  isDrawn(proven: Proven): boolean {
    return this.candidates(proven).length > witnessesTriedMax
  }

  /** Who may draw the witnesses of a proof. */
  drawers(proven: Proven): readonly SocietyKey[] {
    return this.candidates(proven).slice(0, drawersMax)
  }

  /** The witnesses of a proof, in the order in which they are to be asked. */
  chosen(proven: Proven, draw: Draw | null): readonly SocietyKey[] {
    const candidates = this.candidates(proven)
    const ranked = rankedWitnesses(proven.proof, draw?.signature ?? null, candidates)
    return ranked
      .slice(0, witnessesTriedMax)
      .filter((society) => isChosenWitness(society, proven.proof, draw, candidates))
  }

  /** Whether a society is a witness of a proof, by a draw where there must be one. */
  isChosen(society: SocietyKey, proven: Proven, draw: Draw | null): boolean {
    return isChosenWitness(society, proven.proof, draw, this.candidates(proven))
  }
}
