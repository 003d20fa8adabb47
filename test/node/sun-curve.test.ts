import { afterAll, expect, test } from 'vitest'
import { panelSiteOf, underTheSun } from '../../node/devices/sun-curve.ts'
import { meterFor } from '../../node/meters/meters.ts'
import { clearSkyWatts } from '../../node/plausibility/clear-sky.ts'
import { startDevice, stopDevices } from '../support/device-process.ts'

afterAll(stopDevices)

const hour = 3_600
const amsterdam = panelSiteOf('52.4,4.9')
const midnight = Date.UTC(2026, 5, 21)

test('panels give nothing at night, most about noon, and never what a clear sky does not', () => {
  const power = underTheSun(5_000, amsterdam, midnight)
  const day = Array.from({ length: 24 * 60 }, (_, minute) => {
    const seconds = minute * 60
    return { at: midnight + 1000 * seconds, ...power(seconds) }
  })
  expect(day[0]).toMatchObject({ watts: 0, wattHours: 12_345_678 })
  expect(day.filter(({ watts }) => watts === 0).length).toBeGreaterThan(60 * 5)
  for (const { at, watts } of day) {
    expect(watts).toBeLessThanOrEqual(clearSkyWatts(5_000, amsterdam, at))
  }
  const best = day.toSorted((a, b) => b.watts - a.watts)[0]
  expect(Math.abs((best?.at ?? 0) - midnight - 12 * 3_600_000)).toBeLessThan(3 * 3_600_000)
  expect(best?.watts).toBeGreaterThan(2_500)
  // The counter is the sum of it, and stands still where the sun is down.
  const made = (day.at(-1)?.wattHours ?? 0) - 12_345_678
  const sum = day.reduce((total, { watts }) => total + watts / 60, 0)
  expect(Math.abs(made / sum - 1)).toBeLessThan(0.001)
  expect(power(24 * hour + 600).wattHours).toBe(power(24 * hour + 601).wattHours)
})

/** A place where the sun stands as it does at noon, some hours from now. */
function siteAt(hoursOff: number): string {
  const hours = (Date.now() % 86_400_000) / 3_600_000
  const longitude = 180 - 15 * hours - 15 * hoursOff
  return `0,${(((((longitude + 180) % 360) + 360) % 360) - 180).toFixed(1)}`
}

test.each([
  ['noon', 0, 1_000, 4_000],
  ['midnight', 12, 0, 0],
])('the simulated inverter with --site gives what the sun gives there: %s', async (...row) => {
  const [, hoursOff, least, most] = row
  const site = siteAt(hoursOff)
  const { port } = await startDevice('sunspec-inverter', '--rated', '5000', '--site', site)
  const meter = meterFor({ type: 'solar', sunspec: `127.0.0.1:${port}`, site }, { now: Date.now })
  const { fields } = await meter.measure(AbortSignal.timeout(10_000))
  expect(fields['rated']).toBe(5_000)
  expect(fields['output']).toBeGreaterThanOrEqual(least)
  expect(fields['output']).toBeLessThanOrEqual(most)
})

test.each(['home', '91,0', '0,181', '1', '1,2,3', ''])('a site such as %j is refused', (text) => {
  expect(() => panelSiteOf(text)).toThrow('--site is LAT,LON')
})
