import { Failure, type Clock, type Log, type Measurement, type Random } from '../../src/index.ts'
import { hostOf, type MeasureRequest } from '../meters/meters.ts'
import { rememberedMax, retryMs, timerMsMax } from './limits.ts'
import { readRemembered, writeRemembered, type Remembered } from './remembered.ts'
import { pauseAtStart, pauseBefore, reasonToProve, renewalAt, type Proven } from './schedule.ts'

/** An own source as its society's view shows it. */
export type OwnSource = Proven & { readonly isRetired: boolean }

/** When a source is measured next, and how that went. */
export type RenewalView = {
  /** ISO 8601: the next look at the device. */
  readonly nextLook: string
  /** ISO 8601: when its proof is renewed, whatever the looks show. */
  readonly renewal: string
  /** Failures in a row since that was due. */
  readonly failures: number
  /** Host of the device, as it was given; null for one of the node's own machine. */
  readonly host: string | null
  /** Why the newest look failed; null where it did not. */
  readonly failure: { readonly code: string; readonly message: string } | null
}

/** What measuring again needs of the node. */
export type RenewalsParts = {
  /** File in which the measurements are remembered. */
  readonly path: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Between two looks at a device, in ms; 0 measures only what is due. */
  readonly watchMs: number
  readonly measure: (request: MeasureRequest, signal: AbortSignal) => Promise<Measurement>
  /** Effective capacity of a measurement, in W. */
  readonly capacityOf: (measurement: Measurement) => number
  readonly prove: (measurement: Measurement) => Promise<unknown>
  /** Is told of a measurement of a source that is proven as it is. */
  readonly seen: (measurement: Measurement) => void
  /** An own source as it stands; undefined for one that was never proven. */
  readonly sourceOf: (source: string) => OwnSource | undefined
  readonly emit: (type: string, data: Readonly<Record<string, unknown>>) => void
}

type Watched = {
  readonly source: string
  readonly request: MeasureRequest
  cancel: () => void
  nextLook: number
  failures: number
  failure: RenewalView['failure']
}

/**
 * Measures again what was measured once, as it was measured then: what is due is proven anew, and a
 * capacity that has fallen is told at once.
 *
 * 1. A source is looked at by one measurement at a time.
 * 2. What is remembered is on disk before the caller hears that it is.
 */
export class Renewals {
  readonly #parts: RenewalsParts
  readonly #watched: Map<string, Watched> = new Map()
  readonly #looking: Map<string, Promise<void>> = new Map()
  readonly #stop: AbortController = new AbortController()
  #saving: Promise<void> = Promise.resolve()
  #started = false

  constructor(parts: RenewalsParts) {
    this.#parts = parts
  }

  /** Reads what is remembered. */
  async load(): Promise<void> {
    const { path, log, emit } = this.#parts
    const { measurements, damaged } = await readRemembered(path)
    if (damaged) {
      const message = `${path} cannot be read and was moved aside; measure your sources once more`
      emit('renewals-lost', { message })
      log.error('renewals-lost', { message })
    }
    for (const remembered of measurements.slice(0, rememberedMax)) this.#watch(remembered)
  }

  /** Begins to look. */
  start(): void {
    this.#started = true
    for (const watched of this.#watched.values()) this.#schedule(watched, pauseAtStart)
  }

  /** Looks no more; resolves when no look is under way. */
  async stop(): Promise<void> {
    this.#stop.abort(new DOMException('The node stops', 'AbortError'))
    for (const { cancel } of this.#watched.values()) cancel()
    await this.settled()
    await this.#saving
  }

  /** Resolves when no look is under way. */
  async settled(): Promise<void> {
    while (this.#looking.size > 0) await Promise.all(this.#looking.values())
  }

  /**
   * Remembers how a source was measured that was just proven. Where that cannot be, an event tells;
   * the proof stands.
   */
  async remember(source: string, request: MeasureRequest): Promise<void> {
    this.#watched.get(source)?.cancel()
    this.#watched.delete(source)
    if (this.#watched.size >= rememberedMax) this.#makeRoom()
    if (this.#watched.size >= rememberedMax) {
      const message = `${rememberedMax} sources are measured again already; retire one of them`
      this.#parts.emit('renewal-failed', { source, code: 'too-large', message })
      return
    }
    const watched = this.#watch({ source, request })
    await this.#save().catch((error: unknown) => {
      const message = `it will not be measured again after a restart: ${String(error)}`
      this.#parts.emit('renewal-failed', { source, code: 'store-damaged', message })
    })
    if (this.#started) this.#schedule(watched, pauseBefore)
  }

  /** Forgets sources that are retired. */
  async forgetRetired(): Promise<void> {
    const { sourceOf } = this.#parts
    const retired = [...this.#watched.values()].filter(({ source }) => sourceOf(source)?.isRetired)
    if (retired.length === 0) return
    for (const watched of retired) this.#forget(watched)
    await this.#save()
  }

  /** When a source is measured next; null for one that is measured by hand. */
  view(source: string): RenewalView | null {
    const watched = this.#watched.get(source)
    const proven = this.#parts.sourceOf(source)
    if (watched === undefined || proven === undefined || !this.#started) return null
    const { nextLook, failures, failure, request } = watched
    const renewal = new Date(renewalAt(proven)).toISOString()
    const host = hostOf(request) ?? null
    return { nextLook: new Date(nextLook).toISOString(), renewal, failures, host, failure }
  }

  /** Renewals that are due and fail. */
  failing(): readonly { readonly source: string; readonly code: string; message: string }[] {
    return [...this.#watched.values()].flatMap(({ source, failures, failure }) =>
      failures === 0 || failure === null ? [] : [{ source, ...failure }],
    )
  }

  #watch({ source, request }: Remembered): Watched {
    const watched = { source, request, cancel: () => {}, nextLook: 0, failures: 0, failure: null }
    this.#watched.set(source, watched)
    return watched
  }

  #forget({ source, cancel }: Watched): void {
    cancel()
    this.#watched.delete(source)
  }

  /** Forgets the source that has been stale for longest, if one is. */
  #makeRoom(): void {
    const { sourceOf, clock } = this.#parts
    const staleAt = ({ source }: Watched): number => sourceOf(source)?.staleAt ?? 0
    const [oldest] = [...this.#watched.values()].sort((a, b) => staleAt(a) - staleAt(b))
    if (oldest !== undefined && staleAt(oldest) <= clock.now()) this.#forget(oldest)
  }

  #save(): Promise<void> {
    const measurements = [...this.#watched.values()].map(({ source, request }) => ({
      source,
      request,
    }))
    // One after the other, the newest last.
    const saved = this.#saving.then(() => writeRemembered(this.#parts.path, measurements))
    this.#saving = saved.catch(() => {})
    return saved
  }

