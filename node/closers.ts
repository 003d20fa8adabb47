/** What was opened, to be closed in the reverse order. */
export class Closers {
  readonly #closers: (() => Promise<void>)[] = []

  /** Adds what closes the part that was opened last. */
  push(close: () => Promise<void>): void {
    this.#closers.push(close)
  }

  /** Closes everything once; fails with the first failure, after all were tried. */
  async closeAll(): Promise<void> {
    const failures: unknown[] = []
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) {
      // One that fails must not keep the next from closing: the lock comes last.
      await close().catch((error: unknown) => failures.push(error))
    }
    if (failures.length > 0) throw failures[0]
  }
}
