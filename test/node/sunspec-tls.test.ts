import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { tlsFailure, type DeviceTls } from '../../node/meters/device-tls.ts'
import { measureNow } from '../../node/meters/meters.ts'
import { solarProfile } from '../../node/meters/sunspec/generator.ts'
import { sunspecMeter } from '../../node/meters/sunspec/meter.ts'
import { certify, type Identity } from '../../node/devices/certificates.ts'
import { startDevice, stopDevices } from '../support/device-process.ts'
import { listen, stopServers } from '../support/loopback.ts'

const serial = 'SIM-0001'
const maker = certify('Maker of inverters', null, null)
const device = certify('Inverter', serial, maker)
const clients = certify('Who may ask', null, null)
const client = certify('Our node', null, clients)
const stranger = certify('Their node', null, certify('Somebody', null, null))

let files: string
const fileOf = (name: string): string => join(files, `${name}.pem`)

beforeAll(async () => {
  files = await mkdtemp(join(tmpdir(), 'society-test-tls-'))
  const write = async (name: string, { certificate, keyPem }: Identity): Promise<void> => {
    await writeFile(fileOf(name), certificate)
    await writeFile(fileOf(`${name}-key`), keyPem)
  }
  await write('device', device)
  await write('clients', clients)
})
afterAll(() => rm(files, { recursive: true, force: true }))
afterEach(async () => {
  await stopDevices()
  await stopServers()
})

async function startSealed(...flags: readonly string[]): Promise<number> {
  const tls = ['--tls-certificate', fileOf('device'), '--tls-key', fileOf('device-key')]
  return (await startDevice('sunspec-inverter', '--serial', serial, ...tls, ...flags)).port
}

const measure = (port: number, tls: DeviceTls) =>
  measureNow(
    { type: 'solar', sunspec: `127.0.0.1:${port}`, tls: true },
    { now: Date.now, tls },
    10_000,
  )

const readingOf = (transcript: Uint8Array): object =>
  (JSON.parse(new TextDecoder().decode(transcript)) as { reading: object }).reading

test.each([
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'source-nonsense'],
  ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'source-unavailable'],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'source-unavailable'],
  ['ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC', 'bad-signature'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'bad-signature'],
  ['ECONNRESET', undefined],
])('%s means %s', (code, expected) => {
  expect(tlsFailure('192.0.2.7:802', Object.assign(new TypeError('x'), { code }))?.code).toBe(
    expected,
  )
})

describe('an inverter that speaks TLS', () => {
  test('is measured, and shows whose key it has', async () => {
    const port = await startSealed()
    const measured = await measure(port, { makers: [maker.certificate] })
    expect(measured).toMatchObject({ isRooted: true, fields: { rated: 5_000 } })
    const certificate = { serialNumber: serial, isSigned: true }
    expect(readingOf(measured.transcript)).toMatchObject({ certificate })
  })

  test.each<[string, readonly string[]]>([
    ['nobody', []],
    ['another maker', [clients.certificate]],
  ])('is measured though %s vouches for its key, and does not say so', async (_, makers) => {
    const measured = await measure(await startSealed(), { makers })
    expect(measured.isRooted).toBeUndefined()
    expect(readingOf(measured.transcript)).toMatchObject({ certificate: { isSigned: false } })
  })

  test('may ask for a certificate of ours', async () => {
    const port = await startSealed('--tls-clients', fileOf('clients'))
    const shown = (identity: Identity | undefined): DeviceTls => ({
      makers: [],
      ...(identity && { certificate: identity.certificate, key: identity.keyPem }),
    })
    expect(await measure(port, shown(client))).toMatchObject({ fields: { rated: 5_000 } })
    for (const identity of [undefined, stranger]) {
      const refused = measure(port, shown(identity))
      // The alert and the end of the connection come as they like.
      await expect(refused).rejects.toThrow('certificate')
    }
  })

  test('is told apart from one that does not, and from what is something else', async () => {
    const { port } = await startDevice('sunspec-inverter')
    await expect(measure(port, { makers: [] })).rejects.toThrow('answers no TLS')
    const talker = await listen(
      createServer((socket) => socket.on('error', () => undefined).end('HTTP/1.1 400 No\r\n\r\n')),
    )
    const refused = measure(talker, { makers: [] })
    await expect(refused).rejects.toMatchObject({ code: 'source-nonsense' })
  })

  test.each([
    ['never shakes hands', (): void => undefined],
    ['hangs up at once', (socket: { destroy: () => void }): void => socket.destroy()],
  ])('that %s is unavailable in time', async (_, answer) => {
    const port = await listen(createServer((socket) => answer(socket.on('error', () => undefined))))
    const options = { host: '127.0.0.1', port, now: Date.now, tls: { makers: [] }, timeoutMs: 400 }
    const meter = sunspecMeter(solarProfile, options)
    const measuring = meter.measure(new AbortController().signal)
    await expect(measuring).rejects.toMatchObject({ code: 'source-unavailable' })
  })
})
