import type { Clock, Log, Measurement, Replica } from '../src/index.ts'
import type { ApiOptions } from './api/context.ts'
import { TimeServers } from './clock/time-servers.ts'
import type { Config } from './config/config.ts'
import { nodeFiles } from './config/directory.ts'
import type { MeasureRequest } from './meters/meters.ts'
import { forgetRetired, renewalsOf } from './renewal/of-replica.ts'
import { Renewals } from './renewal/renewals.ts'
import type { LevelStore } from './store/level-store.ts'
import { Scrubbing } from './store/scrubbing.ts'
import { systemRandom } from './system-clock.ts'

/** What the duties of a node are about. */
export type DutiesParts = {
  readonly replica: Replica
  readonly clock: Clock
  readonly config: Config
  readonly directory: string
  readonly log: Log
  readonly store: Pick<LevelStore, 'scrub' | 'bytesOnDisk'>
  /** Measures at the device. */
  readonly measure: (request: MeasureRequest, stop?: AbortSignal) => Promise<Measurement>
}

/** What a program does about devices and clocks by itself. */
export type Duties = {
  /** What its API is told of it. */
  readonly api: Pick<ApiOptions, 'measure' | 'renewals' | 'timeServers' | 'scrubbed' | 'storeBytes'>
  /** Stops it all; resolves when no device is asked any more. */
  close(): Promise<void>
}

/**
 * Begins what a node does by itself besides its replica: measures again what was measured once,
 * unless its operator does all by hand, asks time servers, and looks through its store.
 */
export async function beginDuties(parts: DutiesParts): Promise<Duties> {
  const { replica, clock, config, directory, log, store, measure } = parts
  const world = { clock, random: systemRandom, log }
  const renewals = new Renewals({
    ...world,
    path: nodeFiles(directory).renewals,
    watchMs: config.renewal.watchMinutes * 60_000,
    measure,
    ...renewalsOf(replica, clock),
  })
  await renewals.load()
  if (!config.automation.manual) renewals.start()
  const followNoMore = forgetRetired(renewals, replica, log)
  const timeServers = new TimeServers({
    ...world,
    servers: config.clock.sntp,
    agreed: (offsetMs, validMs) => replica.clockGuard.asked(offsetMs, validMs),
  })
  timeServers.start()
  const emit = (type: string, data: Readonly<Record<string, unknown>>): void =>
    replica.events.emit(type, clock.now(), data)
  const scrubbing = new Scrubbing({ store, clock, log, emit })
  scrubbing.start()
  return {
    api: {
      measure: (request) => measure(request),
      renewals,
      timeServers: () => timeServers.view(),
      scrubbed: () => scrubbing.view(),
      storeBytes: () => store.bytesOnDisk(),
    },
    async close() {
      await scrubbing.stop()
      timeServers.stop()
      followNoMore()
      await renewals.stop()
    },
  }
}
