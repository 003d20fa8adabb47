import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { measureNow, type MeasureRequest } from '../../node/meters/meters.ts'
import { World } from '../../node/simulate/world.ts'
import type { RunningNode } from '../../node/start.ts'
import { protocols } from '../../src/index.ts'
import type { RecordId } from '../../protocol/index.ts'
import type { BackingView, Measurement } from '../../src/index.ts'
import { codeOf } from '../support/backing-world.ts'
import { certify } from '../../node/devices/certificates.ts'
import { startRelay, stopRelays } from '../support/counting-relay.ts'
import { startDevice, stopDevices } from '../support/device-process.ts'
import { eventually } from '../support/real-node.ts'
import { alteringRegisters, SealedDevices } from '../support/sealed-device.ts'
import { GpuExporters } from '../support/gpu-exporters.ts'
import { askingAlone, makeHandsWorld, measureHands } from '../support/hands-world.ts'
import { silentLog } from '../../node/silent-log.ts'
import { partOf, rowsUnder } from '../support/specification.ts'
import {
  eventAbout,
  levelSeen,
  misleadTunnels,
  passTo,
  quickLooks,
  WitnessWorld,
} from '../support/witness-world.ts'

/** What somebody tries, the code that it ends with, and trying it. */
type Attempt = readonly [attempt: string, code: string, make: () => Promise<string>]

const day = 86_400_000
const verifier = createVerifier()
const panels = 'solar:test:roof'
const encoded = (told: object): Uint8Array => new TextEncoder().encode(JSON.stringify(told))

/** Societies on the real rules under a virtual clock, at noon of a day in June. */
async function simulated() {
  const startMs = Date.UTC(2026, 5, 21, 12)
  const parts = { startMs, seed: 1, verifier, log: silentLog, localSigners: new Map() }
  const world = new World({ ...parts, lawless: new Set(['liar']) })
  for (const name of ['sage', 'oak', 'liar']) {
    const policy = { admission: 'open', minimumOccupancy: 0 }
    const founding = { name, federation: 'test-attempts', adp: 1000, policy, witnesses: [] }
    await world.add(name, founding, false)
  }
  const write = (by: string, kind: string, given: object): Promise<RecordId> =>
    world.settled(world.replica(by).write(kind, given))
  /** Signs what it says to have measured. */
  const prove = (
    by: string,
    source: string,
    told: Partial<Measurement> = {},
  ): Promise<RecordId> => {
    const measuredAt = world.clock.now()
    const transcript = encoded({ source, by, measuredAt })
    const measured = { source, measuredAt, method: 'test', transcript, simulated: false }
    return world.settled(world.replica(by).prove({ ...measured, fields: { rated: 300 }, ...told }))
  }
  return { world, write, prove }
}

/** The code of what a backing counts as not proven. */
const problemOf = ({ proven, problems }: BackingView): string =>
  proven === 0 ? (problems[0]?.code ?? 'none') : 'none'

const atMidnight = { fields: { rated: 300, output: 250, site: '52.4,-175' } }

