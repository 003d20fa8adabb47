import { Failure } from '../../src/index.ts'
import { commitBytesMax } from './limits.ts'

/** One operation on the database; no value deletes the key. */
export type Operation = { readonly key: string; readonly value: Uint8Array | undefined }

type Waiting = {
  readonly operations: readonly Operation[]
  readonly bytes: number
  readonly sync: boolean
  readonly done: () => void
  readonly failed: (error: unknown) => void
}

/**
 * Writes in the order of their calls, one commit at a time; what comes meanwhile shares the next
 * commit, and one sync with it. After a failed commit nothing is written any more: whether it is on
 * disk is unknown until the store is opened again, and what follows it would leave a hole.
 */
export class CommitQueue {
  readonly #commit: (operations: readonly Operation[], sync: boolean) => Promise<void>
  #waiting: Waiting[] = []
  #running = false
  #failure: Failure | undefined

  constructor(commit: (operations: readonly Operation[], sync: boolean) => Promise<void>) {
    this.#commit = commit
  }

  /** Why nothing is written any more; undefined while all is well. */
  get failure(): Failure | undefined {
    return this.#failure
  }

  /** Resolves once the operations are written, as one, and with `sync` durable. */
  push(operations: readonly Operation[], sync: boolean): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    const bytes = operations.reduce((sum, { value }) => sum + (value?.length ?? 0), 0)
    return new Promise((done, failed) => {
      this.#waiting.push({ operations, bytes, sync, done, failed })
      if (!this.#running) void this.#run()
    })
  }

  /** Fails what is waiting and all that comes. */
  #fail(cause: unknown): void {
    const what = cause instanceof Error ? cause.message : String(cause)
    this.#failure ??= new Failure(
      'store-damaged',
      `A write to the store failed (${what}). What of it is on disk shows when the store is ` +
        'opened again; until then nothing more is written.',
      { cause },
    )
    for (const { failed } of this.#waiting.splice(0)) failed(this.#failure)
  }

  async #run(): Promise<void> {
    this.#running = true
    // Calls of one turn of the event loop share the first commit too.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const taken = this.#take()
      try {
        await this.#commit(
          taken.flatMap(({ operations }) => operations),
          taken.some(({ sync }) => sync),
        )
      } catch (error) {
        this.#fail(error)
      }
      for (const { done, failed } of taken) {
        if (this.#failure === undefined) done()
        else failed(this.#failure)
      }
    }
    this.#running = false
  }

  /** The waiting writes that share the next commit, from the oldest. */
  #take(): Waiting[] {
    let bytes = 0
    const over = this.#waiting.findIndex((write, index) => {
      bytes += write.bytes
      return index > 0 && bytes > commitBytesMax
    })
    return this.#waiting.splice(0, over < 0 ? this.#waiting.length : over)
  }
}
