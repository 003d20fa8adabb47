import { SeededRandom } from '../../../node/simulate/random.ts'
import { readCorpus } from './corpus.ts'
import type { Coverage, Place } from './coverage.ts'
import { mutate } from './mutate.ts'
import type { Target } from './target.ts'

/** Inputs between two looks at what code ran. */
const batchInputs = 2_048
/** Longest time that one input may take, in ms (P8); measured again, for others use the machine. */
const inputMsMax = 50
const faultsMax = 20
/** New places in one batch whose inputs are looked for. */
const placesMax = 4

/** Mutates inputs of one target and keeps those that reach code that never ran before. */
export class Fuzzer {
  readonly #target: Target
  readonly #coverage: Coverage
  readonly #inputs: Uint8Array[]
  readonly #draw: (end: number) => number
  /** Inputs that reached new code, the given ones not among them. */
  readonly found: Uint8Array[] = []
  readonly faults: string[] = []
  slowestMs = 0

  constructor(target: Target, coverage: Coverage, seed: number) {
    this.#target = target
    this.#coverage = coverage
    this.#inputs = [...target.seeds(), ...readCorpus(target.name)]
    const random = new SeededRandom(seed).fork(target.name)
    this.#draw = (end) => Math.floor(random.next() * end)
    for (const bytes of this.#inputs) this.#try(bytes)
    coverage.news()
  }

  /** Tries so many inputs. */
  run(count: number): void {
    for (let left = count; left > 0; left -= batchInputs) {
      const batch = Array.from({ length: Math.min(left, batchInputs) }, () => this.#next())
      for (const bytes of batch) this.#try(bytes)
      const places = this.#coverage.news()
      if (places.length > 0) this.#keep(batch, places)
    }
  }

  #next(): Uint8Array {
    const { mend } = this.#target
    const pick = (): Uint8Array => this.#inputs[this.#draw(this.#inputs.length)] ?? new Uint8Array()
    const mutated = mutate(pick(), pick(), this.#draw)
    return mend === undefined || this.#draw(16) === 0 ? mutated : mend(mutated)
  }

  /** Keeps the inputs of a batch that reached these places: halves tell which they are. */
  #keep(batch: readonly Uint8Array[], places: readonly Place[]): void {
    for (const place of places.slice(0, placesMax)) {
      let suspects = batch
      while (suspects.length > 1) {
        const half = suspects.slice(0, suspects.length >> 1)
        this.#coverage.news()
        for (const bytes of half) this.#try(bytes)
        suspects = this.#coverage.hasRun(place) ? half : suspects.slice(half.length)
      }
      const [found] = suspects
      if (found === undefined) continue
      this.#inputs.push(found)
      this.found.push(found)
    }
  }

  #try(bytes: Uint8Array): void {
    const began = performance.now()
    try {
      this.#target.read(bytes)
    } catch (error) {
      this.#fault(bytes, error instanceof Error ? (error.stack ?? error.message) : String(error))
    }
    const took = performance.now() - began
    if (took > this.slowestMs) this.#time(bytes, took)
  }

  /** Takes the best of three more, for the first may have waited for the processor. */
  #time(bytes: Uint8Array, first: number): void {
    let best = first
    for (let again = 0; again < 3; again += 1) {
      const began = performance.now()
      try {
        this.#target.read(bytes)
      } catch {
        // Told already.
      }
      best = Math.min(best, performance.now() - began)
    }
    this.slowestMs = Math.max(this.slowestMs, best)
    if (best > inputMsMax) this.#fault(bytes, `took ${Math.round(best)} ms`)
  }

  #fault(bytes: Uint8Array, what: string): void {
    if (this.faults.length >= faultsMax) return
    const hex = Buffer.from(bytes).toString('hex').slice(0, 2_000)
    this.faults.push(`${this.#target.name}: ${what.slice(0, 500)}; input ${hex}`)
  }
}
