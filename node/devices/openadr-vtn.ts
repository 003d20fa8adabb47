/**
 * A simulated grid operator: a program of its own that serves OpenADR 3.1 to one customer, over
 * HTTP, or HTTPS with the certificate that it is given. Its names of VEN, sites and programs begin
 * with `SIM-`.
 */
import assert from 'node:assert/strict'
import { parseArgs } from 'node:util'
import {
  announce,
  deviceFlags,
  fail,
  numberOf,
  oneOf,
  optionalNumberOf,
  readDeviceFlags,
  runDevice,
} from './device-flags.ts'
import { objectsOf, type Agreement } from './openadr-objects.ts'
import { readTlsFlags, tlsFlags } from './tls-front.ts'
import { basePath, createVtn, serverMisbehaviours } from './openadr-server.ts'

const usage = `Usage: openadr-vtn [--host 127.0.0.1] [--port 0] [--serial SIM-0001]
  [--client-id sim-client] [--client-secret sim-secret] [--subscription 10] [--reservation KW]
  [--limit KW] [--units KW|W] [--sites 1] [--prices 0]
  [--tls-certificate FILE --tls-key FILE]
  [--ahead-seconds 0] [--since MS] [--attached]
  [--misbehave ${serverMisbehaviours.join('|')}|
               no-units|negative|text|nothing|no-serial]`

const misbehaviours = [
  ...serverMisbehaviours,
  'no-units',
  'negative',
  'text',
  'nothing',
  'no-serial',
] as const
type Misbehaviour = (typeof misbehaviours)[number]

/** A VEN has a name of 128 characters at most. */
const serialLengthMax = 100
const sitesMax = 60

const optional = (name: string, text: string | undefined): number | undefined =>
  optionalNumberOf(name, text, 0, 1e6)

function readFlags() {
  const { values } = parseArgs({
    options: {
      ...deviceFlags,
      ...tlsFlags,
      'client-id': { type: 'string', default: 'sim-client' },
      'client-secret': { type: 'string', default: 'sim-secret' },
      subscription: { type: 'string', default: '10' },
      reservation: { type: 'string' },
      limit: { type: 'string' },
      units: { type: 'string', default: 'KW' },
      sites: { type: 'string', default: '1' },
      prices: { type: 'string', default: '0' },
    },
  })
  return {
    ...readDeviceFlags(values, misbehaviours, serialLengthMax),
    tls: readTlsFlags(values),
    clientId: values['client-id'],
    clientSecret: values['client-secret'],
    subscription: numberOf('subscription', values.subscription, 0, 1e6),
    reservation: optional('reservation', values.reservation),
    limit: optional('limit', values.limit),
    units: oneOf('units', values.units, ['KW', 'W']),
    sites: numberOf('sites', values.sites, 0, sitesMax),
    prices: numberOf('prices', values.prices, 0, 10_000),
  }
}

type Settings = ReturnType<typeof readFlags>

function agreementOf(settings: Settings): Agreement {
  const { subscription, reservation, limit, units, misbehave } = settings
  switch (misbehave) {
    case 'nothing':
      return { units }
    case 'negative':
      return { subscription: -subscription, units }
    case 'text':
      // What JSON takes and no number is.
      return { subscription: 'much' as unknown as number, units }
    default:
      return {
        subscription,
        ...(reservation === undefined ? {} : { reservation }),
        ...(limit === undefined ? {} : { limit }),
        units: misbehave === 'no-units' ? null : units,
      }
  }
}

const ofServer = (misbehave: Misbehaviour) =>
  serverMisbehaviours.find((each) => each === misbehave) ?? 'none'

function serve(settings: Settings): void {
  const { host, port, serial, clientId, clientSecret, sites, prices, misbehave, tls, clock } =
    settings
  const venName = misbehave === 'no-serial' ? '0' : serial
  const customer = {
    venName,
    programName: 'SIM-capacity',
    resources: Array.from({ length: sites }, (_, number) => `SIM-site-${number + 1}`),
    agreement: agreementOf(settings),
    prices,
  }
  const objects = () => objectsOf(customer, 'SIM-neighbour')
  const server = createVtn({
    now: () => clock.now(),
    clientId,
    clientSecret,
    target: venName,
    objects,
    misbehave: ofServer(misbehave),
    tls,
  })
  server.on('error', (error) => fail(`Cannot listen: ${error.message}`, 1))
  server.listen(port, host, () => {
    const address = server.address()
    assert(address !== null && typeof address === 'object')
    const listening = { host, port: address.port }
    const url = `${tls === undefined ? 'http' : 'https'}://${host}:${address.port}${basePath}`
    announce(
      `grid operator of ${serial} at ${url}`,
      { listening, url, serial, clientId, misbehave },
      (closed) => {
        server.closeAllConnections()
        server.close(closed)
      },
    )
  })
}

runDevice(usage, () => serve(readFlags()))
