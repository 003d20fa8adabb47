import {
  fallShareMin,
  firstLookMs,
  jitterShare,
  renewAtShare,
  retryMs,
  retryMsMax,
  retryShareMax,
} from './limits.ts'

/** What the newest proof of a source says, in W and ms since 1970. */
export type Proven = {
  readonly capacity: number
  readonly measuredAt: number
  readonly staleAt: number
}

/** When a proof is due to be renewed. */
export function renewalAt({ measuredAt, staleAt }: Proven): number {
  return measuredAt + renewAtShare * (staleAt - measuredAt)
}

/** Why a measurement is to be published: `due`, or `fell`; undefined where it need not be. */
export function reasonToProve(
  proven: Proven,
  capacity: number,
  now: number,
): 'due' | 'fell' | undefined {
  if (now >= renewalAt(proven)) return 'due'
  return capacity < proven.capacity * (1 - fallShareMin) ? 'fell' : undefined
}

/** What the next look at a source depends on. `chance` is 0..1; a watch of 0 ms is none. */
export type Outlook = {
  readonly proven: Proven
  readonly now: number
  readonly watchMs: number
  /** Failures in a row since the renewal was due. */
  readonly failures: number
  readonly chance: number
}

/** How long to wait for the next look at a source, in ms. */
export function pauseBefore({ proven, now, watchMs, failures, chance }: Outlook): number {
  const jitter = 1 - jitterShare * chance
  if (failures > 0) {
    const life = proven.staleAt - proven.measuredAt
    const most = Math.min(retryMsMax, retryShareMax * life)
    return jitter * Math.min(most, retryMs * 2 ** (failures - 1))
  }
  const untilDue = Math.max(retryMs, renewalAt(proven) - now)
  return watchMs === 0 ? untilDue : Math.min(untilDue, jitter * watchMs)
}

/**
 * The same for the first look after a start, which comes soon, whatever is due: ways to answer the
 * witnesses of a proof, such as a token of a server, come of a measurement and are kept nowhere.
 */
export function pauseAtStart({ chance }: Outlook): number {
  return Math.max(retryMs, chance * firstLookMs)
}
