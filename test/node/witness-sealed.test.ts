import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { certify } from '../../node/devices/certificates.ts'
import { stopDevices, type DeviceProcess } from '../support/device-process.ts'
import { eventually } from '../support/real-node.ts'
import { alteringRegisters, SealedDevices } from '../support/sealed-device.ts'
import {
  eventAbout,
  levelSeen,
  misleadTunnels,
  passTo,
  prove,
  quickLooks,
  WitnessWorld,
} from '../support/witness-world.ts'

const serial = 'SIM-0001'
const maker = certify('Maker of inverters', null, null)
const known = certify('Inverter', serial, maker)
const stranger = certify('Inverter', serial, certify('Nobody', null, null))

let files: SealedDevices
beforeAll(async () => {
  files = await SealedDevices.of({ maker, known, stranger })
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

const startSealed = (name: string, ...flags: readonly string[]): Promise<DeviceProcess> =>
  files.start(name, serial, ...flags)

/** A claimant and two witnesses that believe the maker; the claimant relays what it cannot see. */
async function startThree() {
  const devices = { makers: [files.certificate('maker')] }
  const sage = await world.add('sage', { witness: { ...quickLooks, relaySealed: true } })
  const oak = await world.add('oak', { devices })
  const elm = await world.add('elm', { devices })
  await world.meet()
  return { sage, oak, elm }
}

const proveAt = (sage: Parameters<typeof prove>[0], port: number) =>
  prove(sage, { type: 'solar', sunspec: `127.0.0.1:${port}`, tls: true })

describe('a device that speaks TLS, seen through the claimant’s node (C13, C15)', () => {
  test('whose maker vouches for its key reaches level 4', async () => {
    const { port } = await startSealed('known')
    const { sage, oak } = await startThree()
    const proof = await proveAt(sage, port)
    await eventually('level 4', () => levelSeen(oak, sage) === 4)
    const said = await eventAbout(oak, 'witness-looked', proof)
    expect(said).toMatchObject({ verdict: true, level: 4, path: 'sealed' })
  })

  test('with a key that nobody vouches for is the claimant’s word once more', async () => {
    const { port } = await startSealed('stranger')
    const { sage, oak } = await startThree()
    const proof = await proveAt(sage, port)
    const said = await eventAbout(oak, 'witness-looked', proof)
    expect(said).toMatchObject({ verdict: true, level: 1, path: 'relayed' })
    expect(levelSeen(oak, sage)).toBe(1)
  })

  test('cannot be altered on the way: bad-signature, and no word', async () => {
    const { port } = await startSealed('known')
    const { sage, oak } = await startThree()
    await misleadTunnels(sage, passTo(port, alteringRegisters))
    const proof = await proveAt(sage, port)
    const said = await eventAbout(oak, 'witness-looked', proof)
    expect(said).toMatchObject({ record: null, code: 'bad-signature' })
    expect(await eventAbout(sage, 'witness-refused', proof)).toMatchObject({
      code: 'bad-signature',
    })
    expect(levelSeen(oak, sage)).toBe(1)
  })

  test('that is replaced on the way by one with another key is not believed', async () => {
    const [real, fake] = await Promise.all([
      startSealed('known'),
      startSealed('stranger', '--watts', '4900'),
    ])
    const { sage, oak } = await startThree()
    await misleadTunnels(sage, passTo(fake.port))
    const proof = await proveAt(sage, real.port)
    const said = await eventAbout(oak, 'witness-looked', proof)
    expect(said).toMatchObject({ level: 1, path: 'relayed' })
    expect(levelSeen(oak, sage)).toBe(1)
  })

  test('with the certificate of another one is nonsense', async () => {
    const { port } = await startSealed('known', '--serial', 'SIM-0002')
    const { sage, oak } = await startThree()
    const proof = await proveAt(sage, port)
    const said = await eventAbout(oak, 'witness-looked', proof)
    expect(said).toMatchObject({ record: null, code: 'source-nonsense' })
  })

  test('is not reached where the claimant’s operator has not said that it may', async () => {
    const { port } = await startSealed('known')
    const sage = await world.add('sage')
    const oak = await world.add('oak')
    await world.meet()
    const proof = await proveAt(sage, port)
    const said = await eventAbout(oak, 'witness-looked', proof)
    expect(said).toMatchObject({ record: null, code: 'not-authorised' })
  })
})
