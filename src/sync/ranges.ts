import type { Actor, ChangesFrame } from '../../protocol/index.ts'

/** A range of a document: its changes from a place on, as far as `to` says that there are any. */
export type Range = { readonly actor: Actor; readonly from: number; readonly to: number }

type Ahead = {
  readonly actor: Actor
  readonly from: number
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

  /** Frames from a place on; the next range is under way when they are here. */
  async take({ actor, from, to }: Range): Promise<readonly ChangesFrame[]> {
    const frames = (await this.#taken(actor, from)) ?? (await this.#ask(actor, from))
    const next = frames.reduce((place, { changes }) => place + changes.length, from)
    if (this.#ahead === undefined && next > from && next <= to) {
      const asked = this.#ask(actor, next).catch(() => undefined)
      this.#ahead = { actor, from: next, frames: asked }
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
