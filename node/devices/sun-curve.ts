import { getPosition } from 'suncalc'
import { startWattHours, weatherAfter, type Power } from './power-curve.ts'

/** Where simulated panels stand, in degrees, north and east positive. */
export type PanelSite = { readonly latitude: number; readonly longitude: number }

/** Between two points of the sum that its counter is, in seconds: a quarter degree of the sun. */
const stepSeconds = 60

/** Reads `LAT,LON`. Throws `TypeError`, as flags of simulators do. */
export function panelSiteOf(text: string): PanelSite {
  const [latitude = Number.NaN, longitude = Number.NaN, ...rest] = text.split(',').map(Number)
  const isPlace = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 && rest.length === 0
  if (!isPlace) throw new TypeError('--site is LAT,LON in degrees, such as 52.4,4.9')
  return { latitude, longitude }
}

/**
 * Power of simulated panels that lie flat at a place, a time after `startMs` (since 1970): what the
 * sun sends down there, less what clouds take, and nothing while it is down. The counter goes on
 * from where it stood, and is to be asked forward in time.
 */
export function underTheSun(
  ratedWatts: number,
  { latitude, longitude }: PanelSite,
  startMs: number,
): (seconds: number) => Power {
  const wattsAt = (seconds: number): number => {
    const when = new Date(startMs + 1000 * seconds)
    const { altitude } = getPosition(when, latitude, longitude)
    const light = Math.max(0, Math.sin((altitude * Math.PI) / 180))
    return ratedWatts * light * weatherAfter(seconds)
  }
  const between = (from: number, to: number): number =>
    (((wattsAt(from) + wattsAt(to)) / 2) * (to - from)) / 3600
  let counted = { seconds: 0, wattHours: startWattHours }
  return (seconds) => {
    while (counted.seconds + stepSeconds <= seconds) {
      const next = counted.seconds + stepSeconds
      const wattHours = counted.wattHours + between(counted.seconds, next)
      counted = { seconds: next, wattHours }
    }
    const wattHours = counted.wattHours + between(counted.seconds, seconds)
    return { watts: wattsAt(seconds), wattHours }
  }
}
