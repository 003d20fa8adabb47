import { getPosition } from 'suncalc'
import {
  aboveRatedMax,
  altitudeSlackDegrees,
  clearAirFactor,
  cloudEdgeFactor,
  ratedLight,
  skyLight,
} from './limits.ts'

/** A place in degrees, north and east positive. */
export type Site = { readonly latitude: number; readonly longitude: number }

/** Height of the sun above the horizon as it is seen, in degrees. */
export function sunAltitude({ latitude, longitude }: Site, at: number): number {
  return getPosition(new Date(at), latitude, longitude).altitude
}

/** Air that light passes at an altitude of the sun, in units of the way straight down. */
function airMass(altitude: number): number {
  // Kasten and Young 1989; 96.07995 degrees less the distance from the zenith.
  const sine = Math.sin((altitude * Math.PI) / 180)
  return 1 / (sine + 0.50572 * (altitude + 6.07995) ** -1.6364)
}

/** Direct light of a clear sky on what faces the sun, in W/m2, after Meinel. */
function directLight(altitude: number): number {
  return 1_353 * 0.7 ** (airMass(altitude) ** 0.678)
}

/**
 * The most that panels of a rating give at a place and time, however they are tilted, in W; 0 while
 * the sun is down. Far above what they will give: it tells the impossible from the good.
 */
export function clearSkyWatts(rated: number, site: Site, at: number): number {
  const altitude = sunAltitude(site, at) + altitudeSlackDegrees
  if (altitude <= 0) return 0
  const light = clearAirFactor * directLight(altitude) + skyLight
  return rated * Math.min(aboveRatedMax, (cloudEdgeFactor * light) / ratedLight)
}
