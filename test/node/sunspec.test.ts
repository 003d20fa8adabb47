import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { inverterMap, type Inverter } from '../../node/devices/sunspec-map.ts'
import { readMilli, readText } from '../../node/meters/sunspec/points.ts'
import { solarProfile } from '../../node/meters/sunspec/generator.ts'
import { sunspecMeter, type SunspecOptions } from '../../node/meters/sunspec/meter.ts'
import type { Measurement } from '../../src/ports.ts'
import { startDevice, stopDevices } from '../support/device-process.ts'
import { listen, stopServers } from '../support/loopback.ts'
import { serveRegisters } from '../support/modbus-server.ts'

const host = '127.0.0.1'
const startedAt = 1_795_000_000_000
/** Short limits, so that a device that never answers is found out soon. */
const limits = { timeoutMs: 1_500, connectTimeoutMs: 500, requestTimeoutMs: 900 }
/** How late a timer may be on a busy machine, in milliseconds. */
const slackMs = 1_000

afterEach(async () => {
  await stopServers()
  await stopDevices()
})

const startInverter = (...flags: readonly string[]) => startDevice('sunspec-inverter', ...flags)

/** Serves whatever bytes the test wants. */
function startRaw(answer: (socket: Socket, request: Buffer) => void): Promise<number> {
  return listen(
    createServer((socket) => {
      socket.on('error', () => undefined)
      socket.on('data', (request: Buffer) => answer(socket, request))
    }),
  )
}

function measure(port: number, options: Partial<SunspecOptions> = {}): Promise<Measurement> {
  const meter = sunspecMeter(solarProfile, { host, port, now: () => startedAt, ...options })
  return meter.measure(new AbortController().signal)
}

function inverter(changes: Partial<Inverter> = {}): Inverter {
  return {
    models: 'int',
    base: 40_000,
    manufacturer: 'Sol & Söhne',
    model: 'S 5000',
    options: '',
    version: '2.1',
    serial: 'X-7001',
    ratedWatts: 5000,
    watts: 3200,
    wattHours: 1_234_567,
    ...changes,
  }
}

/** What the failure of a measurement is, and how long it took. */
async function failureOf(measuring: Promise<unknown>) {
  const begun = performance.now()
  const error: unknown = await measuring.catch((caught: unknown) => caught)
  return { error, elapsedMs: performance.now() - begun }
}

describe('a point', () => {
  test.each([
    [50_000, -1, 5_000_000n],
    [1, -3, 1n],
    [19, -4, 1n],
    [65_534, 10, 655_340_000_000_000_000n],
    [0, 0, 0n],
    [0xffff, 0, undefined],
    [5000, 0x8000, undefined],
    [5000, 11, undefined],
    [5000, -11, undefined],
  ])('%i with scale factor %i is %s thousandths', (word, scale, milli) => {
    const block = [120, 26, word, scale & 0xffff]
    expect(readMilli(block, { type: 'uint16', offset: 2, scale: 3 })).toBe(milli)
  })

  test('is signed where it says so', () => {
    const at = { type: 'int16', offset: 0, scale: 1 } as const
    expect(readMilli([0xfffb, 0], at)).toBe(-5_000n)
    expect(readMilli([0x8000, 0], at)).toBeUndefined()
  })

  test('of several registers has its high word first', () => {
    const counter = { type: 'acc32', offset: 0, scale: 2 } as const
    expect(readMilli([1, 2, 0], counter)).toBe(65_538_000n)
    expect(readMilli([0, 0, 0], counter)).toBeUndefined()
    const total = { type: 'uint64', offset: 0, scale: 4 } as const
    expect(readMilli([0, 1, 0, 2, 0], total)).toBe(4_294_967_298_000n)
    expect(readMilli([0xffff, 0xffff, 0xffff, 0xffff, 0], total)).toBeUndefined()
  })

  test('of IEEE 754 is rounded to thousandths, and NaN and infinity are none', () => {
    const at = { type: 'float32', offset: 0 } as const
    expect(readMilli([0x4547, 0xf19a], at)).toBe(3_199_100n)
    expect(readMilli([0x7fc0, 0], at)).toBeUndefined()
    expect(readMilli([0x7f80, 0], at)).toBeUndefined()
  })

  test('of text ends at its first NUL, without spaces around it', () => {
    const at = { type: 'text', offset: 0, registers: 3 } as const
    expect(readText([0x2041, 0x4200, 0x4343], at)).toBe('AB')
    expect(readText([0x4142, 0x4344, 0x4546], at)).toBe('ABCDEF')
    expect(readText([0, 0, 0], at)).toBe('')
  })
})

