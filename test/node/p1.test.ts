import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { meterTime, p1Telegram, type MeterState } from '../../node/devices/p1-telegram.ts'
import { connectionLimit } from '../../node/meters/p1/connection-limit.ts'
import { crc16Arc } from '../../node/meters/p1/crc16-arc.ts'
import { Framer } from '../../node/meters/p1/framer.ts'
import { p1Grid } from '../../node/meters/p1/grid.ts'
import { readMeter, timeOf } from '../../node/meters/p1/reading.ts'
import { parseTelegram, quantityOf } from '../../node/meters/p1/telegram.ts'
import { telegramTime } from '../../node/meters/p1/telegram-time.ts'
import type { Measurement } from '../../src/ports.ts'
import { startDevice, stopDevices } from '../support/device-process.ts'

afterEach(stopDevices)

type Published = { readonly meter: string; readonly source: string; readonly telegram: string }
const vectors = new URL('../vectors/p1-telegrams.json', import.meta.url)
const published = JSON.parse(readFileSync(vectors, 'utf8')) as readonly Published[]

const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1')
const framed = (text: string) => new Framer().push(bytesOf(text))

const state: MeterState = {
  identification: 'ISK5\\2M550T-1012',
  equipment: 'E0044007382246019',
  time: Date.UTC(2026, 10, 22, 20),
  phases: 3,
  watts: 1_500,
  wattHours: 4_321_000,
  breaker: 1,
}
const telegramOf = (changes: Partial<MeterState>) =>
  parseTelegram(p1Telegram({ ...state, ...changes }))

describe('a telegram that a real meter sent', () => {
  const told = [
    ['Kaifa, DSMR 4.2', '3960221976967177082151037881335713', '2016-11-13T19:57:57Z', 3],
    ['Iskraemeco AM550, DSMR 5.0', 'E0044007382246019', '2020-04-26T20:33:25Z', 3],
    ['Sagemcom of Fluvius, eMUCS 1.7.1', '1SAG3101021605', '2020-05-12T11:54:09Z', 3],
    ['Sagemcom of E.ON Hungary', '890082200002160', '2023-07-24T13:07:30Z', 3],
  ] as const

  test.each(published)('$meter, has the checksum that it carries ($source)', ({ telegram }) => {
    expect(framed(telegram)).toEqual([{ kind: 'telegram', text: telegram.trimEnd() }])
    const flipped = telegram.replace('1-0:1.8.1(0', '1-0:1.8.1(1')
    expect(framed(flipped)).toEqual([{ kind: 'broken', why: 'checksum' }])
  })

  test.each(told)('%s, is read for what it is', (meter, equipment, time, phases) => {
    const telegram = parseTelegram(published.find((each) => each.meter === meter)?.telegram ?? '')
    expect(new Date(timeOf(telegram)).toISOString().replace('.000', '')).toBe(time)
    if (meter.includes('Hungary')) {
      // Its limiter lets 90 kW pass, of the 138 kW that its fuses of 200 A would.
      const reading = readMeter(telegram, telegram, timeOf(telegram))
      expect(reading).toMatchObject({ equipment, phases, allocatedWatts: 90_000, skewMs: 0 })
      expect(reading).toMatchObject({ fuseWatts: 138_000, drawnWatts: 0 })
    } else {
      // None tells a limit: the Belgian one says 999.9 kW and 999 A.
      expect(() => connectionLimit(telegram)).toThrow('tells no limit')
    }
  })
})

