import type { Actor, ChangesFrame } from '../../protocol/index.ts'

/** Where a range of a document begins. */
export type RangeStart = { readonly actor: Actor; readonly from: number }
/** A range of a document: its changes from a place on, as far as `to` says that there are any. */
export type Range = RangeStart & { readonly to: number }

type Ahead = RangeStart & {
  /** Undefined where asking failed: then it is asked once more, by whoever needs it. */
  readonly frames: Promise<readonly ChangesFrame[] | undefined>
}

/**
 * Asks a peer for ranges of documents, for the next one while the last one is judged.
 *
 * 1. One answer at most waits unjudged, of all documents of one pull.
 * 2. A range that is not the next after all, because less than was answered was taken, is dropped.
 */
export class Ranges {
  readonly #ask: (actor: Actor, from: number) => Promise<readonly ChangesFrame[]>
  #ahead: Ahead | undefined

  constructor(ask: (actor: Actor, from: number) => Promise<readonly ChangesFrame[]>) {
    this.#ask = ask
  }

  /**
   * Frames from a place on; the next range is under way when they are here, that of `following`
   * where the document has no more.
   */
  async take(
    { actor, from, to }: Range,
    following: () => RangeStart | undefined = () => undefined,
  ): Promise<readonly ChangesFrame[]> {
    const frames = (await this.#taken(actor, from)) ?? (await this.#ask(actor, from))
    const end = frames.reduce((place, { changes }) => place + changes.length, from)
    const next = end > from && end <= to ? { actor, from: end } : following()
    if (this.#ahead === undefined && next !== undefined) {
      const asked = this.#ask(next.actor, next.from).catch(() => undefined)
      this.#ahead = { ...next, frames: asked }
    }
    return frames
  }

  async #taken(actor: Actor, from: number): Promise<readonly ChangesFrame[] | undefined> {
    const ahead = this.#ahead
    if (ahead?.actor !== actor) return undefined
    // Also where it is not what is asked for now: one request at a time for each document.
    const frames = await ahead.frames
    this.#ahead = undefined
    return ahead.from === from ? frames : undefined
  }
}
