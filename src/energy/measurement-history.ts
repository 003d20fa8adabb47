import { allOf, encodeJson, jsonUnder, keys } from '../ledger/layout.ts'
import { measuredSourcesMax, samplesMax } from '../limits.ts'
import type { Readings, Sample, Store, StoreWrite } from '../ports.ts'
import { claimOfProof, sampleOf, type ProofValues } from './proof-claim.ts'

/** A sample, and the SHA-256 in hex of the transcript that shows it; null for a mere claim. */
export type ShownSample = Sample & { readonly evidence: string | null }

type Kept = { readonly source: string; readonly samples: readonly ShownSample[] }

/** Leaves out what stands closest to its neighbours, never the first or the last. */
function thinned(samples: readonly ShownSample[]): readonly ShownSample[] {
  if (samples.length <= samplesMax) return samples
  let closest = 1
  const gap = (i: number): number => (samples[i + 1]?.at ?? Infinity) - (samples[i - 1]?.at ?? 0)
  for (let i = 2; i < samples.length - 1; i++) if (gap(i) < gap(closest)) closest = i
  return samples.filter((_, i) => i !== closest)
}

/**
 * What this society's own meters showed when it proved its sources: bounded, kept in the store, and
 * forgotten when a source is retired. No verdict follows from it; what is lost is only not noticed.
 */
export class MeasurementHistory {
  /** By source, the one that was measured longest ago first. */
  readonly #samples: Map<string, readonly ShownSample[]> = new Map()

  /** Loads what a store holds. */
  async load(store: Store): Promise<void> {
    const kept: Kept[] = []
    for await (const each of jsonUnder(store, allOf('samples'))) kept.push(each as Kept)
    const newest = ({ samples }: Kept): number => samples.at(-1)?.at ?? 0
    kept.sort((a, b) => newest(a) - newest(b))
    for (const { source, samples } of kept) this.#samples.set(source, samples)
  }

  /** Samples of a source, oldest first. */
  of(source: string): readonly ShownSample[] {
    return this.#samples.get(source) ?? []
  }

  /** Every source with its samples. */
  entries(): Iterable<readonly [source: string, samples: readonly ShownSample[]]> {
    return this.#samples
  }

  /** Takes an own record into account that was written; returns what has to be written with it. */
  wrote(kind: string, value: object, readings: Readings): readonly StoreWrite[] {
    if (kind === 'energy.retire') return this.forget((value as { source: string }).source)
    if (kind !== 'energy.prove') return []
    const proof = value as ProofValues
    const claim = claimOfProof(proof, readings)
    const { evidence } = proof
    const shown = typeof evidence === 'string' ? evidence : null
    return this.note(claim.source, { ...sampleOf(claim), evidence: shown })
  }

  /** Notes a sample; returns what has to be written. */
  note(source: string, sample: ShownSample): readonly StoreWrite[] {
    const before = this.of(source).filter(({ at }) => at !== sample.at)
    const samples = thinned([...before, sample].sort((a, b) => a.at - b.at))
    const writes: StoreWrite[] = []
    this.#samples.delete(source)
    for (const oldest of this.#samples.keys()) {
      if (this.#samples.size < measuredSourcesMax) break
      writes.push(...this.forget(oldest))
    }
    this.#samples.set(source, samples)
    return [...writes, { key: keys.samples(source), value: encodeJson({ source, samples }) }]
  }

  /** Forgets a source; returns what has to be written. */
  forget(source: string): readonly StoreWrite[] {
    return this.#samples.delete(source) ? [{ key: keys.samples(source) }] : []
  }
}