  #schedule(watched: Watched, pause: typeof pauseBefore): void {
    const { clock, random, watchMs, sourceOf } = this.#parts
    const proven = sourceOf(watched.source)
    if (this.#stop.signal.aborted || proven === undefined) return
    const now = clock.now()
    const { failures } = watched
    const ms = pause({ proven, now, watchMs, failures, chance: random.next() })
    watched.nextLook = now + ms
    watched.cancel()
    if (ms > timerMsMax) {
      watched.cancel = clock.after(timerMsMax, () => this.#schedule(watched, pause))
    } else {
      watched.cancel = clock.after(ms, () => this.#lookSoon(watched))
    }
  }

  #lookSoon(watched: Watched): void {
    const { source } = watched
    if (this.#looking.has(source)) {
      // An earlier one, from before it was measured by hand, is about to end.
      watched.cancel = this.#parts.clock.after(retryMs, () => this.#lookSoon(watched))
      return
    }
    const looking = this.#look(watched).finally(() => {
      this.#looking.delete(source)
      // Forgotten or measured by hand meanwhile.
      if (this.#watched.get(source) === watched) this.#schedule(watched, pauseBefore)
    })
    this.#looking.set(source, looking)
  }

  /** Measures a source once more, and proves what it shows where that is called for. */
  async #look(watched: Watched): Promise<void> {
    const { clock, sourceOf, prove, capacityOf, emit, log } = this.#parts
    const { source } = watched
    const proven = sourceOf(source)
    if (proven === undefined || proven.isRetired) return
    try {
      const measurement = await this.#measure(watched)
      const capacity = capacityOf(measurement)
      const reason = reasonToProve(proven, capacity, clock.now())
      const isStill = this.#watched.get(source) === watched && !this.#stop.signal.aborted
      if (reason !== undefined && isStill) {
        await prove(measurement)
        emit('source-renewed', { source, capacity, reason })
        log.info('source-renewed', { source, capacity, reason })
      } else if (isStill) {
        this.#parts.seen(measurement)
      }
      watched.failures = 0
      watched.failure = null
    } catch (error) {
      this.#failed(watched, proven, error)
    }
  }

  async #measure({ source, request }: Watched): Promise<Measurement> {
    const measurement = await this.#parts.measure(request, this.#stop.signal)
    if (measurement.source === source) return measurement
    throw new Failure(
      'source-nonsense',
      `another device answers in its place: ${measurement.source}; measure both by hand`,
    )
  }

  #failed(watched: Watched, proven: Proven, error: unknown): void {
    if (this.#stop.signal.aborted) return
    const { clock, emit, log } = this.#parts
    const { source } = watched
    const message = error instanceof Error ? error.message : String(error)
    const code = error instanceof Failure ? error.code : 'source-unavailable'
    const before = watched.failure?.code
    watched.failure = { code, message }
    const isDue = clock.now() >= renewalAt(proven)
    // What does not answer before its time is asleep, as inverters are at night.
    if (!isDue && (code === 'source-unavailable' || code === before)) {
      log.debug('look-failed', { source, code, message })
      return
    }
    if (isDue) watched.failures += 1
    const { failures } = watched
    const staleAt = new Date(proven.staleAt).toISOString()
    emit('renewal-failed', { source, code, message, failures, staleAt })
    log.warn('renewal-failed', { source, code, message, failures, staleAt })
  }
}
