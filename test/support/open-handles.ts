import { pause } from '../contracts/network.ts'

/** How long a handle may take to close, in ms. */
const closingMsMax = 3_000

function handles(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const kind of process.getActiveResourcesInfo()) {
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  return counts
}

function moreThan(before: ReadonlyMap<string, number>): readonly string[] {
  const now = [...handles()]
  return now.filter(([kind, count]) => count > (before.get(kind) ?? 0)).map(([kind]) => kind)
}

/**
 * Does something and waits until nothing that it opened is left: sockets, pipes, children, timers.
 * Fails with the kinds of what is left.
 */
export async function leavingNothing<T>(work: () => Promise<T>): Promise<T> {
  const before = handles()
  const [outcome] = await Promise.allSettled([work()])
  const deadline = performance.now() + closingMsMax
  while (moreThan(before).length > 0) {
    if (performance.now() > deadline) {
      throw new RangeError(`left open: ${moreThan(before).join(', ')}`)
    }
    await pause(5)
  }
  if (outcome.status === 'rejected') throw outcome.reason
  return outcome.value
}
