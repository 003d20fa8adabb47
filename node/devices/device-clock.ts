/** The clock of a simulated device, which goes on evenly however the machine's is set. */
export type DeviceClock = {
  /** Milliseconds since 1970. */
  now(): number
  /** Seconds for which the device has been in service: what it gives and counts hangs on them. */
  seconds(): number
}

/**
 * The machine's clock, set `aheadSeconds` ahead. A device is in service since its process began, or
 * since `sinceMs` (since 1970) where that is a restart: its counters then go on where they stood.
 */
export function deviceClock(aheadSeconds: number, sinceMs: number | undefined): DeviceClock {
  const startMs = performance.timeOrigin + aheadSeconds * 1000
  const now = (): number => startMs + performance.now()
  const since = sinceMs ?? startMs
  return { now, seconds: () => Math.max(0, now() - since) / 1000 }
}
