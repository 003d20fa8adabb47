import { watts, type Check } from './check.ts'
import { aboveDefaultLimitMax, cardWattsMax } from './limits.ts'
import { powerLimitOf } from './power-limits.ts'

/** Schemes whose sources are cards, whatever their model is. */
const cardSchemes: ReadonlySet<string> = new Set(['nvml', 'dcgm', 'rocm', 'amdgpu'])
/** Schemes whose sources are no cards: what they call a model is a processor or a board. */
const boardSchemes: ReadonlySet<string> = new Set(['rapl', 'jetson', 'hwmon', 'ina3221'])

/** What a card is built to draw: by its vendor's table, or by its slot and connectors. */
export const powerLimitCheck: Check = ({ source, tdp, model, readings }) => {
  if (tdp === null) return null
  const { cards = 1 } = readings
  const limit = model === null ? undefined : powerLimitOf(model)
  if (limit !== undefined) {
    const most = aboveDefaultLimitMax * limit.watts * cards
    const vendor = `its vendor's limit of ${watts(limit.watts * cards)} (${limit.source})`
    return tdp <= most ? null : `${watts(tdp)} for ${model} is beyond ${vendor}`
  }
  const scheme = source.split(':')[1] ?? ''
  const isCard = cardSchemes.has(scheme) || (model !== null && !boardSchemes.has(scheme))
  if (!isCard || tdp <= cardWattsMax * cards) return null
  return `${watts(tdp)} is more than slot and connector of a card carry, ${watts(cardWattsMax)}`
}
