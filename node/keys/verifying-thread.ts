import { Worker } from 'node:worker_threads'
import type { SignatureCheck } from '../../src/index.ts'
import { packChecks } from './signature-checks.ts'

/**
 * Checks signatures in a thread of its own, many to a message: as jobs of OpenSSL's threads, half
 * of their cost would stay here. It is started when first needed; while it starts, and where it
 * fails, nothing is found to hold, and whoever asks checks by itself.
 */
export class VerifyingThread {
  #worker: Worker | undefined
  #ready = false
  readonly #waiting: ((answers: Uint8Array) => void)[] = []

  /** One byte for each check, 1 where OpenSSL takes it; none of them where it cannot be asked. */
  check(checks: readonly SignatureCheck[]): Promise<Uint8Array> {
    const worker = this.#thread()
    if (!this.#ready) return Promise.resolve(new Uint8Array())
    const packed = packChecks(checks)
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      worker.postMessage(packed, [packed.buffer])
    })
  }

  /** Ends the thread; what is asked later starts another. */
  async close(): Promise<void> {
    const worker = this.#worker
    this.#fail()
    await worker?.terminate()
  }

  #thread(): Worker {
    if (this.#worker !== undefined) return this.#worker
    const worker = new Worker(new URL('./verifying-worker.ts', import.meta.url))
    worker.unref()
    worker.on('message', (answers: Uint8Array) => {
      // Its first word says that it runs.
      if (this.#ready) this.#waiting.shift()?.(answers)
      else this.#ready = true
    })
    worker.on('error', () => this.#fail())
    this.#worker = worker
    return worker
  }

  #fail(): void {
    this.#worker = undefined
    this.#ready = false
    for (const answer of this.#waiting.splice(0)) answer(new Uint8Array())
  }
}
