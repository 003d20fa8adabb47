import type { Clock } from '../../../src/index.ts'

type Event = {
  readonly at: number
  readonly order: number
  /** Null once it was cancelled. */
  callback: (() => void) | null
}

function before(a: Event, b: Event): boolean {
  return a.at === b.at ? a.order < b.order : a.at < b.at
}

/**
 * Simulated time of a whole world in ms: jumps from one event to the next. Events at one instant
 * happen in the order in which they were planned.
 */
export class EventClock {
  readonly #startMs: number
  #elapsed = 0
  #leapt = 0
  #order = 0
  readonly #heap: Event[] = []

  constructor(startMs: number) {
    this.#startMs = startMs
  }

  /** The true time; a node sees it through its own clock. */
  now(): number {
    return this.#startMs + this.#leapt + this.#elapsed
  }

  /** Time that was simulated, in ms: all since the start but the leaps. */
  get elapsed(): number {
    return this.#elapsed
  }

  /** Lets days pass in which nothing happens at all: everything that is planned waits for them. */
  leap(ms: number): void {
    this.#leapt += ms
  }

  /** Plans an event; the returned function takes it back. */
  after(ms: number, callback: () => void): () => void {
    const event: Event = {
      at: this.#elapsed + Math.max(0, Math.floor(ms)),
      order: this.#order++,
      callback,
    }
    this.#push(event)
    return () => {
      event.callback = null
    }
  }

  /** Lets the next event happen of those until so much was simulated; false if there is none. */
  step(untilElapsed: number): boolean {
    for (;;) {
      const first = this.#heap[0]
      if (first === undefined || first.at > untilElapsed) {
        this.#elapsed = Math.max(this.#elapsed, untilElapsed)
        return false
      }
      this.#pop()
      if (first.callback === null) continue
      this.#elapsed = first.at
      first.callback()
      return true
    }
  }

  #push(event: Event): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(event)
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = heap[parent] as Event
      if (!before(event, above)) break
      heap[at] = above
      at = parent
    }
    heap[at] = event
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop() as Event
    if (heap.length === 0) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      const right = heap[child + 1]
      if (right !== undefined && before(right, heap[child] as Event)) child += 1
      const below = heap[child]
      if (below === undefined || !before(below, last)) break
      heap[at] = below
      at = child
    }
    heap[at] = last
  }
}

/** The clock of one run of one node: off by so much, and silent once the node has crashed. */
export class NodeClock implements Clock {
  /** How far it is ahead of the true time, in ms. */
  offsetMs: number
  readonly #world: EventClock
  #dead = false

  constructor(world: EventClock, offsetMs: number) {
    this.#world = world
    this.offsetMs = offsetMs
  }

  now(): number {
    return this.#world.now() + this.offsetMs
  }

  after(ms: number, callback: () => void): () => void {
    return this.#world.after(ms, () => {
      if (!this.#dead) callback()
    })
  }

  /** The node has crashed: no timer of it goes off any more. */
  die(): void {
    this.#dead = true
  }
}