const signed: readonly Attempt[] = [
  [
    'an invented serial number, claimed by hand, and ATP charged on it',
    'unverified-source',
    async () => {
      const { write } = await simulated()
      const source = 'solar:sunspec:acme-4711'
      await write('sage', 'energy.prove', { source, rated: 300 })
      return codeOf(write('sage', 'atp.charge', { amount: 1, source }))
    },
  ],
  [
    'one device in two societies',
    'source-claimed',
    async () => {
      const { prove } = await simulated()
      await prove('sage', panels)
      return codeOf(prove('oak', panels))
    },
  ],
  [
    'one device in two societies, by another spelling of its name',
    'invalid-source',
    async () => {
      const { prove } = await simulated()
      await prove('sage', panels)
      return codeOf(prove('oak', 'solar:test:Roof'))
    },
  ],
  [
    'one device in two societies, by another scheme, with the other’s measurement',
    'implausible-proof',
    async () => {
      const { prove } = await simulated()
      const transcript = encoded({ of: 'one device' })
      await prove('sage', panels, { transcript })
      return codeOf(prove('oak', 'solar:other:roof', { transcript }))
    },
  ],
  [
    'one device by two schemes, measured anew each time: its counter gives it away',
    'implausible-proof',
    async () => {
      const { world, prove } = await simulated()
      const readings = [5_000, 5_150, 5_300].map((wattHours) => ({ lifetimeWattHours: wattHours }))
      const ends: string[] = []
      for (const [i, reading] of readings.entries()) {
        const told = (of: string) => ({ transcript: encoded({ of, reading }) })
        await prove('sage', panels, told('one'))
        ends.push(await codeOf(prove('sage', 'solar:other:roof', told('other'))))
        if (i < 2) await world.advance(3_600_000)
      }
      expect(ends.slice(0, 2)).toEqual(['none', 'none'])
      return ends.at(-1) ?? ''
    },
  ],
  [
    'one device in two societies that a partition keeps apart: neither charges once it heals',
    'source-contested',
    async () => {
      const { world, write, prove } = await simulated()
      world.wires.partition([['sage'], ['oak', 'liar']])
      for (const by of ['sage', 'oak']) {
        await prove(by, panels)
        await write(by, 'atp.charge', { amount: 1, source: panels })
      }
      world.wires.heal()
      await world.advance(2 * 3_600_000)
      const charge = (by: string) => write(by, 'atp.charge', { amount: 1, source: panels })
      expect(await codeOf(charge('oak'))).toBe('source-contested')
      return codeOf(charge('sage'))
    },
  ],
  [
    'an inflated rating of a known model',
    'implausible-proof',
    async () => {
      const { prove } = await simulated()
      const fields = { tdp: 500, model: 'NVIDIA GeForce RTX 4090' }
      return codeOf(prove('sage', 'compute:test:gpu', { fields }))
    },
  ],
  [
    'midnight sun, by an honest program',
    'implausible-proof',
    async () => {
      const { prove } = await simulated()
      return codeOf(prove('sage', panels, atMidnight))
    },
  ],
  [
    'midnight sun, signed by a program of the liar’s own: partners count it as nothing',
    'implausible-proof',
    async () => {
      const { world, write, prove } = await simulated()
      await prove('liar', panels, atMidnight)
      await write('liar', 'atp.charge', { amount: 1, source: panels })
      return problemOf(await world.replica('sage').backing(world.resident('liar').key))
    },
  ],
  [
    'a replayed transcript, of the proof before the last',
    'implausible-proof',
    async () => {
      const { world, prove } = await simulated()
      const first = { transcript: encoded({ of: 'the first day' }) }
      await prove('sage', panels, first)
      await world.advance(day)
      await prove('sage', panels)
      await world.advance(day)
      return codeOf(prove('sage', panels, first))
    },
  ],
  [
    'a proof about to go stale, signed again without measuring',
    'implausible-proof',
    async () => {
      const { world, prove } = await simulated()
      const told = { transcript: encoded({ of: 'the one measurement' }) }
      await prove('sage', panels, told)
      await world.advance(29 * day)
      return codeOf(prove('sage', panels, told))
    },
  ],
  [
    'the same at its true time, once that is too old',
    'proof-stale',
    async () => {
      const { world, prove } = await simulated()
      const measuredAt = world.clock.now()
      await prove('sage', panels)
      await world.advance(30 * day)
      return codeOf(prove('sage', panels, { measuredAt }))
    },
  ],
  [
    'hours by a receipt that one counterparty denies: two witnesses ask',
    'implausible-proof',
    async () => {
      const made = await makeHandsWorld({ witness: askingAlone })
      const { world, work } = made
      for (const employer of ['ada', 'bob', 'cid']) await work('hands', employer, 60)
      const disowned = await work('hands', 'dan', 60)
      await world.settled(world.replica('dan').disown(disowned))
      const hands = await measureHands(made)
      await world.settled(world.replica('hands').prove(hands))
      await world.advance(5 * 60_000)
      await made.write('hands', 'atp.charge', { amount: 1, source: hands.source })
      const { problems } = await world.replica('ada').backing(world.resident('hands').key)
      return problems[0]?.code ?? 'none'
    },
  ],
]

