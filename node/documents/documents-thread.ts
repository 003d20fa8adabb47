import { Worker } from 'node:worker_threads'
import { Failure, type Documents } from '../../src/index.ts'
import type { DocumentsAnswer, DocumentsJob } from './documents-worker.ts'

type Waiting = {
  readonly resolve: (result: unknown) => void
  readonly reject: (failure: Failure) => void
}

/** Jobs that may wait for the thread at once. */
const jobsMax = 64

/**
 * Builds Automerge documents in a thread of their own, started when first needed. After any error
 * the thread is thrown away: a WebAssembly memory that panicked or ran out is not to be trusted.
 */
export class DocumentsThread implements Documents {
  #worker: Worker | undefined
  #nextId = 1
  readonly #waiting: Map<number, Waiting> = new Map()

  async build(
    changes: readonly Uint8Array[],
  ): Promise<{ readonly saved: Uint8Array; readonly heads: readonly string[] }> {
    const built = await this.#run('build', changes)
    return built as { readonly saved: Uint8Array; readonly heads: readonly string[] }
  }

  async read(changes: readonly Uint8Array[]): Promise<string> {
    return (await this.#run('read', changes)) as string
  }

  async close(): Promise<void> {
    this.#fail('the node stops')
    await this.#worker?.terminate()
    this.#worker = undefined
  }

  #run(what: DocumentsJob['what'], changes: readonly Uint8Array[]): Promise<unknown> {
    if (this.#waiting.size >= jobsMax) {
      return Promise.reject(new Failure('rate-limited', 'too many documents wait to be built'))
    }
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      const job: DocumentsJob = { id, what, changes }
      this.#thread().postMessage(job)
    })
  }

  #thread(): Worker {
    if (this.#worker !== undefined) return this.#worker
    const worker = new Worker(new URL('./documents-worker.ts', import.meta.url))
    worker.unref()
    worker.on('message', (answer: DocumentsAnswer) => this.#take(answer))
    worker.on('error', (error) => {
      this.#worker = undefined
      this.#fail((error as Error).message)
    })
    this.#worker = worker
    return worker
  }

  #take(answer: DocumentsAnswer): void {
    const waiting = this.#waiting.get(answer.id)
    this.#waiting.delete(answer.id)
    if (answer.ok) {
      waiting?.resolve(answer.result)
      return
    }
    waiting?.reject(new Failure('store-damaged', `a document cannot be built: ${answer.message}`))
    const broken = this.#worker
    this.#worker = undefined
    this.#fail('the thread that builds documents was restarted')
    void broken?.terminate()
  }

  #fail(message: string): void {
    for (const { reject } of this.#waiting.values()) reject(new Failure('store-damaged', message))
    this.#waiting.clear()
  }
}
