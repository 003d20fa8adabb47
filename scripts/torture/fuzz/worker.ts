/** A thread of the row `fuzz`: tries its part of the inputs of each target, and tells of them. */
import { parentPort, workerData } from 'node:worker_threads'
import { changes } from './changes.ts'
import { config } from './config.ts'
import { Coverage } from './coverage.ts'
import { files } from './files.ts'
import { frames } from './frames.ts'
import { Fuzzer } from './fuzzer.ts'
import { records } from './records.ts'
import type { Target } from './target.ts'

/** What one thread did for one target. */
export type Tried = {
  readonly target: string
  readonly inputs: number
  readonly ms: number
  readonly slowestMs: number
  readonly found: readonly Uint8Array[]
  readonly faults: readonly string[]
}

const targets: readonly Target[] = [frames, changes, records, config, files]
const shares = targets.reduce((sum, { share }) => sum + share, 0)
const { count, seed } = workerData as { readonly count: number; readonly seed: number }
const coverage = new Coverage()
for (const target of targets) {
  const inputs = Math.ceil((count * target.share) / shares)
  const began = performance.now()
  const fuzzer = new Fuzzer(target, coverage, seed)
  fuzzer.run(inputs)
  const ms = performance.now() - began
  const { slowestMs, found, faults } = fuzzer
  parentPort?.postMessage({ target: target.name, inputs, ms, slowestMs, found, faults })
}
parentPort?.close()
