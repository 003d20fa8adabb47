import { afterEach, describe, expect, test } from 'vitest'
import { effectiveCapacity } from '../../node/api/effective-capacity.ts'
import {
  factorNames,
  nameLengthMax,
  parseSourceId,
  valueBytesMax,
  type Code,
  type SourceType,
} from '../../protocol/index.ts'
import { Failure } from '../../src/failure.ts'
import type { Measurement, Meter } from '../../src/ports.ts'
import { leavingNothing } from '../support/open-handles.ts'

/** How a meter is made: its clock, the site it is given, and its longest wait for the device. */
export type MeterSettings = {
  readonly now: () => number
  /** `LAT,LON`. */
  readonly site?: string
  readonly patienceMs: number
}

/** A device that was started, or a place where there is none. */
export type DeviceUnderTest = {
  readonly meter: (settings: MeterSettings) => Meter
  /** Requests that the device was sent so far, where that can be told without the meter. */
  readonly asked?: () => number
}

/** A way in which a device fails, and words of the message that it leads to. */
export type Refused = readonly [behaviour: string, words: string]

/** A kind of device and the ways in which it can behave. */
export type MeterFixture = {
  readonly type: SourceType
  readonly scheme: string
  /** What is measured of a sound device besides its site; matchers of vitest are taken. */
  readonly fields: Readonly<Record<string, unknown>>
  /**
   * Starts a device. `sound` is one without fault that says that it is a simulator, `unmarked` one
   * that does not say so, `absent` none at all, `silent` one that takes requests and never answers;
   * the others are named below.
   */
  readonly start: (behaviour: string) => Promise<DeviceUnderTest>
  /** Ends every device that was started. */
  readonly dispose: () => Promise<void>
  /** Refused with `source-unavailable` by what they do; `absent` is tried in any case. */
  readonly unavailable: readonly Refused[]
  /** Refused with `source-unavailable` when patience is over; `silent` is tried in any case. */
  readonly tooSlow?: readonly Refused[]
  /** Refused with `source-nonsense`. */
  readonly nonsense: readonly [Refused, ...Refused[]]
  /** Refused with `invalid-source`: devices without a serial number of their own. */
  readonly nameless: readonly [Refused, ...Refused[]]
}

const site = '52.4,4.9'
/** Longer than any test waits. */
const patient = 30_000
/** Short, so that a device that never answers is found out soon. */
const impatient = 900
/** How late a timer may be on a busy machine, in ms. */
const slackMs = 1_500

const measured = ({ meter }: DeviceUnderTest, settings: Partial<MeterSettings> = {}) =>
  leavingNothing(() =>
    meter({ now: Date.now, patienceMs: patient, ...settings }).measure(
      new AbortController().signal,
    ),
  )

/** What a measurement fails with, and after how many milliseconds. */
async function failureOf(measuring: Promise<unknown>) {
  const begun = performance.now()
  const error: unknown = await measuring.then(
    () => 'it was measured',
    (caught: unknown) => caught,
  )
  return { error, elapsedMs: performance.now() - begun }
}

