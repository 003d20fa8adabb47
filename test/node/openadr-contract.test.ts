import { once } from 'node:events'
import type { Server } from 'node:http'
import { objectsOf } from '../../node/devices/openadr-objects.ts'
import { basePath, createVtn } from '../../node/devices/openadr-server.ts'
import { openadrGrid } from '../../node/meters/openadr/grid.ts'
import { meterContract, type DeviceUnderTest } from '../contracts/meter.ts'
import { absentPort, startRelay, stopRelays } from '../support/counting-relay.ts'
import { startDevice, stopDevices } from '../support/device-process.ts'

const host = '127.0.0.1'
const servers = new Set<Server>()

/** A server that does not say that it is simulated. */
async function unmarkedPort(): Promise<number> {
  const customer = {
    venName: 'meter-7',
    programName: 'Capacity',
    resources: ['cellar'],
    agreement: { subscription: 17.25, units: 'KW' },
    prices: 0,
  }
  const server = createVtn({
    clientId: 'sim-client',
    clientSecret: 'sim-secret',
    target: 'meter-7',
    objects: () => objectsOf(customer, 'neighbour'),
    misbehave: 'none',
  })
  servers.add(server)
  server.listen(0, host)
  await once(server, 'listening')
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function simulatorPort(misbehave: string): Promise<number> {
  return (await startDevice('openadr-vtn', '--misbehave', misbehave)).port
}

const places: Readonly<Record<string, () => Promise<number>>> = {
  absent: absentPort,
  sound: () => simulatorPort('none'),
  unmarked: unmarkedPort,
}

/** Requests in what a client has sent: every one begins with a line of its own. */
const requestsIn = (bytes: Buffer): number =>
  bytes.toString('latin1').match(/(?:GET|POST) \S+ HTTP\/1\.1\r\n/g)?.length ?? 0

meterContract('OpenADR 3.1, grid', {
  type: 'grid',
  scheme: 'openadr',
  fields: { allocated: 10_000 },
  async start(behaviour): Promise<DeviceUnderTest> {
    const target = await (places[behaviour]?.() ?? simulatorPort(behaviour))
    const relay = behaviour === 'absent' ? undefined : await startRelay(target)
    const url = new URL(`http://${host}:${relay?.port ?? target}${basePath}/`)
    const client = { clientId: 'sim-client', clientSecret: 'sim-secret' } as const
    return {
      meter: ({ patienceMs, ...settings }) =>
        openadrGrid({
          url,
          client,
          ...settings,
          timeoutMs: patienceMs,
          answerTimeoutMs: patienceMs / 1.5,
        }),
      ...(relay === undefined ? {} : { asked: () => requestsIn(relay.sent()) }),
    }
  },
  async dispose() {
    await stopRelays()
    for (const server of servers) server.closeAllConnections()
    const closed = [...servers].map((server) => once(server.close(), 'close'))
    servers.clear()
    await Promise.all(closed)
    await stopDevices()
  },
  unavailable: [
    ['close', 'the connection broke'],
    ['unknown-client', 'does not know this client'],
    ['expired-token', 'does not take its own token'],
    ['hidden-events', 'does not let this client see /events'],
    ['busy', 'cannot answer now (HTTP 503)'],
    ['nothing', 'tells of no capacity'],
  ],
  nonsense: [
    ['not-json', 'is no JSON'],
    ['another-form', 'is of another form'],
    ['huge', 'with more than'],
    ['endless', 'events for this client'],
    ['redirect', 'leads elsewhere'],
    ['elsewhere-token', 'to somebody else in the clear'],
    ['no-units', 'does not say in which unit'],
    ['negative', 'which no site has'],
    ['text', 'which no site has'],
  ],
  nameless: [['no-serial', 'is a placeholder']],
})
