import { assuranceFaults } from './assurance-faults.ts'
import type { PlantedFault } from './planted-fault.ts'
import { checkpointFaults } from './checkpoint-faults.ts'
import { programFaults } from './program-faults.ts'
import { replicaFaults } from './replica-faults.ts'
import { protocolFaults, ruleFaults } from './rule-faults.ts'

/** All faults that are planted, in the order of the rings. */
export const plantedFaults: readonly PlantedFault[] = [
  ...ruleFaults,
  ...protocolFaults,
  ...replicaFaults,
  ...assuranceFaults,
  ...checkpointFaults,
  ...programFaults,
]

const shortLength = 12

/** A dozen of some faults, from all over the list. */
export function dozenOf(faults: readonly PlantedFault[]): readonly PlantedFault[] {
  const step = Math.max(1, faults.length / shortLength)
  return faults.filter((_, i) => Math.floor(i / step) !== Math.floor((i - 1) / step))
}

/** Test files that are run where those of a fault have not seen it. */
export const allTests: readonly string[] = [
  'test/protocol',
  'test/src',
  'test/replica',
  'test/scenarios-own.test.ts',
  'test/verdicts-read-no-view.test.ts',
  'test/sim',
]
