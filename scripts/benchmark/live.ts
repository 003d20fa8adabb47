import { Fleet } from './fleet.ts'
import { serveRounds } from './rounds.ts'

/** Records a second of an idle federation: a few people at work. */
const idlePerSecond = 20
/** Records of an idle round: enough for a 99th part. */
const idleCount = 100

/** From the answer to the author's caller to the state of every other node, idle and loaded. */
serveRounds(async ({ program, size, burst = 400, history = 0 }) => {
  const fleet = await Fleet.start(new URL(String(program)), Number(size), Number(history))
  const { perSecond: fastest = 0 } = await fleet.write(Number(burst), 0)
  return {
    async round() {
      const idle = await fleet.write(idleCount, idlePerSecond)
      // Two seconds at half of what it can do.
      const half = Math.max(1, Math.floor(fastest / 2))
      const busy = await fleet.write(half * 2, half)
      return {
        idleP50Ms: idle['p50Ms'] ?? Number.NaN,
        idleP99Ms: idle['p99Ms'] ?? Number.NaN,
        busyP50Ms: busy['p50Ms'] ?? Number.NaN,
        busyP99Ms: busy['p99Ms'] ?? Number.NaN,
        burstPerSecond: fastest,
      }
    },
    close: () => fleet.end(),
  }
})
