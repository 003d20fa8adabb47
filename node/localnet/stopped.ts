import type { Processes } from './processes.ts'

/** Runs something until it ends or the process is told to stop, and then ends all it started. */
export async function untilStopped<T>(
  processes: Processes,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = new AbortController()
  const onSignal = (): void => stop.abort()
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal)
  process.once('exit', () => processes.killAll())
  try {
    return await run(stop.signal)
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
    await processes.endAll()
  }
}
