import type { Figures } from './trial.ts'

/**
 * Times work that is done so many times: how often a second, and how often a second of processor
 * time of this process, all its threads together, which other programs hardly disturb.
 */
export async function timed(count: number, work: () => unknown): Promise<Figures> {
  const before = process.cpuUsage()
  const startedAt = performance.now()
  await work()
  const ms = performance.now() - startedAt
  const { user, system } = process.cpuUsage(before)
  return { perSecond: (1_000 * count) / ms, perCoreSecond: (1_000_000 * count) / (user + system) }
}
