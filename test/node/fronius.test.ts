import { createServer } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { asEntities, pageOf, type FroniusDevice } from '../../node/devices/fronius-pages.ts'
import { parseHttpEndpoint } from '../../node/meters/endpoint.ts'
import { readEntities } from '../../node/meters/fronius/custom-name.ts'
import { froniusMeter, type FroniusOptions } from '../../node/meters/fronius/meter.ts'
import type { Measurement } from '../../src/ports.ts'
import { startDevice, stopDevices } from '../support/device-process.ts'
import { listen, stopServers } from '../support/loopback.ts'

afterEach(async () => {
  await stopServers()
  await stopDevices()
})

const host = '127.0.0.1'
const infoPath = '/solar_api/v1/GetInverterInfo.cgi'

function measure(port: number, options: Partial<FroniusOptions> = {}): Promise<Measurement> {
  const meter = froniusMeter({ host, port, now: Date.now, ...options })
  return meter.measure(new AbortController().signal)
}

function transcriptOf({ transcript }: Measurement) {
  return JSON.parse(new TextDecoder().decode(transcript))
}

const sound: FroniusDevice = {
  unit: 3,
  serial: '29301000987160033',
  ratedWatts: 8200,
  watts: 4123.4567,
  wattHours: 26_213_502,
  name: asEntities('Dach "Süd" & Garage'),
  time: '2026-06-21T12:00:00+02:00',
  version: 1,
  status: 0,
}

type Change = (info: Record<string, unknown>) => void

/** Serves an inverter whose entry in the list of inverters is changed. */
function servePages(device: FroniusDevice = sound, change: Change = () => {}): Promise<number> {
  return listen(
    createServer((request, answer) => {
      const page = pageOf(request.url ?? '', device)
      if (request.url !== infoPath || page === undefined) {
        answer.end(page)
        return
      }
      const told = JSON.parse(page)
      change(told.Body.Data[String(device.unit)])
      answer.end(JSON.stringify(told))
    }),
  )
}