describe('the simulated inverter, a process of its own', () => {
  const everyMap = ['int', 'float', 'der'].flatMap((models) =>
    ['40000', '0', '50000'].map((base) => [models, base] as const),
  )
  test.each(everyMap)('with models %s at %s is measured', async (models, base) => {
    const flags = ['--models', models, '--base', base, '--watts', '3200', '--rated', '5000']
    const { port } = await startInverter(...flags)
    const measured = await measure(port, { site: '52.4,4.9' })
    expect(measured).toMatchObject({
      source: 'solar:sunspec:simulated-solar-sim-0001',
      fields: { rated: 5000, output: 3200, site: '52.4,4.9' },
      measuredAt: startedAt,
      method: 'sunspec-modbus-tcp',
      simulated: true,
    })
  })

  test('says that it is a simulator, forces its prefix and ends on SIGTERM', async () => {
    const { child, port, line } = await startInverter('--serial', '42', '--unit', '9')
    expect(line).toMatchObject({ listening: { host, port }, simulated: true, serial: 'SIM-42' })
    const { source, simulated } = await measure(port, { unit: 9 })
    expect({ source, simulated }).toEqual({
      source: 'solar:sunspec:simulated-solar-sim-42',
      simulated: true,
    })
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
  })

  test('counts the energy that it gives', async () => {
    const { port } = await startInverter('--rated', '9000000', '--models', 'float')
    const counter = async () => {
      const begun = performance.now()
      const { transcript } = await measure(port)
      const { reading } = JSON.parse(new TextDecoder().decode(transcript))
      return { begun, wattHours: Number(reading.lifetimeWattHours), ended: performance.now() }
    }
    const first = await counter()
    await new Promise((resolve) => setTimeout(resolve, 300))
    const second = await counter()
    // 30 to 80 per cent of 9 MW, which are 2,500 Wh a second, read at a float's resolution of 1 Wh.
    const given = second.wattHours - first.wattHours
    expect(given).toBeGreaterThan(((second.begun - first.ended) / 1000) * 2_500 * 0.3 - 2)
    expect(given).toBeLessThan(((second.ended - first.begun) / 1000) * 2_500 * 0.8 + 2)
  })

  test('keeps silent to another unit id', async () => {
    const { port } = await startInverter('--unit', '3')
    const { error, elapsedMs } = await failureOf(measure(port, { ...limits, unit: 4 }))
    expect(error).toMatchObject({ code: 'source-unavailable' })
    expect(error).toMatchObject({ message: expect.stringContaining('check the unit id') })
    expect(elapsedMs).toBeLessThan(limits.requestTimeoutMs + slackMs)
  })
})

