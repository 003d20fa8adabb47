import type { ProofClaim } from '../../src/index.ts'
import { minute, watts, type Check } from './check.ts'
import { clearSkyWatts, sunAltitude } from './clear-sky.ts'
import { aboveRatedMax, altitudeSlackDegrees } from './limits.ts'

const placed = ({ site }: ProofClaim): string =>
  site === null ? '' : `at ${site.latitude},${site.longitude}`

function outputAboveRating({ rated, output }: ProofClaim): string | null {
  if (rated === null || output === null || output <= aboveRatedMax * rated) return null
  return `it gives ${watts(output)} and is rated for ${watts(rated)}; check the rating`
}

function outputAboveSky(claim: ProofClaim): string | null {
  const { rated, output, site, measuredAt } = claim
  if (rated === null || output === null || site === null) return null
  const most = clearSkyWatts(rated, site, measuredAt)
  if (output <= most) return null
  const place = `${placed(claim)} on ${minute(measuredAt)}`
  return most === 0
    ? `it gives ${watts(output)} ${place}, when the sun is down; check site and clock`
    : `it gives ${watts(output)} ${place}, where a clear sky allows ${watts(most)}; check both`
}

/** The hours at which it gave something before, with whatever site: the sun was up then. */
function hoursElsewhere(claim: ProofClaim): string | null {
  const { site, history } = claim
  if (site === null) return null
  const dark = history.find(
    (sample) => (sample.watts ?? 0) > 0 && sunAltitude(site, sample.at) + altitudeSlackDegrees <= 0,
  )
  if (dark === undefined) return null
  const before = `it gave ${watts(dark.watts ?? 0)} on ${minute(dark.at)}`
  return `${before}, when the sun was down ${placed(claim)}; check the site`
}

/** What panels cannot do. */
export const solarChecks: readonly Check[] = [outputAboveRating, outputAboveSky, hoursElsewhere]
