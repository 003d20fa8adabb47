import { fault, type SourceType } from '../../protocol/index.ts'
import type { Plausibility } from '../../src/index.ts'
import { batteryCheck } from './battery.ts'
import type { Check } from './check.ts'
import { powerLimitCheck } from './compute.ts'
import { counterCheck } from './counters.ts'
import { fuseCheck } from './grid.ts'
import { solarChecks } from './solar.ts'

const checks: Readonly<Record<SourceType, readonly Check[]>> = {
  solar: [...solarChecks, counterCheck],
  compute: [powerLimitCheck, counterCheck],
  grid: [fuseCheck, counterCheck],
  // The limits of a human are those of the rule itself.
  human: [],
  battery: [batteryCheck, counterCheck],
  wind: [counterCheck],
}

/**
 * What physics allows, by place of the sun, vendors' tables and the counters of the meters. The
 * same for the prover, its partners and its witnesses: who has measured more gives more of it.
 */
export const physics: Plausibility = {
  judge(claim) {
    for (const check of checks[claim.type] ?? []) {
      const why = check(claim)
      if (why !== null) return fault('implausible-proof', `${claim.source}: ${why}`)
    }
    return null
  },
}
