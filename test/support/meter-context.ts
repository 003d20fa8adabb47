import type { MeterContext } from '../../node/meters/meter-kind.ts'
import type { SocietyKey } from '../../protocol/index.ts'

/** A node's part in measuring, of a society that nobody knows and that has worked for nobody. */
export function meterContext(given: Partial<MeterContext> = {}): MeterContext {
  return {
    now: Date.now,
    ledgers: {
      self: '7'.repeat(64) as SocietyKey,
      receipts: async () => [],
      citizens: () => new Set(),
    },
    ...given,
  }
}
