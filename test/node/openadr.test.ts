import { once } from 'node:events'
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterEach, describe, expect, test } from 'vitest'
import { objectsOf, type Customer } from '../../node/devices/openadr-objects.ts'
import { basePath, createVtn, type VtnSettings } from '../../node/devices/openadr-server.ts'
import { capacityAt } from '../../node/meters/openadr/capacity.ts'
import { openadrGrid, type OpenadrOptions } from '../../node/meters/openadr/grid.ts'
import { spansInForce } from '../../node/meters/openadr/in-force.ts'
import { endOfDuration } from '../../node/meters/openadr/iso-duration.ts'
import { openadrKind } from '../../node/meters/openadr/kind.ts'
import type { Event } from '../../node/meters/openadr/objects.ts'
import type { Measurement } from '../../src/ports.ts'
import { startDevice, stopDevices } from '../support/device-process.ts'
import { selfSigned } from '../support/self-signed.ts'
import { meterContext } from '../support/meter-context.ts'

const now = Date.parse('2026-11-22T20:15:00Z')
let toStop: (() => Promise<unknown>)[] = []
afterEach(async () => {
  const stops = toStop
  toStop = []
  await Promise.all(stops.map((stop) => stop()))
  await stopDevices()
})

type Given = Partial<OpenadrOptions>

function measureAt(address: string, given: Given = {}): Promise<Measurement> {
  const meter = openadrGrid({
    url: new URL(`${address}/`),
    client: { clientId: 'sim-client', clientSecret: 'sim-secret' },
    now: Date.now,
    timeoutMs: 8_000,
    ...given,
  })
  return meter.measure(new AbortController().signal)
}

async function measure(flags: readonly string[], given: Given = {}): Promise<Measurement> {
  const { line } = await startDevice('openadr-vtn', ...flags)
  return measureAt(String(line['url']), given)
}

/** A server in this process, of a customer that the test describes. */
async function serve(
  customer: Partial<Customer>,
  settings: Partial<VtnSettings> = {},
): Promise<string> {
  const whole: Customer = {
    venName: 'meter-7',
    programName: 'Capacity',
    resources: [],
    agreement: { subscription: 10, units: 'KW' },
    prices: 0,
    ...customer,
  }
  const server = createVtn({
    clientId: 'sim-client',
    clientSecret: 'sim-secret',
    target: whole.venName,
    objects: () => objectsOf(whole, 'neighbour'),
    misbehave: 'none',
    ...settings,
  })
  server.listen(0, '127.0.0.1')
  toStop.push(() => once(server.close(), 'close'))
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return `http://127.0.0.1:${port}${basePath}`
}

const transcriptOf = ({ transcript }: Measurement) =>
  JSON.parse(new TextDecoder().decode(transcript))

type Period = { start?: string; duration?: string }

/** An event of one interval that begins with the year. */
function eventOf(
  type: string,
  value: unknown,
  changes: Partial<Event> = {},
  units: string | null = 'KW',
): Event {
  return {
    id: `${type}-${JSON.stringify(value)}`,
    programID: 'p',
    payloadDescriptors: [{ payloadType: type, units }],
    intervalPeriod: { start: '2026-01-01T00:00:00Z', duration: 'P9999Y' },
    intervals: [{ payloads: [{ type, values: [value] }] }],
    ...changes,
  }
}

const allocatedBy = (...events: readonly Event[]): number =>
  Number(capacityAt(events, new Map(), now).allocated) / 1000

describe('a duration', () => {
  test.each([
    ['PT1H', '2026-01-31T01:00:00.000Z'],
    ['P1D', '2026-02-01T00:00:00.000Z'],
    ['P2W', '2026-02-14T00:00:00.000Z'],
    ['P1Y', '2027-01-31T00:00:00.000Z'],
    ['P1Y2DT3H4M5.25S', '2027-02-02T03:04:05.250Z'],
    ['P2M', '2026-03-31T00:00:00.000Z'],
    ['PT0S', '2026-01-31T00:00:00.000Z'],
  ])('%s from the 31st of January ends at %s', (duration, end) => {
    const at = endOfDuration(Date.parse('2026-01-31T00:00:00Z'), duration)
    expect(new Date(at ?? 0).toISOString()).toBe(end)
  })
  test('P9999Y has no end', () => expect(endOfDuration(0, 'P9999Y')).toBe(Infinity))
  test.each(['-PT1H', 'P', 'PT', '1H', 'PT1.5H', 'P1S', ''])('%j is none', (duration) => {
    expect(endOfDuration(0, duration)).toBeUndefined()
  })
})

