import { Failure, type Clock, type Log, type Random } from '../../src/index.ts'
import { sntpAnswerMs, sntpIntervalMs, sntpRetryMs, sntpValidMs } from './limits.ts'
import { agreedOffset, type Offset } from './marzullo.ts'
import { parseTimeServer } from './parse-time-server.ts'
import { askTimeServer } from './sntp-client.ts'

/** What a time server said last. Offsets in ms, positive where it is ahead of this machine. */
export type TimeServerView = {
  readonly server: string
  readonly offsetMs: number | null
  /** How far that may be off. */
  readonly errorMs: number | null
  /** Why it said nothing that counts. */
  readonly failure: string | null
}

/** What asking time servers needs of the node. */
export type TimeServersParts = {
  /** As the operator named them. */
  readonly servers: readonly string[]
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Told what most of them agree on, and for how long in ms that counts. */
  readonly agreed: (offsetMs: number, validMs: number) => void
  /** Longest wait for an answer, in ms; 5 s by default. */
  readonly waitMs?: number
}

/** Asks the time servers that an operator named, every 17 minutes, what time it is. */
export class TimeServers {
  readonly #parts: TimeServersParts
  #views: readonly TimeServerView[]
  #cancel: () => void = () => {}
  #stopped = false

  constructor(parts: TimeServersParts) {
    this.#parts = parts
    const nothing = { offsetMs: null, errorMs: null, failure: null }
    this.#views = parts.servers.map((server) => ({ server, ...nothing }))
  }

  /** What each of them said last. */
  view(): readonly TimeServerView[] {
    return this.#views
  }

  /** Asks at once, and again and again; nothing where none are named. */
  start(): void {
    if (this.#parts.servers.length > 0) void this.#round()
  }

  /** Asks no more. */
  stop(): void {
    this.#stopped = true
    this.#cancel()
  }

  async #round(): Promise<void> {
    const agreed = await this.ask()
    if (this.#stopped) return
    const { clock, random } = this.#parts
    const pauseMs = agreed === undefined ? sntpRetryMs : sntpIntervalMs
    // Not everybody at the same moment.
    this.#cancel = clock.after(pauseMs * (1 - random.next() / 8), () => void this.#round())
  }

  /** Asks each of them once; what most agree on, undefined where they do not. Never fails. */
  async ask(): Promise<Offset | undefined> {
    const { servers, log, agreed } = this.#parts
    this.#views = await Promise.all(servers.map((server) => this.#askOne(server)))
    const offsets = this.#views.flatMap(({ offsetMs, errorMs }) =>
      offsetMs === null || errorMs === null ? [] : [{ offsetMs, errorMs }],
    )
    const offset = agreedOffset(offsets, servers.length)
    if (offset !== undefined) agreed(offset.offsetMs, sntpValidMs)
    else log.warn('time-servers-disagree', { servers: this.#views })
    return offset
  }

  async #askOne(server: string): Promise<TimeServerView> {
    const { clock, waitMs = sntpAnswerMs } = this.#parts
    try {
      const offset = await askTimeServer(parseTimeServer(server), clock, waitMs)
      return { server, ...offset, failure: null }
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      return { server, offsetMs: null, errorMs: null, failure: error.message }
    }
  }
}
