import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { keepCorpus } from './fuzz/corpus.ts'
import { fuzzHttp } from './fuzz/http.ts'
import type { Tried } from './fuzz/worker.ts'
import type { Row } from './row.ts'

const file = new URL('./fuzz/worker.ts', import.meta.url)
/** Requests to a real node: thousands of times slower than a reader in this process. */
const requests = { short: 400, long: 60_000 }

/** Tries inputs on a thread of its own. */
async function tryOn(count: number, seed: number, hear: (tried: Tried) => void): Promise<void> {
  const worker = new Worker(file, { workerData: { count, seed } })
  worker.on('message', hear)
  await once(worker, 'exit')
}

/** Mutates what anybody may send, guided by what code it reaches. */
export const fuzz: Row = {
  name: 'fuzz',
  proof: 'coverage-guided inputs to every reader: nothing uncaught, none over 50 ms',
  gates: { short: { inputs: 20_000 }, long: { inputs: 10_000_000 } },
  async run({ gate, isShort, tell }) {
    const all: Tried[] = []
    const threads = isShort ? 1 : availableParallelism()
    const count = Math.ceil((gate['inputs'] ?? 0) / threads)
    const began = performance.now()
    const hear = (tried: Tried): void => {
      all.push(tried)
      const rate = Math.round((tried.inputs / tried.ms) * 1_000)
      tell(`${tried.target}: ${tried.inputs} inputs, ${rate}/s, ${tried.found.length} kept`)
    }
    // Other inputs in each long run; the same in each short one.
    const seed = isShort ? 1 : Date.now()
    await Promise.all(Array.from({ length: threads }, (_, at) => tryOn(count, seed + at, hear)))
    const seconds = (performance.now() - began) / 1_000
    if (!isShort) {
      for (const { target, found } of all) keepCorpus(target, found)
    }
    const http = await fuzzHttp(isShort ? requests.short : requests.long, seed, tell)
    const inputs = all.reduce((sum, tried) => sum + tried.inputs, 0)
    return {
      figures: {
        inputs: inputs + http.requests,
        inputsPerSecond: Math.round(inputs / seconds),
        kept: all.reduce((sum, { found }) => sum + found.length, 0),
        slowestMs: Math.round(Math.max(...all.map(({ slowestMs }) => slowestMs)) * 10) / 10,
        requests: http.requests,
        requestsPerSecond: http.perSecond,
      },
      faults: [...all.flatMap(({ faults }) => faults), ...http.faults],
    }
  },
}
