import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { certify } from '../../node/devices/certificates.ts'
import { fetchPass, openVtn } from '../../node/meters/openadr/vtn-client.ts'
import type { Measurement } from '../../src/index.ts'
import { measureNow, type MeasureRequest } from '../../node/meters/meters.ts'
import type { RunningNode } from '../../node/start.ts'
import { startDevice, stopDevices } from '../support/device-process.ts'
import { eventually } from '../support/real-node.ts'
import { SealedDevices } from '../support/sealed-device.ts'
import {
  eventAbout,
  levelSeen,
  misleadTunnels,
  passTo,
  quickLooks,
  WitnessWorld,
} from '../support/witness-world.ts'

const authority = certify('Authority of grid operators', null, null)
const known = certify('Grid operator', null, authority, '127.0.0.1')
const named = certify('Grid operator', null, authority, 'vtn.example.org')
const stranger = certify('Grid operator', null, certify('Nobody', null, null), '127.0.0.1')

let files: SealedDevices
beforeAll(async () => {
  files = await SealedDevices.of({ authority, known, named, stranger })
})
afterAll(() => files.remove())

let world: WitnessWorld
beforeEach(() => {
  world = new WitnessWorld()
})
afterEach(async () => {
  await world.end()
  await stopDevices()
})

const tls = { makers: [authority.certificate] }

const startOperator = (name: string, ...flags: readonly string[]) =>
  startDevice('openadr-vtn', ...files.flags(name), ...flags)

const client = { clientId: 'sim-client', clientSecret: 'sim-secret' } as const

/** A claimant that relays what it cannot see, and two witnesses with a section of their own. */
async function startThree(witness: object = quickLooks) {
  const devices = { makers: [files.certificate('authority')] }
  const sage = await world.add('sage', { witness: { ...quickLooks, relaySealed: true }, devices })
  const oak = await world.add('oak', { devices, witness })
  const elm = await world.add('elm', { devices, witness })
  await world.meet()
  return { sage, oak, elm }
}

/** Proves what a server says, after changing it. */
async function proveAt(
  { replica }: RunningNode,
  line: Readonly<Record<string, unknown>>,
  change: (measured: Measurement) => Measurement = (measured) => measured,
) {
  const request: MeasureRequest = { type: 'grid', openadr: String(line['url']), ...client }
  return replica.prove(change(await measureNow(request, { now: Date.now, tls }, 10_000)))
}

