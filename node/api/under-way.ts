import { Failure } from '../../src/index.ts'

/** Work of one kind that is done a few at a time in each context. */
export class UnderWay {
  readonly #counts: WeakMap<object, number> = new WeakMap()
  readonly #what: string

  /** `what` names the work in the plural, for whoever is refused. */
  constructor(what: string) {
    this.#what = what
  }

  /** Does the work; fails with `rate-limited` where as many as may be are under way. */
  async run<T>(context: object, most: number, work: () => Promise<T>): Promise<T> {
    const count = this.#counts.get(context) ?? 0
    if (count >= most) {
      throw new Failure('rate-limited', `${most} ${this.#what} are under way; wait for one`)
    }
    this.#counts.set(context, count + 1)
    try {
      return await work()
    } finally {
      this.#counts.set(context, (this.#counts.get(context) ?? 1) - 1)
    }
  }
}
