/** Power and energy of a simulated inverter at one moment. */
export type Power = {
  readonly watts: number
  /** Since it was made. */
  readonly wattHours: number
}

/** What the counter of a simulated inverter shows when it starts, in Wh: some years of service. */
export const startWattHours = 12_345_678
/** One swing of the curve, in seconds: slow beside a measurement, quick beside a day. */
const periodSeconds = 600
const meanShare = 0.55
const swingShare = 0.25

const turn = (2 * Math.PI) / periodSeconds

/** Share of what could be that clouds leave, a time after the start: from 0.3 to 0.8. */
export function weatherAfter(seconds: number): number {
  return meanShare + swingShare * Math.sin(turn * seconds)
}

/**
 * Power of a simulated inverter a time after its start: between 30 and 80 per cent of its rating,
 * up and down as clouds pass, the same in every run; or `fixedWatts` throughout. The counter is the
 * integral of it, to the last digit, from `counterStart` Wh on.
 */
export function powerAfter(
  seconds: number,
  ratedWatts: number,
  fixedWatts?: number,
  counterStart: number = startWattHours,
): Power {
  if (fixedWatts !== undefined) {
    const given = (Math.max(0, fixedWatts) * seconds) / 3600
    return { watts: fixedWatts, wattHours: counterStart + given }
  }
  const shareSeconds = meanShare * seconds + (swingShare / turn) * (1 - Math.cos(turn * seconds))
  const wattHours = counterStart + (ratedWatts * shareSeconds) / 3600
  return { watts: ratedWatts * weatherAfter(seconds), wattHours }
}