describe('the interval in force', () => {
  const valuesAt = (event: Partial<Event>, periods: readonly (Period | undefined)[], at: string) =>
    spansInForce(
      eventOf('X', 0, {
        ...event,
        intervals: periods.map((intervalPeriod, index) => ({
          ...(intervalPeriod === undefined ? {} : { intervalPeriod }),
          payloads: [{ type: 'X', values: [index] }],
        })),
      }),
      Date.parse(at),
    ).map(({ interval }) => interval.payloads[0]?.values[0])

  const hourly = { intervalPeriod: { start: '2026-11-22T00:00:00Z', duration: 'PT1H' } }
  const hours = Array.from({ length: 24 }, () => undefined)
  test.each([
    ['2026-11-21T23:59:59Z', []],
    ['2026-11-22T00:00:00Z', [0]],
    ['2026-11-22T20:59:59Z', [20]],
    ['2026-11-22T21:00:00Z', [21]],
    ['2026-11-23T00:00:00Z', []],
  ])('of the hours of a day at %s is %j', (at, values) => {
    expect(valuesAt(hourly, hours, at)).toEqual(values)
  })

  test.each([
    ['P9999Y', '2027-03-01T05:30:00Z', [5]],
    ['P7D', '2026-11-28T23:00:00Z', [23]],
    ['P7D', '2026-11-29T00:00:00Z', []],
    ['PT12H', '2026-11-22T11:59:00Z', [11]],
    ['PT12H', '2026-11-22T12:00:00Z', []],
  ])('of a day that lasts %s at %s is %j', (duration, at, values) => {
    expect(valuesAt({ ...hourly, duration }, hours, at)).toEqual(values)
  })

  test('follows on what came before where it begins with time, and may have its own length', () => {
    const periods = [undefined, { start: '0001-01-01', duration: 'PT2H' }, undefined]
    const at = (time: string) => valuesAt(hourly, periods, `2026-11-22T${time}Z`)
    expect(['00:30:00', '01:00:00', '02:59:00', '03:00:00', '04:00:00'].map(at)).toEqual([
      [0],
      [1],
      [1],
      [2],
      [],
    ])
  })

  test.each([
    [{ start: '0001-01-01', duration: 'P9999Y' }, {}, [0]],
    [
      { start: '0001-01-01T00:00:00', duration: 'PT1H' },
      { createdDateTime: '2026-11-22T20:00:00Z' },
      [0],
    ],
    [
      { start: '0001-01-01T00:00:00Z', duration: 'PT1H' },
      { createdDateTime: '2026-11-22T19:00:00Z' },
      [],
    ],
    [{ start: '0001-01-01', duration: 'PT0H' }, {}, []],
    [{ start: '2026-11-22T20:00:00+01:00', duration: 'PT2H' }, {}, [0]],
    [{ start: '2026-11-22T20:00:00Z' }, {}, []],
  ])('of %j with %j is %j', (intervalPeriod, changes, values) => {
    const event = { ...changes, intervalPeriod }
    expect(valuesAt(event, [undefined], '2026-11-22T20:15:00Z')).toEqual(values)
  })

  test.each([
    [{ start: 'tomorrow', duration: 'PT1H' }, 'which is no time'],
    [{ start: '2026-11-22T20:00:00', duration: 'PT1H' }, 'which is no time'],
    [{ start: '2026-11-22T20:00:00Z', duration: 'an hour' }, 'which is no duration'],
  ])('of %j is nonsense', (intervalPeriod, words) => {
    expect(() => valuesAt({ intervalPeriod }, [undefined], '2026-11-22T20:15:00Z')).toThrow(words)
  })
})

