import { browser } from './browser.ts'
import { disk } from './disk.ts'
import { flood } from './flood.ts'
import { fuzz } from './fuzz.ts'
import { kill } from './kill.ts'
import { months } from './months.ts'
import { network } from './network.ts'
import { planted } from './planted.ts'
import { powerCut } from './power-cut.ts'
import { properties } from './properties.ts'
import type { Row } from './row.ts'
import { simulation } from './simulation.ts'

/** Every proof that has a command, in the order in which they are told. */
export const rows: readonly Row[] = [
  properties,
  simulation,
  planted,
  powerCut,
  kill,
  disk,
  fuzz,
  network,
  flood,
  months,
  browser,
]
