import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import { historyMetrics } from './history-metrics.ts'
import { ledgerMetrics } from './ledger-metrics.ts'
import type { Metric } from './metric.ts'
import { networkMetrics } from './network-metrics.ts'
import { nodeMetrics } from './node-metrics.ts'
import type { Seen } from './seen.ts'

// Every metric of our own but those of requests, in the order in which they are told.
const metricTable: readonly Metric[] = [
  ...nodeMetrics,
  ...networkMetrics,
  ...ledgerMetrics,
  ...historyMetrics,
]

/** Bounds of the histogram of requests, in s: most take a millisecond, a measurement a minute. */
const durationBuckets = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60]

/** Why a request was turned away before it was looked at. */
export type TurnedAway = 'rate' | 'pressure' | 'stopping'

/** The metrics of one node: those of the table as they stand, and counts of requests. */
export class Metrics {
  readonly #registry: Registry = new Registry()
  readonly #durations: Histogram<'method' | 'route' | 'status'>
  readonly #turnedAway: Counter<'reason'>
  #seen: Seen | undefined

  constructor() {
    const registers = [this.#registry]
    collectDefaultMetrics({ register: this.#registry })
    this.#durations = new Histogram({
      name: 'society_http_request_duration_seconds',
      help: 'How long requests took',
      labelNames: ['method', 'route', 'status'],
      buckets: durationBuckets,
      registers,
    })
    this.#turnedAway = new Counter({
      name: 'society_http_turned_away_total',
      help: 'Requests turned away unseen: too many, too loaded, stopping',
      labelNames: ['reason'],
      registers,
    })
    for (const metric of metricTable) this.#add(metric)
  }

  #add({ name, help, labels = [], grows, samples }: Metric): void {
    const seen = (): Seen | undefined => this.#seen
    const labelNames = [...labels]
    const registers = [this.#registry]
    if (grows === true) {
      const collect = function collect(this: Counter): void {
        this.reset()
        const now = seen()
        if (now !== undefined) for (const [label, value] of samples(now)) this.inc(label, value)
      }
      this.#registry.registerMetric(new Counter({ name, help, labelNames, collect, registers: [] }))
      return
    }
    const collect = function collect(this: Gauge): void {
      this.reset()
      const now = seen()
      if (now !== undefined) for (const [label, value] of samples(now)) this.set(label, value)
    }
    void new Gauge({ name, help, labelNames, collect, registers })
  }

  /** A request was answered; `route` is the pattern of its path. */
  answered(method: string, route: string, status: number, seconds: number): void {
    this.#durations.observe({ method, route, status: String(status) }, seconds)
  }

  /** A request was turned away. */
  turnedAway(reason: TurnedAway): void {
    this.#turnedAway.inc({ reason })
  }

  /** Media type of the text. */
  get contentType(): string {
    return this.#registry.contentType
  }

  /** All metrics in the text format of Prometheus. */
  text(seen: Seen): Promise<string> {
    this.#seen = seen
    return this.#registry.metrics()
  }
}