describe('capacity to draw', () => {
  const subscription = eventOf('IMPORT_CAPACITY_SUBSCRIPTION', 10)
  const reservation = eventOf('IMPORT_CAPACITY_RESERVATION', 2.5)
  const limit = (kilowatts: number, changes: Partial<Event> = {}) =>
    eventOf('IMPORT_CAPACITY_LIMIT', kilowatts, changes)

  test.each([
    ['what is subscribed to', [subscription], 10_000],
    ['with what is reserved', [subscription, reservation], 12_500],
    ['at most the limit', [subscription, reservation, limit(11)], 11_000],
    ['not up to the limit', [subscription, limit(40)], 10_000],
    ['a limit alone', [limit(7.36)], 7_360],
    ['a reservation alone', [reservation], 2_500],
    ['without IMPORT_', [eventOf('CAPACITY_SUBSCRIPTION', 240)], 240_000],
    ['in W', [eventOf('CAPACITY_SUBSCRIPTION', 17_250, {}, 'W')], 17_250],
    ['in MW', [eventOf('CAPACITY_SUBSCRIPTION', 0.25, {}, 'mw')], 250_000],
    ['exactly', [eventOf('CAPACITY_SUBSCRIPTION', 16.1)], 16_100],
    ['to the mW, down', [eventOf('CAPACITY_SUBSCRIPTION', 0.0012345678)], 1.234],
    ['not what is exported', [subscription, eventOf('EXPORT_CAPACITY_LIMIT', 1)], 10_000],
    ['not fees', [subscription, eventOf('IMPORT_CAPACITY_RESERVATION_FEE', 1)], 10_000],
  ])('is %s', (_name, events, watts) => expect(allocatedBy(...events)).toBe(watts))

  const since = (start: string) => ({ intervalPeriod: { start, duration: 'P9999Y' } })
  test.each([
    ['of higher priority', limit(5, { priority: 1 }), limit(3, { priority: 2 }), 5_000],
    ['with a priority at all', limit(5, { priority: 9 }), limit(3), 5_000],
    ['that began later', limit(6, since('2026-06-01T00:00:00Z')), limit(4), 6_000],
    ['that is less', limit(6, { id: 'x' }), limit(8), 6_000],
  ])('is by the limit %s', (_name, one, other, watts) => {
    expect([allocatedBy(subscription, one, other), allocatedBy(subscription, other, one)]).toEqual([
      watts,
      watts,
    ])
  })

  test.each([
    [[], 'source-unavailable', 'tells of no capacity'],
    [[eventOf('IMPORT_CAPACITY_SUBSCRIPTION', 0)], 'source-unavailable', 'tells of no capacity'],
    [[subscription, limit(0)], 'source-unavailable', 'lets this site draw nothing now'],
    [
      [eventOf('CAPACITY_LIMIT', 5, since('2026-12-01T00:00:00Z'))],
      'source-unavailable',
      'no capacity that is in force now',
    ],
    [[eventOf('CAPACITY_LIMIT', -5)], 'source-nonsense', 'which no site has'],
    [[eventOf('CAPACITY_LIMIT', '5')], 'source-nonsense', 'which no site has'],
    [[eventOf('CAPACITY_LIMIT', 1e-9)], 'source-nonsense', 'which no site has'],
    [[eventOf('CAPACITY_LIMIT', 1e9)], 'source-nonsense', 'which no site has'],
    [[eventOf('CAPACITY_LIMIT', 5, {}, null)], 'source-nonsense', 'does not say in which unit'],
    [[eventOf('CAPACITY_LIMIT', 5, {}, 'KWH')], 'source-nonsense', "in 'KWH', and not in W"],
  ])('by %j is %s', (events, code, words) => {
    const failing = () => allocatedBy(...events)
    expect(failing).toThrow(expect.objectContaining({ code }))
    expect(failing).toThrow(words)
  })

  test('takes its unit from the program where the event has none', () => {
    const event = eventOf('CAPACITY_LIMIT', 5, { payloadDescriptors: null })
    const payloadDescriptors = [{ payloadType: 'CAPACITY_LIMIT', units: 'KW' }]
    const programs = new Map([['p', { id: 'p', programName: 'P', payloadDescriptors }]])
    expect(Number(capacityAt([event], programs, now).allocated)).toBe(5_000_000)
  })
})

