import type { SocietyKey } from '../identity.ts'
import { capacitySplitting } from './capacity-splitting.ts'
import { collusion } from './collusion.ts'
import { cyclicVouching } from './cyclic-vouching.ts'
import type { Detector, Finding } from './finding.ts'
import type { History } from './history.ts'
import { identityRecycling } from './identity-recycling.ts'
import { isolatedCluster } from './isolated-cluster.ts'
import { reputationWashing } from './reputation-washing.ts'
import { unevenHonesty } from './uneven-honesty.ts'
import { washTrading } from './wash-trading.ts'

/** Every detector, in the order in which the rules list them. */
export const detectors: readonly Detector[] = [
  unevenHonesty,
  collusion,
  washTrading,
  reputationWashing,
  cyclicVouching,
  isolatedCluster,
  capacitySplitting,
  identityRecycling,
]

/** What all detectors find about a society at an instant, the worst first. */
export function findingsOf(history: History, society: SocietyKey, now: number): readonly Finding[] {
  const found = detectors.flatMap((detector) => detector(history, society, now))
  return found.sort((a, b) => b.severity - a.severity || (a.name < b.name ? -1 : 1))
}