describe('a grid operator that a witness asks itself (C13, C16, C20)', () => {
  test.each([
    ['direct', { ...quickLooks, allow: ['127.0.0.0/8:*'] }],
    ['sealed', quickLooks],
  ])('%s reaches level 2, with a token that the claimant hands over', async (path, witness) => {
    const { line } = await startOperator('known', '--sites', '2', '--serial', 'SIM-9')
    const { sage, oak, elm } = await startThree(witness)
    const url = String(line['url'])
    const request = { type: 'grid', openadr: url, ...client, resource: 'SIM-site-2' } as const
    const measured = await measureNow(request, { now: Date.now, tls }, 10_000)
    expect(measured.source).toBe('grid:openadr:127.0.0.1-sim-9-sim-site-2')
    const proof = await sage.replica.prove(measured)
    await eventually('level 2', () => [sage, oak, elm].every((node) => levelSeen(node, sage) === 2))
    const said = await eventAbout(oak, 'witness-looked', proof)
    expect(said).toMatchObject({ verdict: true, level: 2, path })
    const { self } = oak.replica
    const [told] = await oak.replica.records({ society: self, kind: 'energy.evidence' })
    const text = Buffer.from(String(told?.fields['transcript']), 'hex').toString()
    expect(text).toContain('IMPORT_CAPACITY_SUBSCRIPTION')
    expect(text).not.toMatch(/sim-secret|Bearer|access_token|auth\/token/)
  })

  test('is asked after a restart too, as soon as the claimant has a token again', async () => {
    const { line } = await startOperator('known')
    const { sage, oak, elm } = await startThree()
    const request: MeasureRequest = { type: 'grid', openadr: String(line['url']), ...client }
    const measured = await measureNow(request, { now: Date.now, tls }, 10_000)
    const lead = Promise.withResolvers<void>()
    // No witness gets anywhere until then.
    await misleadTunnels(sage, (witness) => void lead.promise.then(() => witness.destroy()))
    const proof = await sage.replica.prove(measured)
    const again = await world.restartFirst({})
    lead.resolve()
    // Without a token, or before a witness is connected again: whichever comes first.
    const { code } = await eventAbout(again, 'witness-refused', proof)
    expect(['source-unavailable', 'peer-unavailable']).toContain(code)
    await eventually('connections', () => again.network.peers().length === 2)
    // What the node does by itself, some 15 to 30 s after its start.
    again.replica.seenAgain(await measureNow(request, { now: Date.now, tls }, 10_000))
    await eventually('level 2', () =>
      [again, oak, elm].every((node) => levelSeen(node, again) === 2),
    )
  })

  test('that allows less than the proof says is a no', async () => {
    const { line } = await startOperator('known')
    const { sage, oak } = await startThree()
    const proof = await proveAt(sage, line, (measured) => ({
      ...measured,
      fields: { allocated: 20_000 },
    }))
    const said = await eventAbout(oak, 'witness-looked', proof)
    expect(said).toMatchObject({ verdict: false, reason: 'it can give 10000 W, not 20000 W' })
  })

  test.each(['stranger', 'named'])('that is another one on the way, %s, is none', async (name) => {
    const [real, fake] = await Promise.all([startOperator('known'), startOperator(name)])
    const { sage, oak } = await startThree()
    await misleadTunnels(sage, passTo(fake.port))
    const proof = await proveAt(sage, real.line)
    const said = await eventAbout(oak, 'witness-looked', proof)
    expect(said).toMatchObject({ record: null, code: 'bad-signature' })
    expect(levelSeen(oak, sage)).toBe(1)
  })

  test.each([
    ['wide-token', 'no token that reads alone (write_reports, write_subscriptions)'],
    ['long-token', 'no token that ends within the hour'],
  ])('whose server gives a %s is asked by nobody else', async (misbehave, words) => {
    const { line } = await startOperator('known', '--misbehave', misbehave)
    const { sage, oak } = await startThree()
    const proof = await proveAt(sage, line)
    const said = await eventAbout(oak, 'witness-looked', proof)
    const message = expect.stringContaining(words)
    expect(said).toMatchObject({ record: null, code: 'not-authorised', message })
  })
})

test('a token that is handed over reads and cannot write', async () => {
  const { line } = await startDevice('openadr-vtn')
  const url = new URL(`${String(line['url'])}/`)
  const options = { url, client, answerTimeoutMs: 5_000, signal: AbortSignal.timeout(5_000) }
  const pass = await fetchPass(options)
  const token = async (): Promise<string> => pass
  expect(await (await openVtn({ ...options, client: { token } })).list('events', {})).toHaveLength(
    1,
  )
  const report = (authorization: string) =>
    fetch(`${url.href}reports`, { method: 'POST', headers: { authorization }, body: '{}' })
  expect((await report(`Bearer ${pass}`)).status).toBe(403)
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: client.clientId,
    client_secret: client.clientSecret,
  })
  const given = await fetch(`${url.href}auth/token`, { method: 'POST', body: form })
  const { access_token: own } = (await given.json()) as { access_token: string }
  expect((await report(`Bearer ${own}`)).status).toBe(201)
  expect((await report('Bearer none')).status).toBe(401)
  form.set('scope', 'read_all')
  expect((await fetch(`${url.href}auth/token`, { method: 'POST', body: form })).status).toBe(400)
})