describe('the simulated grid operator, a process of its own', () => {
  test('is asked as a VEN, and its secrets stay out of the transcript', async () => {
    const flags = ['--subscription', '10', '--reservation', '2.5', '--limit', '11']
    const measured = await measure(flags)
    expect(measured).toMatchObject({
      source: 'grid:openadr:127.0.0.1-sim-0001',
      fields: { allocated: 11_000 },
      method: 'openadr-3.1',
      simulated: true,
    })
    const { reading } = transcriptOf(measured)
    expect(reading).toMatchObject({
      ven: 'SIM-0001',
      programs: ['SIM-capacity'],
      subscriptionWatts: 10_000,
      reservationWatts: 2_500,
      limitWatts: 11_000,
    })
    const text = new TextDecoder().decode(measured.transcript)
    expect(text).not.toMatch(/sim-secret|Bearer|access_token/)
  })

  test('shows its customer alone what is his', async () => {
    const { transcript } = await measure([])
    expect(new TextDecoder().decode(transcript)).not.toMatch(/neighbour|\[999\]/)
  })

  test.each(['130', '49', '50'])('is asked page by page behind %s prices', async (prices) => {
    const measured = await measure(['--prices', prices])
    const pages = transcriptOf(measured).exchanges.filter(({ request }: { request: string }) =>
      request.startsWith('GET /events'),
    )
    expect(pages).toHaveLength(Math.floor((Number(prices) + 1) / 50) + 1)
    expect(measured.fields).toEqual({ allocated: 10_000 })
  })

  test('that knows no pages is asked twice at most', async () => {
    const measured = await measure(['--prices', '80', '--misbehave', 'pageless'])
    expect(measured.fields).toEqual({ allocated: 10_000 })
  })

  test('of several sites wants one named', async () => {
    const { line } = await startDevice('openadr-vtn', '--sites', '3')
    const address = String(line['url'])
    for (const given of [{}, { resource: 'SIM-site-9' }]) {
      await expect(measureAt(address, given)).rejects.toMatchObject({
        code: 'malformed',
        message: expect.stringContaining('SIM-site-1, SIM-site-2, SIM-site-3'),
      })
    }
    const measured = await measureAt(address, { resource: 'SIM-site-2' })
    expect(measured.source).toBe('grid:openadr:127.0.0.1-sim-0001-sim-site-2')
  })

  test('that hides its list of VENs knows the client by its id', async () => {
    const { source } = await measure(['--misbehave', 'hidden-vens'])
    expect(source).toBe('grid:openadr:127.0.0.1-sim-client')
  })

  test('forces its mark', async () => {
    const { line } = await startDevice('openadr-vtn', '--serial', 'meter-7')
    expect(line).toMatchObject({ serial: 'SIM-meter-7', simulated: true })
  })
})

describe('a server', () => {
  test('that plans limits for a week is evidence by what is in force of it', async () => {
    const start = new Date(Date.now() - 3_600_000).toISOString()
    const halfHours = Array.from({ length: 336 }, (_, id) => ({
      id,
      payloads: [{ type: 'IMPORT_CAPACITY_LIMIT', values: [id + 1] }],
    }))
    const whole = objectsOf(
      {
        venName: 'meter-7',
        programName: 'Capacity',
        resources: [],
        agreement: { limit: 1, units: 'KW' },
        prices: 0,
      },
      'neighbour',
    )
    const events = whole.events.map((event) => ({
      ...event,
      intervalPeriod: { start, duration: 'PT30M' },
      intervals: halfHours,
    }))
    const measured = await measureAt(await serve({}, { objects: () => ({ ...whole, events }) }))
    expect(measured.fields).toEqual({ allocated: 3_000 })
    const told = new TextDecoder().decode(measured.transcript)
    expect(told).toContain('"intervals":[{"id":2,')
    expect(told).toContain('"intervalsLeftOut":335')
  })

  test('whose program alone says that it is a simulator is one', async () => {
    const plain = await measureAt(await serve({}))
    expect(plain).toMatchObject({ source: 'grid:openadr:127.0.0.1-meter-7', simulated: false })
    const marked = await measureAt(await serve({ programName: 'SIM-capacity' }))
    expect(marked).toMatchObject({ source: 'grid:openadr:127.0.0.1-meter-7', simulated: true })
  })

  test('to whom the secret is wrong is source-unavailable', async () => {
    const measuring = measureAt(await serve({}), {
      client: { clientId: 'sim-client', clientSecret: 'another' },
    })
    await expect(measuring).rejects.toMatchObject({
      code: 'source-unavailable',
      message: expect.stringContaining('does not know this client (HTTP 401)'),
    })
  })

  test('of other sites’ events tells those of the site that is meant', async () => {
    const objects = () => {
      const whole = objectsOf(
        {
          venName: 'meter-7',
          programName: 'Capacity',
          resources: ['attic', 'cellar'],
          agreement: { subscription: 10, units: 'KW' },
          prices: 0,
        },
        'neighbour',
      )
      const events = whole.events.map((event) => ({ ...event, targets: ['cellar', 'meter-7'] }))
      const resources = whole.resources.map((each) => ({ ...each, targets: null }))
      const visible = resources.map((each) => ({ ...each, targets: [] }))
      return { ...whole, events, resources: visible }
    }
    const address = await serve({}, { objects })
    const cellar = await measureAt(address, { resource: 'cellar' })
    expect(cellar.fields).toEqual({ allocated: 10_000 })
    await expect(measureAt(address, { resource: 'attic' })).rejects.toMatchObject({
      code: 'source-unavailable',
    })
  })

  test('is never sent a secret by way of a redirect', async () => {
    let asked = 0
    const thief = createServer((_request, response) => {
      asked += 1
      response.end('{}')
    })
    thief.listen(0, '127.0.0.1')
    toStop.push(() => once(thief.close(), 'close'))
    await once(thief, 'listening')
    const { port } = thief.address() as { port: number }
    const server = createServer((_request, response) => {
      response.writeHead(307, { location: `http://127.0.0.1:${port}/auth/token` }).end()
    })
    server.listen(0, '127.0.0.1')
    toStop.push(() => once(server.close(), 'close'))
    await once(server, 'listening')
    const own = server.address() as { port: number }
    await expect(measureAt(`http://127.0.0.1:${own.port}`)).rejects.toMatchObject({
      code: 'source-nonsense',
      message: expect.stringContaining('leads elsewhere'),
    })
    expect(asked).toBe(0)
  })
})