test.each(signed)('%s: %s', async (_, code, make) => {
  expect(await make()).toBe(code)
})

const witnesses = new WitnessWorld()
const maker = certify('Maker of inverters', null, null)
const sealedSerial = 'SIM-SEALED'
let files: SealedDevices
let exporters: GpuExporters
let sage: RunningNode
let oak: RunningNode
let elm: RunningNode

const solarAt = (port: number, more: object = {}): MeasureRequest => ({
  type: 'solar',
  sunspec: `127.0.0.1:${port}`,
  ...more,
})

const gridAt = (url: unknown): MeasureRequest => ({
  type: 'grid',
  openadr: String(url),
  clientId: 'sim-client',
  clientSecret: 'sim-secret',
})

/** Sage signs a measurement after changing it; charges on it. */
async function proveChanged(
  request: MeasureRequest,
  change: (measured: Measurement) => Measurement = (measured) => measured,
): Promise<RecordId> {
  const tls = { makers: [maker.certificate] }
  const measured = change(await measureNow(request, { now: Date.now, tls }, 10_000))
  const proof = await sage.replica.prove(measured)
  await sage.replica.write('atp.charge', { amount: 1, source: measured.source })
  return proof
}

/** The code of the problem that elm sees in sage's backing, about one of some records. */
async function problemAbout(records: readonly unknown[]): Promise<string> {
  const find = async () => {
    const { problems } = await elm.replica.backing(sage.replica.self)
    return problems.find(({ record }) => records.includes(record))
  }
  await eventually('a problem', async () => (await find()) !== undefined)
  return (await find())?.code ?? 'none'
}

/** The code of what elm makes of a proof that both witnesses deny, for a reason. */
async function denied(proof: RecordId, why: string): Promise<string> {
  const reason = expect.stringContaining(why)
  const words = await Promise.all([oak, elm].map((by) => eventAbout(by, 'witness-looked', proof)))
  expect(words).toMatchObject(words.map(() => ({ verdict: false, reason })))
  return problemAbout(words.map(({ record }) => record))
}

/** The code with which a witness could not look; that it said no word is checked. */
async function noWordOf(witness: RunningNode, proof: RecordId): Promise<string> {
  const { record, code } = await eventAbout(witness, 'witness-looked', proof)
  expect(record).toBe(null)
  return String(code)
}