describe('an inverter behind another implementation of Modbus', () => {
  test.each([
    ['int', 40_000, 1234567],
    ['float', 0, 1234567],
    ['der', 50_000, 1234567],
  ] as const)('with models %s at %i is measured', async (models, base, lifetimeWattHours) => {
    const map = inverterMap(inverter({ models, base }))
    const { transcript, ...measured } = await measure(await serveRegisters(map), { unit: 247 })
    expect(measured).toEqual({
      source: 'solar:sunspec:sol-s-hne-x-7001',
      fields: { rated: 5000, output: 3200 },
      measuredAt: startedAt,
      method: 'sunspec-modbus-tcp',
      simulated: false,
    })
    const record = JSON.parse(new TextDecoder().decode(transcript))
    expect(record).toMatchObject({
      version: 1,
      endpoint: { host, unit: 247 },
      reading: { serial: 'X-7001', model: 'S 5000', ratedWatts: 5000, lifetimeWattHours },
    })
    // The transcript alone shows what the device said, word for word.
    const { address, count, registers } = record.exchanges.at(-1)
    const word = map.registers[address - map.base]?.toString(16).padStart(4, '0')
    expect({ count, registers }).toEqual({ count: 1, registers: word })
  })

  test.each([
    [0.1 + 0.2, 0.3],
    [4_999.9, 4_999.9],
    [28_000, 28_000],
    [9_999_000, 9_999_000],
  ])('that rates and gives %d W has exactly %d', async (watts, exactly) => {
    const map = inverterMap(inverter({ models: 'float', ratedWatts: watts, watts }))
    const { fields } = await measure(await serveRegisters(map))
    expect(fields).toEqual({ rated: exactly, output: exactly })
  })

  test('that draws at night has output 0, and none if it does not tell', async () => {
    const night = await measure(await serveRegisters(inverterMap(inverter({ watts: -4 }))))
    expect(night.fields).toEqual({ rated: 5000, output: 0 })
    const { watts: _, ...silent } = inverter()
    const port = await serveRegisters(inverterMap(silent))
    expect((await measure(port)).fields).toEqual({ rated: 5000 })
  })

  test.each(['int', 'der'] as const)(
    'needs the scale factor of its rating (%s)',
    async (models) => {
      const { base, registers } = inverterMap(inverter({ models }))
      // Ahead of the end: model 120 is 28 registers with the factor at 4, 702 is 52 with it at 45.
      const place = registers.length - 2 - (models === 'int' ? 28 - 4 : 52 - 45)
      const port = await serveRegisters({ base, registers: registers.with(place, 0x8000) })
      await expect(measure(port)).rejects.toMatchObject({ code: 'source-nonsense' })
    },
  )

  test('may leave out the pad of model 1 and the length behind the end', async () => {
    const { base, registers } = inverterMap(inverter())
    const old = [
      ...registers.slice(0, 3),
      65,
      ...registers.slice(4, 69),
      ...registers.slice(70, -1),
    ]
    expect(await measure(await serveRegisters({ base, registers: old }))).toMatchObject({
      fields: { rated: 5000, output: 3200 },
    })
  })

  test('is not mixed up with a second device behind the same unit id', async () => {
    const { base, registers } = inverterMap(inverter())
    const second = inverterMap(inverter({ serial: 'X-7002', ratedWatts: 1, models: 'der' }))
    const both = [...registers.slice(0, -2), ...second.registers.slice(2)]
    expect(await measure(await serveRegisters({ base, registers: both }))).toMatchObject({
      source: 'solar:sunspec:sol-s-hne-x-7001',
      fields: { rated: 5000 },
    })
  })

  test('with two ratings has the lower one', async () => {
    const { base, registers } = inverterMap(inverter({ ratedWatts: 5000 }))
    const limited = inverterMap(inverter({ ratedWatts: 4600, models: 'der' }))
    // Its model 702 are the 52 registers ahead of the end.
    const both = [...registers.slice(0, -2), ...limited.registers.slice(-54)]
    const measured = await measure(await serveRegisters({ base, registers: both }))
    expect(measured.fields).toMatchObject({ rated: 4600 })
  })

  test('with as many models as are read at all stays within the transcript', async () => {
    const { base, registers } = inverterMap(inverter({ models: 'float' }))
    const blocks = [101, 102, 103, 111, 112, 701, 702].flatMap((id) => [
      id,
      153,
      ...Array.from({ length: 153 }, () => 0xffff),
    ])
    const others = Array.from({ length: 53 }, () => [64_000, 0]).flat()
    const longest = [...registers.slice(0, -2), ...blocks, ...others, 0xffff]
    const { transcript } = await measure(await serveRegisters({ base, registers: longest }))
    expect(transcript.length).toBeGreaterThan(8_000)
    expect(transcript.length).toBeLessThan(16_384)
  })

  test.each([
    ['a placeholder for its serial number', { serial: 'n/a' }, 'invalid-source'],
    ['no serial number', { serial: '' }, 'invalid-source'],
    ['no manufacturer', { manufacturer: '' }, 'invalid-source'],
    ['a rating of 0', { ratedWatts: 0 }, 'source-nonsense'],
    ['a rating of 20 MW', { ratedWatts: 2e7 }, 'source-nonsense'],
    ['an output of 20 MW', { watts: 2e7 }, 'source-nonsense'],
  ] as const)('with %s is refused', async (_, changes, code) => {
    const port = await serveRegisters(inverterMap(inverter(changes)))
    await expect(measure(port)).rejects.toMatchObject({ name: 'Failure', code })
  })

  test('without model 1, or with one too short for a serial number, is nonsense', async () => {
    const { base, registers } = inverterMap(inverter())
    const nameless = await serveRegisters({ base, registers: registers.with(2, 64_000) })
    await expect(measure(nameless)).rejects.toThrow('lacks SunSpec model 1')
    const short = await serveRegisters({ base, registers: registers.with(3, 60) })
    await expect(measure(short)).rejects.toThrow('says that it has 60 registers and needs 64')
  })
})

