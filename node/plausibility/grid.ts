import { watts, type Check } from './check.ts'
import { phaseVolts } from './limits.ts'

/** What passes a connection's fuse. */
export const fuseCheck: Check = ({ allocated, readings }) => {
  const { fuseAmperes, phases = 1 } = readings
  if (allocated === null || fuseAmperes === undefined) return null
  const most = fuseAmperes * phaseVolts * phases
  if (allocated <= most) return null
  const fuse = `${phases} x ${fuseAmperes} A at ${phaseVolts} V`
  return `${watts(allocated)} are allocated, and its fuse of ${fuse} passes ${watts(most)}`
}