const seen: readonly Attempt[] = [
  [
    'a device without a serial number of its own',
    'invalid-source',
    async () => {
      const { port } = await startDevice('sunspec-inverter', '--misbehave', 'no-serial')
      return codeOf(proveChanged(solarAt(port)))
    },
  ],
  [
    'a claimant in the middle that alters what a device sealed: no witness says a word',
    'bad-signature',
    async () => {
      const { port } = await files.start('device', sealedSerial)
      await misleadTunnels(sage, passTo(port, alteringRegisters))
      return noWordOf(oak, await proveChanged(solarAt(port, { tls: true })))
    },
  ],
  [
    'a claimant in the middle of what nobody sealed: who asks for level 2 does not take it',
    'unverified-source',
    async () => {
      const { port } = await startDevice('sunspec-inverter', '--serial', 'SIM-CLEAR')
      await misleadTunnels(sage, passTo(port))
      const proof = await proveChanged(solarAt(port))
      const said = await eventAbout(oak, 'witness-looked', proof)
      expect(said).toMatchObject({ verdict: true, level: 1, path: 'relayed' })
      expect(levelSeen(elm, sage)).toBe(1)
      return problemAbout([proof])
    },
  ],
  [
    'a claimant in the middle with a grid operator of its own: no witness says a word',
    'bad-signature',
    async () => {
      const [real, own] = await Promise.all(
        ['operator', 'stranger'].map((name) => startDevice('openadr-vtn', ...files.flags(name))),
      )
      await misleadTunnels(sage, passTo(own?.port ?? 0))
      return noWordOf(oak, await proveChanged(gridAt(real?.line['url'])))
    },
  ],
  [
    'a grid operator whose tokens may write: they are handed to no witness',
    'not-authorised',
    async () => {
      const flags = ['--serial', 'SIM-WIDE', '--misbehave', 'wide-token']
      const { line } = await startDevice('openadr-vtn', ...files.flags('operator'), ...flags)
      return noWordOf(oak, await proveChanged(gridAt(line['url'])))
    },
  ],
  [
    'an inflated rating: two witnesses look',
    'implausible-proof',
    async () => {
      const { port } = await startDevice('sunspec-inverter', '--rated', '3000', '--serial', 'SIM-3')
      await misleadTunnels(sage, passTo(port))
      const inflated = (measured: Measurement) => ({ ...measured, fields: { rated: 9_000 } })
      const proof = await proveChanged(solarAt(port), inflated)
      return denied(proof, 'it can give 3000 W, not 9000 W')
    },
  ],
  [
    'an invented serial number over a real device: two witnesses look',
    'implausible-proof',
    async () => {
      const { port } = await startDevice('sunspec-inverter', '--serial', 'SIM-4')
      await misleadTunnels(sage, passTo(port))
      const source = 'solar:sunspec:acme-4711'
      const proof = await proveChanged(solarAt(port), (measured) => ({ ...measured, source }))
      return denied(proof, 'the device is solar:sunspec:simulated-solar-sim-4')
    },
  ],
  [
    'a witness pointed at an address inside its own network: it dials nothing there',
    'peer-unavailable',
    async () => {
      const { port } = await startDevice('sunspec-inverter', '--serial', 'SIM-5')
      const inside = await startRelay(port)
      // Whoever dials from now on is a witness: the claimant leads nobody anywhere.
      await sage.network.libp2p.unhandle(protocols.tunnel)
      const proof = await proveChanged(solarAt(inside.port))
      const asked = inside.sent().length
      const code = await noWordOf(oak, proof)
      expect(inside.sent().length).toBe(asked)
      return code
    },
  ],
  [
    'a witness pointed at an exporter inside its own network: it dials nothing there',
    'peer-unavailable',
    async () => {
      const { port } = await exporters.start()
      const inside = await startRelay(port)
      await sage.network.libp2p.unhandle(protocols.tunnel)
      const exporter = `http://127.0.0.1:${inside.port}/metrics`
      const proof = await proveChanged({ type: 'compute', exporter })
      const asked = inside.sent().length
      const code = await noWordOf(oak, proof)
      expect(inside.sent().length).toBe(asked)
      return code
    },
  ],
]

describe('on real nodes', () => {
  beforeAll(async () => {
    exporters = await GpuExporters.build()
    files = await SealedDevices.of({
      maker,
      device: certify('Inverter', sealedSerial, maker),
      operator: certify('Grid operator', null, maker, '127.0.0.1'),
      stranger: certify('Grid operator', null, certify('Nobody', null, null), '127.0.0.1'),
    })
    const devices = { makers: [files.certificate('maker')] }
    sage = await witnesses.add('sage', { witness: { ...quickLooks, relaySealed: true } })
    oak = await witnesses.add('oak', { devices })
    const careful = { admission: 'open', minimumOccupancy: 0, acceptAssurance: 2 }
    elm = await witnesses.add('elm', { devices, policy: careful })
    await witnesses.meet()
  })
  afterAll(async () => {
    await witnesses.end()
    await stopDevices()
    await stopRelays()
    await files.remove()
    await exporters.remove()
  })

  test.each(seen)('%s: %s', async (_, code, make) => {
    expect(await make()).toBe(code)
  })
})

test('the specification tells of these attempts, and of no others', () => {
  const told = rowsUnder(partOf('README-sources.md'), 'Attempt')
  expect(told).toEqual([...signed, ...seen].map(([attempt, code]) => [attempt, code]))
})