describe('telegrams in a stream', () => {
  const one = p1Telegram(state)
  const two = p1Telegram({ ...state, watts: 2_000 })

  test('are found wherever the bytes are cut', () => {
    const stream = bytesOf(`${one.slice(100)}${one}${two}${one.slice(0, 90)}`)
    for (const size of [1, 7, 64, 700, 10_000]) {
      const framer = new Framer()
      const found = []
      for (let at = 0; at < stream.length; at += size) {
        found.push(...framer.push(stream.subarray(at, at + size)))
      }
      expect(found).toEqual([
        { kind: 'telegram', text: one.trimEnd() },
        { kind: 'telegram', text: two.trimEnd() },
      ])
      expect(framer.within).toBe(true)
    }
  })

  test('that are cut by the next are broken, and the next is whole', () => {
    expect(framed(`${one.slice(0, 300)}\r\n${two}`)).toEqual([
      { kind: 'broken', why: 'cut' },
      { kind: 'telegram', text: two.trimEnd() },
    ])
  })

  test.each([
    ['without a checksum', one.replace(/![0-9A-F]{4}/, '!'), 'no-checksum'],
    ['with letters for one', one.replace(/![0-9A-F]{4}/, '!WXYZ'), 'checksum'],
    ['without an end', `/${'x'.repeat(5_000)}`, 'cut'],
  ])('%s are broken', (_name, text, why) => {
    expect(framed(text)).toContainEqual({ kind: 'broken', why })
  })

  test('may leave out the zeros before a checksum', () => {
    let text = one
    for (let watts = 0; !/!0/.test(text); watts++) text = p1Telegram({ ...state, watts })
    expect(framed(text.replace(/!0+/, '!'))).toEqual([
      { kind: 'telegram', text: text.trimEnd().replace(/!0+/, '!') },
    ])
  })

  test('that hold what no telegram does are broken though the checksum fits', () => {
    const body = bytesOf('/ABC5x\r\n\r\n0-0:96.13.0(\x1b[2J)\r\n!')
    const checksum = crc16Arc(body).toString(16).padStart(4, '0')
    const bytes = Buffer.concat([body, bytesOf(`${checksum}\r\n`)])
    expect(new Framer().push(bytes)).toEqual([{ kind: 'broken', why: 'characters' }])
  })
})

describe('a CRC-16/ARC', () => {
  // Check value of the catalogue of parametrised CRC algorithms.
  test('of 123456789 is BB3D', () => expect(crc16Arc(bytesOf('123456789'))).toBe(0xbb3d))
})

describe('a quantity', () => {
  const of = (text: string) =>
    quantityOf(parseTelegram(`/x\r\n\r\n1-0:1.7.0(${text})`), '1-0:1.7.0')
  test.each([
    ['016.1*kW', 16_100_000n, 'kW', false],
    ['00.001*kW', 1_000n, 'kW', false],
    ['4.35*kW', 4_350_000n, 'kW', false],
    ['000.27*A', 270_000n, 'A', false],
    ['999.99*A', 999_990_000n, 'A', true],
    ['99.999*kW', 99_999_000n, 'kW', true],
    ['0999.00*kW', 999_000_000n, 'kW', true],
    ['90.000*kW', 90_000_000n, 'kW', false],
    ['099*A', 99_000_000n, 'A', false],
    ['9.99*kW', 9_990_000n, 'kW', false],
  ])('%s is exactly %d millionths', (text, micro, unit, isUnlimited) => {
    expect(of(text)).toEqual({ micro, unit, isUnlimited })
  })
  test.each(['many*kW', '1e3*kW', '-01.0*kW', '01,5*kW', '1.0'])('%s is none', (text) => {
    expect(() => of(text)).toThrow('which is no quantity')
  })
})

describe('the time of a telegram', () => {
  test.each([
    ['161113205757W', '2016-11-13T19:57:57.000Z'],
    ['200426223325S', '2020-04-26T20:33:25.000Z'],
    ['251026023000S', '2025-10-26T00:30:00.000Z'],
    ['251026023000W', '2025-10-26T01:30:00.000Z'],
  ])('%s is %s', (text, time) => {
    expect(new Date(telegramTime(text) ?? 0).toISOString()).toBe(time)
    expect(meterTime(Date.parse(time))).toBe(text)
  })
  test.each(['632525252525W', '250631000000S', '161113205757', '161113205757X', ''])(
    '%j is none',
    (text) => expect(telegramTime(text)).toBeUndefined(),
  )
})

