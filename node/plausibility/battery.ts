import { watts, wattHours, type Check } from './check.ts'
import { aboveRatedEnergyMax, dischargePerHourMax, storedWattHoursMax } from './limits.ts'

/** What a battery can hold and give. */
export const batteryCheck: Check = ({ dischargeRate, stored, readings }) => {
  const { ratedWattHours } = readings
  if (stored !== null && stored > storedWattHoursMax) {
    return `it holds ${wattHours(stored)}, more than any battery; check the unit`
  }
  if (ratedWattHours === undefined) return null
  if (stored !== null && stored > aboveRatedEnergyMax * ratedWattHours) {
    return `it holds ${wattHours(stored)} and is built for ${wattHours(ratedWattHours)}`
  }
  if (dischargeRate !== null && dischargeRate > dischargePerHourMax * ratedWattHours) {
    const energy = `is built for ${wattHours(ratedWattHours)}`
    return `it gives ${watts(dischargeRate)} and ${energy}: empty in less than three minutes`
  }
  return null
}