describe('a server over TLS', () => {
  test('is asked where its certificate is trusted, and else never told a secret', async () => {
    const { key, cert } = selfSigned()
    const customer: Customer = {
      venName: 'meter-7',
      programName: 'Capacity',
      resources: [],
      agreement: { subscription: 17.25, units: 'KW' },
      prices: 0,
    }
    const plain = createVtn({
      clientId: 'sim-client',
      clientSecret: 'sim-secret',
      target: 'meter-7',
      objects: () => objectsOf(customer, 'neighbour'),
      misbehave: 'none',
    })
    let asked = 0
    const server = createSecureServer({ key, cert }, (request, response) => {
      asked += 1
      plain.emit('request', request, response)
    })
    server.listen(0, '127.0.0.1')
    toStop.push(() => once(server.close(), 'close'))
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const address = `https://127.0.0.1:${port}${basePath}`
    await expect(measureAt(address)).rejects.toMatchObject({
      code: 'bad-signature',
      message: expect.stringContaining('No root known here vouches for what answers'),
    })
    expect(asked).toBe(0)
    setDefaultCACertificates([...getCACertificates('default'), cert])
    expect((await measureAt(address)).fields).toEqual({ allocated: 17_250 })
  })
})

test('a witness asks nobody else than the server that it was shown', () => {
  const { witnessed } = openadrKind
  const told = (url: string, host: string, port: number) =>
    witnessed?.again({
      version: 1,
      method: 'openadr-3.1-tls',
      endpoint: { url, host, port },
      startedAt: 1,
      finishedAt: 2,
      exchanges: [],
      reading: { resource: null },
    })
  const openadr = 'https://vtn.example/openadr3/'
  expect(told(openadr, 'vtn.example', 443)).toEqual({ openadr })
  for (const [host, port] of [['vtn.example', 8443] as const, ['127.0.0.1', 443] as const]) {
    expect(told(openadr, host, port)).toBeUndefined()
  }
  expect(told('http://vtn.example/', 'vtn.example', 80)).toBeUndefined()
  expect(told('no address', 'vtn.example', 443)).toBeUndefined()
})

describe('an address', () => {
  const given = { clientId: 'me', clientSecret: 'x' }
  const opening =
    (openadr: string, more: object = given) =>
    () =>
      openadrKind.open('grid', { openadr, ...more }, meterContext())
  test.each([
    'ftp://vtn',
    'vtn.example.org',
    'http://me:x@vtn/',
    'http://vtn/?a=1',
    'http://vtn/#a',
  ])('%s is refused', (address) => expect(opening(address)).toThrow('is no address'))
  test.each(['http://vtn', 'https://vtn.example.org/openadr3/3.1.0/'])('%s is taken', (address) => {
    expect(opening(address)).not.toThrow()
  })
  test.each([{ clientId: 'me' }, { clientSecret: 'x' }])('with %o alone is refused', (more) => {
    expect(opening('http://vtn', more)).toThrow('--client-id and --client-secret-file')
  })
})
