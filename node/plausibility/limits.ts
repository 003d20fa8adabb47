/** What no source goes beyond, with unit and reason: loose, to refuse the impossible alone. */

/** Output above the rating that inverters reach for a while, as a factor. */
export const aboveRatedMax = 1.05
/** Light beyond a clear sky's, as edges of clouds reflect it on panels, as a factor. */
export const cloudEdgeFactor = 1.25
/** Direct light beyond the model's in very clear and high places, as a factor. */
export const clearAirFactor = 1.1
/** Light from the sky around the sun that falls on a tilted panel, in W/m2. */
export const skyLight = 40
/** Light at which panels are rated, in W/m2. */
export const ratedLight = 1_000
/** How much higher the sun may stand, in degrees: the site is rounded, clocks are off. */
export const altitudeSlackDegrees = 1

/** What a source counts beyond its rating over a time, as a factor. */
export const countedMax = 1.05
/** Time between a reading of the counter and the time of its measurement, in ms. */
export const countingSlackMs = 60_000
/** Span from which on nights and weather must show in a solar counter, in ms (7 days). */
export const solarSpanMs: number = 7 * 86_400_000
/** Share of its rating that a panel gives over such a span at most: a bright northern summer. */
export const solarShareMax = 0.35
/** Where a counter begins anew unless its meter tells, in Wh: 32 bits. */
export const counterWrapDefault: number = 2 ** 32
/** Within this share of its end before, and of its beginning after, a counter may have wrapped. */
export const wrapShare = 0.1

/** Power limit of a card above its vendor's default that factory settings reach, as a factor. */
export const aboveDefaultLimitMax = 1.1
/** What a card can draw: 75 W from its slot and 600 W from a 12V-2x6 connector. */
export const cardWattsMax = 675

/** Voltage of a phase, in V. */
export const phaseVolts = 230

/** Discharge of a battery in an hour, as a multiple of what it is built to hold. */
export const dischargePerHourMax = 20
/** What a battery holds above what it is built for, new and warm, as a factor. */
export const aboveRatedEnergyMax = 1.05
/** More than the largest battery anywhere holds, in Wh (100 GWh). */
export const storedWattHoursMax = 1e11