describe('what a connection may draw', () => {
  test.each([
    [{ limiter: '016.1*kW' }, 16_100],
    [{ fuse: '040*A' }, 27_600],
    [{ fuse: '040*A', phases: 1 as const }, 9_200],
    [{ fuse: '025*A', limiter: '010.0*kW' }, 10_000],
    [{ fuse: '025*A', limiter: '017.25*kW' }, 17_250],
    [{ fuse: '025*A', limiter: '999.9*kW' }, 17_250],
    [{ fuse: '999*A', limiter: '016*A' }, 11_040],
    [{ fuse: '000*A', limiter: '002.3*kW' }, 2_300],
  ])('by %o is %d W', (changes, watts) => {
    expect(Number(connectionLimit(telegramOf(changes)).allocated)).toBe(watts * 1000)
  })

  test.each([
    [{}, 'source-nonsense', 'tells no limit'],
    [{ limiter: '99.999*kW', fuse: '999.99*A' }, 'source-nonsense', 'tells no limit'],
    [{ fuse: '040*kg' }, 'source-nonsense', 'and not in kW or A'],
    [{ fuse: '040*A', breaker: 0 as const }, 'source-unavailable', 'switched its connection off'],
    [{ fuse: '025*A', limiter: '017.251*kW' }, 'implausible-proof', 'its fuse on 3 phase(s)'],
  ])('by %o is %s', (changes, code, words) => {
    const failing = () => connectionLimit(telegramOf(changes))
    expect(failing).toThrow(expect.objectContaining({ code }))
    expect(failing).toThrow(words)
  })

  test('does not count a phase that is dead', () => {
    const text = p1Telegram({ ...state, fuse: '040*A' })
    const dead = text.replace(/(1-0:[57]2\.7\.0\()230\.0/g, '$1000.0')
    expect(Number(connectionLimit(parseTelegram(dead)).allocated)).toBe(9_200_000)
  })
})

describe('two telegrams', () => {
  const at = (seconds: number, changes: Partial<MeterState> = {}) =>
    telegramOf({ fuse: '040*A', ...changes, time: state.time + seconds * 1000 })

  test.each([
    [at(0), at(1, { equipment: 'E0044007382246020' }), 1, 'of different meters'],
    [at(0), at(1, { wattHours: 4_320_000 }), 1, 'went down between two telegrams'],
    [at(0), at(1), 122, 'is -121 s from'],
    [at(0), at(1), -120, 'is 121 s from'],
  ])('%# that do not belong together or to now are nonsense', (first, second, now, words) => {
    expect(() => readMeter(first, second, state.time + now * 1000)).toThrow(words)
  })

  test.each([121, -119])('may be two minutes off, here received after %i s', (seconds) => {
    const reading = readMeter(at(0), at(1), state.time + seconds * 1000)
    expect(Math.abs(reading.skewMs)).toBe(120_000)
  })
})

describe('the simulated smart meter, a process of its own', () => {
  const measure = (port: number, timeoutMs = 8_000): Promise<Measurement> =>
    p1Grid({ host: '127.0.0.1', port, now: Date.now, timeoutMs }).measure(
      new AbortController().signal,
    )

  test('is measured within two telegrams, and drawn power by phase is told', async () => {
    const { port } = await startDevice('p1-meter', '--phases', '3', '--limit', '16.1')
    const measured = await measure(port)
    expect(measured).toMatchObject({
      source: 'grid:p1:sim-0001',
      fields: { allocated: 16_100 },
      method: 'dsmr-p1-tcp',
      simulated: true,
    })
    const { reading, exchanges } = JSON.parse(new TextDecoder().decode(measured.transcript))
    expect(reading).toMatchObject({ phases: 3, drawnWatts: 1_200, phaseWatts: [400, 400, 400] })
    expect(exchanges).toHaveLength(2)
    expect(framed(`${exchanges[0].telegram}\r\n`)[0]?.kind).toBe('telegram')
  })

  test('whose limiter lets pass more than its fuse is implausible', async () => {
    const { port } = await startDevice('p1-meter', '--period', '50', '--misbehave', 'above-fuse')
    await expect(measure(port)).rejects.toMatchObject({
      code: 'implausible-proof',
      message: expect.stringContaining('lets 40000 W pass'),
    })
  })

  test('forces its mark', async () => {
    const { port, line } = await startDevice('p1-meter', '--serial', 'E77', '--period', '50')
    expect(line).toMatchObject({ serial: 'SIM-E77', simulated: true })
    expect(await measure(port)).toMatchObject({ source: 'grid:p1:sim-e77', simulated: true })
  })
})