describe('what is no SunSpec device', () => {
  test('a port where nothing listens is unavailable', async () => {
    const server = createServer()
    const port = await listen(server)
    server.close()
    const { error, elapsedMs } = await failureOf(measure(port))
    expect(error).toMatchObject({ code: 'source-unavailable' })
    expect(error).toMatchObject({ message: expect.stringContaining('nothing listens there') })
    expect(elapsedMs).toBeLessThan(slackMs)
  })

  test('an answer that is no Modbus is nonsense', async () => {
    const port = await startRaw((socket, request) => {
      const header = [...request.subarray(0, 4), 0, 5, ...request.subarray(6, 7)]
      socket.write(Buffer.from([...header, 0x41, 0x42, 0x43, 0x44]))
    })
    await expect(measure(port)).rejects.toMatchObject({ code: 'source-nonsense' })
  })

  test('fewer registers than asked for are nonsense', async () => {
    const port = await startRaw((socket, request) => {
      const data = Buffer.alloc(request.readUInt16BE(10) * 2)
      const header = [...request.subarray(0, 4), 0, 3 + data.length, ...request.subarray(6, 7)]
      // The frame is as long as it should be, and says that it holds nothing.
      socket.write(Buffer.from([...header, 3, 0, ...data]))
    })
    await expect(measure(port)).rejects.toThrow('is not Modbus')
  })

  test('a refusal in the middle of the walk is nonsense that names the exception', async () => {
    const port = await startRaw((socket, request) => {
      const [unit, address] = [request[6] ?? 0, request.readUInt16BE(8)]
      const frame = address === 40_000 ? [3, 4, 0x53, 0x75, 0x6e, 0x53] : [0x83, 4]
      const header = [...request.subarray(0, 4), 0, frame.length + 1, unit]
      socket.write(Buffer.from([...header, ...frame]))
    })
    await expect(measure(port)).rejects.toMatchObject({
      code: 'source-nonsense',
      message: expect.stringContaining('Modbus exception 4 (device failure)'),
    })
  })

  test('an endless stream is cut off', async () => {
    const port = await startRaw((socket) => {
      const flood = Buffer.alloc(65_536)
      const pour = (): void => {
        while (!socket.destroyed && socket.write(flood));
        if (!socket.destroyed) socket.once('drain', pour)
      }
      pour()
    })
    const { error, elapsedMs } = await failureOf(measure(port))
    expect(error).toMatchObject({ code: 'source-nonsense' })
    expect(error).toMatchObject({ message: expect.stringContaining('without end') })
    expect(elapsedMs).toBeLessThan(slackMs)
  })

  test.each([{ port: 0 }, { port: 65_536 }, { unit: 0 }, { unit: 248 }, { unit: 1.5 }])(
    'nobody is dialled with %j',
    (options) => {
      expect(() =>
        sunspecMeter(solarProfile, { host, port: 502, now: Date.now, ...options }),
      ).toThrow(/ is from /)
    },
  )
})
