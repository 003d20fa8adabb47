import { Failure } from '../../src/index.ts'

/**
 * Runs a measurement under a time limit of its own besides the caller's signal; the signal it is
 * given aborts with either. Throws `source-unavailable` at once if the caller's has aborted.
 */
export async function withinTime<T>(
  signal: AbortSignal,
  limitMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (signal.aborted) throw calledOff(signal, 'The caller')
  const deadline = new AbortController()
  const timer = setTimeout(() => {
    deadline.abort(new DOMException('The time limit of the measurement is over', 'TimeoutError'))
  }, limitMs)
  try {
    return await work(AbortSignal.any([signal, deadline.signal]))
  } finally {
    clearTimeout(timer)
  }
}

/** What a measurement fails with whose signal has aborted: `source-unavailable` and the reason. */
export function calledOff(signal: AbortSignal, device: string, cause?: unknown): Failure {
  const reason: unknown = signal.reason
  const isLate = reason instanceof DOMException && reason.name === 'TimeoutError'
  const message = isLate
    ? `${device} took too long over all; check the network and what else talks to it.`
    : 'The measurement was called off.'
  return new Failure('source-unavailable', message, { cause })
}