describe('a Fronius inverter', () => {
  test('is measured, and the transcript says what its rating is worth', async () => {
    const measured = await measure(await servePages(), { site: '48.2,16.4' })
    expect(measured).toMatchObject({
      source: 'solar:fronius:29301000987160033',
      fields: { rated: 8200, output: 4123, site: '48.2,16.4' },
      method: 'fronius-solar-api-v1',
      simulated: false,
    })
    const { reading, exchanges } = transcriptOf(measured)
    expect(reading).toMatchObject({
      device: 3,
      customName: 'Dach "Süd" & Garage',
      ratedFrom: expect.stringContaining('not measured'),
      lifetimeWattHours: 26_213_502,
      deviceTime: '2026-06-21T10:00:00.000Z',
    })
    // Word for word what was answered, but for white space between its parts.
    expect(exchanges).toMatchObject([
      { request: 'GET /solar_api/GetAPIVersion.cgi', status: 200 },
      { request: `GET ${infoPath}`, answer: expect.stringContaining('"UniqueID":"2930') },
      { answer: expect.stringContaining('"PAC":{"Value":4123,"Unit":"W"}') },
    ])
  })

  test('is picked by its number, by default the lowest', async () => {
    const port = await servePages()
    expect(transcriptOf(await measure(port)).reading.device).toBe(3)
    expect((await measure(port, { unit: 3 })).source).toBe('solar:fronius:29301000987160033')
    await expect(measure(port, { unit: 2 })).rejects.toMatchObject({
      code: 'source-unavailable',
      message: expect.stringContaining('knows 3, 4'),
    })
  })

  test('that tells no power at night is measured without', async () => {
    const { port } = await startDevice('fronius-inverter', '--misbehave', 'night')
    expect((await measure(port)).fields).toEqual({ rated: 8200 })
  })

  test('that draws at night has output 0', async () => {
    const port = await servePages({ ...sound, watts: -7 })
    expect((await measure(port)).fields).toEqual({ rated: 8200, output: 0 })
  })

  test('may tell its id as a number and leave out what is not needed', async () => {
    const port = await servePages(sound, (info) => {
      info['UniqueID'] = 38_183
      for (const name of ['CustomName', 'DT', 'StatusCode', 'ErrorCode', 'Show']) delete info[name]
    })
    expect((await measure(port)).source).toBe('solar:fronius:38183')
  })

  test.each([
    ['id 0xFFFFFF', 'UniqueID', 16_777_215, 'invalid-source'],
    ['id 0', 'UniqueID', '0', 'invalid-source'],
    ['an empty id', 'UniqueID', '', 'invalid-source'],
    ['no id', 'UniqueID', undefined, 'source-nonsense'],
    ['an object for its id', 'UniqueID', { toString: 1 }, 'source-nonsense'],
    ['an id of 2,000 characters', 'UniqueID', 'x'.repeat(2_000), 'source-nonsense'],
    ['no power', 'PVPower', undefined, 'source-nonsense'],
    ['power null', 'PVPower', null, 'source-nonsense'],
    ['power 0', 'PVPower', 0, 'source-nonsense'],
    ['power -1', 'PVPower', -1, 'source-nonsense'],
    ['power 65535', 'PVPower', 65_535, 'source-nonsense'],
    ['power as text', 'PVPower', '8200', 'source-nonsense'],
    ['a name that is a list', 'CustomName', ['a'], 'source-nonsense'],
  ] as const)('with %s is refused', async (_, name, value, code) => {
    const port = await servePages(sound, (info) => {
      info[name] = value
    })
    await expect(measure(port)).rejects.toMatchObject({ name: 'Failure', code })
  })

  test.each([
    ['"Unit":"W"', '"Unit":"kW"', 'Body Data PAC'],
    ['"Value":4123', '"Value":"4123"', 'Body Data PAC'],
    ['"Code":0', '"Code":null', 'Head Status Code'],
    ['"Head":', '"Tail":', 'of another form'],
  ])('that answers %s with %s is nonsense', async (right, wrong, words) => {
    const port = await listen(
      createServer((request, answer) => {
        const page = JSON.stringify(JSON.parse(pageOf(request.url ?? '', sound) ?? ''))
        const isRealtime = request.url?.includes('Realtime') === true
        answer.end(isRealtime ? page.replace(right, wrong) : page)
      }),
    )
    await expect(measure(port)).rejects.toMatchObject({
      code: 'source-nonsense',
      message: expect.stringContaining(words),
    })
  })

  test('with more behind it than evidence holds is refused', async () => {
    const port = await listen(
      createServer((request, answer) => {
        const page = pageOf(request.url ?? '', sound)
        if (request.url !== infoPath || page === undefined) {
          answer.end(page)
          return
        }
        const told = JSON.parse(page)
        const info = told.Body.Data['3']
        for (let unit = 0; unit < 200; unit++) told.Body.Data[String(unit)] = info
        answer.end(JSON.stringify(told))
      }),
    )
    await expect(measure(port, { unit: 3 })).rejects.toMatchObject({
      code: 'source-nonsense',
      message: expect.stringContaining('evidence has at most 16384'),
    })
  })
})

describe('a name of HTML entities', () => {
  test.each([
    ['&#80;&#114;&#105;', 'Pri'],
    ['&#x53;&#X20AC;&#128512;', 'S€😀'],
    ['Tom &amp; Jerry &lt;3 &quot;&apos;', 'Tom & Jerry <3 "\''],
    ['&amp;lt;', '&lt;'],
    ['&#0;&#55296;&#1114112;&unknown;&#;&', '&#0;&#55296;&#1114112;&unknown;&#;&'],
  ])('%s is %s', (text, name) => {
    expect(readEntities(text)).toBe(name)
  })
})

describe('an address', () => {
  test.each([
    ['http://192.0.2.8', '192.0.2.8', 80],
    ['http://192.0.2.8/', '192.0.2.8', 80],
    ['HTTP://fronius.local:8080', 'fronius.local', 8080],
    ['http://[2001:db8::8]', '2001:db8::8', 80],
    ['http://[2001:db8::8]:81/', '2001:db8::8', 81],
  ])('%s is host %s and port %i', (text, name, port) => {
    expect(parseHttpEndpoint(text)).toEqual({ host: name, port })
  })

  test.each([
    'https://192.0.2.8',
    '192.0.2.8',
    'http://',
    'http://user:secret@192.0.2.8',
    'http://192.0.2.8/solar_api',
    'http://192.0.2.8?x=1',
    'http://192.0.2.8:0',
    'http://192.0.2.8:70000',
    'http://a b',
    'http://[::1',
    'file:///etc/passwd',
  ])('%s is none', (text) => {
    expect(() => parseHttpEndpoint(text)).toThrow('is no address')
  })
})
