import { monitorEventLoopDelay } from 'node:perf_hooks'

type IntervalHistogram = ReturnType<typeof monitorEventLoopDelay>

/** How late the event loop was, in ms. */
export type LoopDelayView = { readonly p99Ms: number; readonly maxMs: number }

/** Timers are looked at this often, in ms; what is measured includes it. */
const resolutionMs = 10
/** A view tells of the last one to two of these, in ms. */
const windowMs = 30_000

const inMs = (nanoseconds: number): number =>
  // Without a measurement yet there is no number.
  Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / 1e6 - resolutionMs) : 0

const viewOf = (histogram: IntervalHistogram): LoopDelayView => ({
  p99Ms: histogram.count === 0 ? 0 : inMs(histogram.percentile(99)),
  maxMs: histogram.count === 0 ? 0 : inMs(histogram.max),
})

/** Measures how late the event loop runs, until it is closed. */
export class LoopDelay {
  readonly #histogram: IntervalHistogram
  readonly #timer: NodeJS.Timeout
  #before: LoopDelayView = { p99Ms: 0, maxMs: 0 }

  constructor() {
    this.#histogram = monitorEventLoopDelay({ resolution: resolutionMs })
    this.#histogram.enable()
    this.#timer = setInterval(() => {
      this.#before = viewOf(this.#histogram)
      this.#histogram.reset()
    }, windowMs)
    this.#timer.unref()
  }

  /** The worst of the last minute. */
  view(): LoopDelayView {
    const now = viewOf(this.#histogram)
    const { p99Ms, maxMs } = this.#before
    return { p99Ms: Math.max(p99Ms, now.p99Ms), maxMs: Math.max(maxMs, now.maxMs) }
  }

  /** Measures no more. */
  close(): void {
    clearInterval(this.#timer)
    this.#histogram.disable()
  }
}