/** Fails unless an error has a code and says in a sentence of its own what is wrong. */
function expectRefusal(error: unknown, code: Code, words = ''): void {
  expect(error).toBeInstanceOf(Failure)
  const { message } = error as Failure
  expect({ code: (error as Failure).code, message }).toMatchObject({
    code,
    message: expect.stringContaining(words),
  })
  expect(message).toMatch(/^[^]{20,1000}\.$/)
  expect(message).not.toMatch(/undefined|\[object|NaN/)
}

function transcriptOf({ transcript }: Measurement): Readonly<Record<string, unknown>> {
  expect(transcript.length).toBeLessThanOrEqual(valueBytesMax)
  const text = new TextDecoder('utf-8', { fatal: true }).decode(transcript)
  return JSON.parse(text) as Readonly<Record<string, unknown>>
}

/** What every way to measure must do; `fixture` starts its devices. */
export function meterContract(name: string, fixture: MeterFixture): void {
  afterEach(() => fixture.dispose())

  describe(`meter contract: ${name}`, { timeout: 20_000 }, () => {
    soundDevices(fixture)
    evidence(fixture)
    refusing(fixture)
    callingOff(fixture)
  })
}

function soundDevices(fixture: MeterFixture): void {
  const { type, scheme, fields, start } = fixture

  test('a sound device is measured, and again as the same source', async () => {
    const device = await start('sound')
    const begun = Date.now()
    const one = await measured(device, { site })
    const ended = Date.now()
    expect(parseSourceId(one.source)).toMatchObject({ type, scheme })
    expect(one).toMatchObject({ fields: { ...fields, site }, simulated: true })
    expect(one.measuredAt).toBeGreaterThanOrEqual(begun)
    expect(one.measuredAt).toBeLessThanOrEqual(ended)
    expect(Number.isSafeInteger(one.measuredAt)).toBe(true)
    expect(one.method.length).toBeGreaterThan(0)
    expect(one.method.length).toBeLessThanOrEqual(nameLengthMax)
    const again = await measured(device)
    expect(again).toMatchObject({ source: one.source, method: one.method, fields })
    expect(again.fields).not.toHaveProperty('site')
  })

  test('what is measured is what its proof will have', async () => {
    const measurement = await measured(await start('sound'), { site })
    const known = [...factorNames[type], 'site', 'poweredBy']
    const unknown = Object.keys(measurement.fields).filter((field) => !known.includes(field))
    expect(unknown).toEqual([])
    expect(effectiveCapacity(measurement)).toBeGreaterThan(0)
  })

  test('a device without a mark is no simulator', async () => {
    const { source, simulated } = await measured(await start('unmarked'))
    expect(simulated).toBe(false)
    expect(parseSourceId(source)).toMatchObject({ type, scheme })
  })
}

function evidence({ start }: MeterFixture): void {
  test('the transcript shows every request and answer', async () => {
    const device = await start('sound')
    const begun = Date.now()
    const measurement = await measured(device)
    const { startedAt, finishedAt, exchanges, reading, ...rest } = transcriptOf(measurement)
    const { method, measuredAt } = measurement
    expect(rest).toEqual({ version: 1, method, endpoint: expect.any(Object) })
    expect(startedAt).toBeGreaterThanOrEqual(begun)
    expect(finishedAt).toBeGreaterThanOrEqual(startedAt as number)
    expect(finishedAt).toBe(measuredAt)
    expect(reading).toBeTypeOf('object')
    expect(exchanges).toEqual(expect.arrayContaining([expect.any(Object)]))
    if (device.asked !== undefined) expect(exchanges).toHaveLength(device.asked())
  })
}

function refusing(fixture: MeterFixture): void {
  const { start, unavailable, tooSlow = [], nonsense, nameless } = fixture

  test('a device that is not there is unavailable at once', async () => {
    const device = await start('absent')
    const { error, elapsedMs } = await failureOf(measured(device))
    expectRefusal(error, 'source-unavailable')
    expect(elapsedMs).toBeLessThan(slackMs)
  })

  const impatiently = [['silent', ''] as const, ...tooSlow]
  test.each(impatiently)('a device that is %s is given up: %s', async (behaviour, words) => {
    const device = await start(behaviour)
    const { error, elapsedMs } = await failureOf(measured(device, { patienceMs: impatient }))
    expectRefusal(error, 'source-unavailable', words)
    expect(elapsedMs).toBeLessThan(impatient + slackMs)
  })

  const refusals = [
    ...unavailable.map(([behaviour, words]) => [behaviour, words, 'source-unavailable'] as const),
    ...nonsense.map(([behaviour, words]) => [behaviour, words, 'source-nonsense'] as const),
    ...nameless.map(([behaviour, words]) => [behaviour, words, 'invalid-source'] as const),
  ]
  test.each(refusals)('a device that is %s is refused (%s): %s', async (behaviour, words, code) => {
    const { error } = await failureOf(measured(await start(behaviour)))
    expectRefusal(error, code, words)
  })
}

function callingOff({ start }: MeterFixture): void {
  test('a measurement that is called off ends at once', async () => {
    const { meter } = await start('silent')
    const { error, elapsedMs } = await failureOf(
      leavingNothing(() =>
        meter({ now: Date.now, patienceMs: patient }).measure(AbortSignal.timeout(200)),
      ),
    )
    expectRefusal(error, 'source-unavailable')
    expect(elapsedMs).toBeLessThan(200 + slackMs)
  })

  test('a measurement that was called off before it began asks nothing', async () => {
    const { meter, asked } = await start('sound')
    const before = asked?.()
    const { error } = await failureOf(
      leavingNothing(() =>
        meter({ now: Date.now, patienceMs: patient }).measure(AbortSignal.abort()),
      ),
    )
    expectRefusal(error, 'source-unavailable', 'called off')
    expect(asked?.()).toBe(before)
  })
}
