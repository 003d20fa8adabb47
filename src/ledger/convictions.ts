import {
  actorOf,
  bytesOfKey,
  decodeChange,
  evidenceDigest,
  hexOf,
  joinEvidence,
  partsOfRecordId,
  peekChange,
  type Actor,
  type Conviction,
  type RecordId,
} from '../../protocol/index.ts'
import type { Verifier } from '../ports.ts'
import type { Accepted } from './batch.ts'
import { cutDocument, type CutParts } from './cut.ts'
import { evidenceFor, type Suspicion } from './evidence.ts'
import { convictionOf } from './forks.ts'
import { keys } from './layout.ts'

/** A society that was found out, or an earlier fork of a document that had ended already. */
export type Convicted = Conviction & {
  readonly actor: Actor
  readonly evidence: Uint8Array
  /** Whether anything that was held is now past the document's end. */
  readonly cut: boolean
}

/** What convictions need of the node. */
export type ConvictionsParts = CutParts & {
  readonly verifier: Verifier
  /** Called after a document was ended; nothing is being folded meanwhile. */
  readonly onConvicted: (convicted: Convicted) => void
}

/** The evidence that the report at a place of a change holds, or the digest it names it by. */
function reportedIn(bytes: Uint8Array, place: number): Uint8Array | string | undefined {
  const peeked = peekChange(bytes)
  const decoded = peeked.ok ? decodeChange(bytes, peeked.value) : peeked
  if (!decoded.ok || !('operations' in decoded.value)) return undefined
  const objects: number[] = []
  const parts: Uint8Array[] = []
  let digest: string | undefined
  for (const { object, key, value } of decoded.value.operations) {
    if (value === undefined) continue
    if (objects.at(-1) !== object) objects.push(object)
    if (objects.length - 1 !== place || !(value instanceof Uint8Array)) continue
    if (key === 'digest') digest = hexOf(value)
    else if (key.startsWith('evidence.')) parts.push(value)
  }
  return digest ?? joinEvidence(parts)
}

/** Judges evidence from wherever it comes and ends the documents that it is about. */
export class Convictions {
  readonly #parts: ConvictionsParts

  constructor(parts: ConvictionsParts) {
    this.#parts = parts
  }

  /** What evidence proves, its signatures checked; undefined for nothing. */
  judge(evidence: Uint8Array): ReturnType<typeof convictionOf> {
    const { verifier } = this.#parts
    return convictionOf(evidence, (signature, message, key) =>
      verifier.verify(signature, message, bytesOfKey(key)),
    )
  }

  /** Whether evidence tells anything new, if its signatures hold; undefined where it cannot. */
  isNews(evidence: Uint8Array): boolean | undefined {
    const claimed = convictionOf(evidence, () => true)
    return claimed && claimed.place < this.#parts.forks.placeOf(claimed.actor)
  }

  /** Ends the document that evidence is about, unless it has ended as early already. */
  async convict(evidence: Uint8Array): Promise<void> {
    const { forks, onConvicted } = this.#parts
    const proven = this.judge(evidence)
    if (proven === undefined || forks.placeOf(proven.actor) <= proven.place) return
    const { actor, place } = proven
    const cut = await cutDocument(this.#parts, actor, { place, evidence })
    onConvicted({ ...proven, evidence, cut })
  }

  /** Looks into what contradicts the documents held. */
  async lookInto(suspicion: Suspicion): Promise<void> {
    const { forks, store } = this.#parts
    const { actor, against } = suspicion
    if (against !== null && forks.placeOf(actor) <= against) return
    const evidence = await evidenceFor(store, suspicion)
    if (evidence !== undefined) await this.convict(evidence)
  }

  /** Believes the valid reports among records that have become part of a document. */
  async believe({ judged, bytes }: Accepted): Promise<void> {
    for (const { outcome, id } of judged) {
      if (outcome?.type !== 'report') continue
      const { document, society, place } = outcome
      // Reading evidence is work, and everybody may report the same.
      if (this.#parts.forks.placeOf(actorOf(document, society)) <= place) continue
      const evidence = await this.#reported(bytes, id)
      if (evidence !== undefined) await this.convict(evidence)
    }
  }

  /** Believes the reports that are held already: a crash may have come between them and the cut. */
  async believeHeld(): Promise<void> {
    const { held, index, store, forks } = this.#parts
    for (const { reports } of Array.from(held.trusts())) {
      for (const [actor, { id, place }] of reports) {
        if (forks.placeOf(actor) <= place) continue
        const facts = await index.facts(partsOfRecordId(id).hash)
        const bytes = facts && (await store.get(keys.change(facts.actor, facts.seq)))
        const evidence = bytes && (await this.#reported(bytes, id))
        if (evidence !== undefined) await this.convict(evidence)
      }
    }
  }

  async #reported(bytes: Uint8Array, id: RecordId): Promise<Uint8Array | undefined> {
    const reported = reportedIn(bytes, partsOfRecordId(id).place)
    if (typeof reported !== 'string') return reported
    return this.#parts.store.get(keys.evidenceNamed(reported))
  }

  /** Keeps evidence that a report names by its digest. */
  async keep(evidence: Uint8Array): Promise<void> {
    const key = keys.evidenceNamed(evidenceDigest(evidence))
    await this.#parts.store.write([{ key, value: evidence }], { sync: true })
  }
}
