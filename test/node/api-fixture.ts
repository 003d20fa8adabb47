import { nodeIdentityOf } from '../../node/simulate/simulated-keys.ts'
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { Readable } from 'node:stream'
import { Type, type TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { expect, vi } from 'vitest'
import type { ApiOptions } from '../../node/api/context.ts'
import { apiLimits, type ApiLimits } from '../../node/api/limits.ts'
import { routes } from '../../node/api/routes/all.ts'
import { createApi, type Api } from '../../node/api/server.ts'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { meterFor, type MeasureRequest } from '../../node/meters/meters.ts'
import type { PeerDetails } from '../../node/network/connections.ts'
import { systemClock, systemRandom } from '../../node/system-clock.ts'
import { isTestFederation } from '../../protocol/index.ts'
import {
  createMemoryStore,
  Replica,
  type Documents,
  type Measurement,
  type Signer,
} from '../../src/index.ts'
import { MemoryHub, type MemoryNetwork } from '../support/memory-network.ts'
import { meterContext } from '../support/meter-context.ts'
import { silentLog } from '../../node/silent-log.ts'

/** The bearer token of every API made here. */
export const token: string = 'ab'.repeat(32)

/** The token of who may only read there. */
export const readToken: string = '5e'.repeat(32)

/** Source id that the stand-in for a meter measures. */
export const measuredSource = 'solar:sunspec:acme-sim-0001'

function newSigner(): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)
  return {
    publicKey: new Uint8Array(raw),
    sign: (message) => new Uint8Array(sign(null, message, privateKey)),
  }
}

const noDocuments: Documents = {
  build: () => Promise.reject(new TypeError('not asked for here')),
  read: () => Promise.reject(new TypeError('not asked for here')),
  close: async () => {},
}

const easyVouches = { vouchInteractions: 0, vouchBondDays: 0, vouchTrust: 0 }
/** What a federation named test-... alone may have. */
const easyPolicy = { admission: 'open', minimumOccupancy: 0, ...easyVouches } as const

/** A society of a test: a real replica on a store in memory and a network in memory. */
export type Society = { readonly replica: Replica; readonly network: MemoryNetwork }

/** Founds a society and connects it with the others of the hub. */
export async function foundSociety(
  hub: MemoryHub,
  name: string,
  adp: string = '0',
  federation: string = 'test-api',
): Promise<Society> {
  const identity = nodeIdentityOf(name)
  const network = hub.join(identity.peerId, identity)
  const replica = await Replica.open({
    store: createMemoryStore(),
    network,
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    verifier: createVerifier(),
    signer: newSigner(),
    documents: noDocuments,
    sha256: (bytes) => createHash('sha256').update(bytes).digest('hex'),
    founding: {
      name,
      federation,
      adp,
      policy: isTestFederation(federation) ? easyPolicy : {},
      witnesses: [],
    },
    bootstrapPeers: new Set(),
    manual: false,
    cosign: { worker: 'known', beneficiary: 'ask' },
    timing: { headMs: 60_000, syncMs: 1_000 },
  })
  await replica.start()
  return { replica, network }
}

const solar: MeasureRequest = { type: 'solar', sunspec: '127.0.0.1:502' }

/**
 * A measurement of 300 W at 95 %, as a meter would make it. What cannot be measured is refused as a
 * node refuses it; no device is touched.
 */
export function measurementOf(request: MeasureRequest = solar): Measurement {
  meterFor(request, meterContext())
  return {
    source: measuredSource,
    fields: { rated: 300, degradation: 0.95, output: 120, site: '48.2,16.4' },
    measuredAt: Date.now(),
    method: 'stand-in for a meter',
    transcript: new TextEncoder().encode('{"exchanges":[]}'),
    simulated: true,
  }
}

function detailsOf(network: MemoryNetwork): readonly PeerDetails[] {
  const connected = network.peers().map((peer) => ({
    peer,
    addresses: [`/memory/${peer}`],
    direction: 'outbound' as const,
    since: Date.UTC(2026, 5, 21),
    latencyMs: 1.5,
    points: 0,
    member: true,
  }))
  const absent = { direction: 'none', since: null, lastFailure: 'no answer' } as const
  return [{ peer: 'absent', addresses: [], ...absent, points: 3, member: true }, ...connected]
}

/** An API on a free port of loopback, for a society of a test. */
export function serve(
  { replica, network }: Society,
  changes: Partial<ApiOptions> = {},
  limits: Partial<ApiLimits> = {},
): Promise<Api> {
  const options: ApiOptions = {
    replica,
    network: {
      self: network.self,
      addresses: () => [`/memory/${network.self}`],
      peerDetails: () => detailsOf(network),
      peers: () => network.peers(),
      setBlocked: (peers) => peers.forEach((peer) => network.unlink(peer)),
      counters: () => ({ 'gossip.received': 2, 'gossip.dropped-late': 1 }),
    },
    measure: async (request) => measurementOf(request),
    renewals: { remember: async () => {}, view: () => null, failing: () => [] },
    aheadSeconds: 0,
    timeServers: () => [],
    scrubbed: () => ({ soundAt: null, damage: null }),
    storeBytes: async () => 4_096,
    backup: async () => Readable.from([Buffer.from('a backup')]),
    host: '127.0.0.1',
    port: 0,
    token,
    readToken,
    version: '0.0.0-test',
    log: silentLog,
    startedAt: Date.UTC(2026, 5, 21),
    now: () => Date.now(),
    onStop: () => {},
    ...changes,
  }
  return createApi(options, { ...apiLimits, ...limits })
}

/** An answer, read. */
export type Answered = {
  readonly status: number
  readonly headers: Headers
  readonly body: Readonly<Record<string, unknown>>
}

/** Asks an API for JSON, with the token. */
export async function ask(api: Api, path: string, init: RequestInit = {}): Promise<Answered> {
  const headers = new Headers(init.headers)
  headers.set('authorization', `Bearer ${token}`)
  const answer = await fetch(`${api.url}${path}`, { ...init, headers })
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, body: JSON.parse(text) }
}

/** Posts JSON. */
export function post(api: Api, path: string, body: unknown): Promise<Answered> {
  return ask(api, path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  })
}

/** Checks an answer against the schema that the API publishes for it. */
export function expectDescribed(id: string, { status, body }: Answered): void {
  const answer = routes.find((route) => route.id === id)?.answers.find((a) => a.status === status)
  const schema: TSchema = answer?.schema ?? Type.Never()
  expect({ id, status, wrong: [...Value.Errors(schema, body)] }).toEqual({ id, status, wrong: [] })
}

/** Checks a problem document: status, form and code. */
export function expectProblem({ status, headers, body }: Answered, wanted: number): void {
  expect({ status, body }).toMatchObject({ status: wanted, body: { status: wanted } })
  expect(headers.get('content-type')).toContain('application/problem+json')
  expect(Object.keys(body).sort()).toEqual(
    ['advice', 'code', 'detail', 'record', 'status', 'title', 'type'].sort(),
  )
  expect(JSON.stringify(body)).not.toMatch(/\.ts:\d|node_modules|\\n +at /)
}

/** Waits until a condition holds, at most so many ms. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeout = 20_000,
): Promise<void> {
  const holds = await vi.waitUntil(condition, { timeout, interval: 20 }).catch(() => false)
  expect(holds, what).toBe(true)
}
