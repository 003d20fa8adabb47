import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../../src/index.ts'
import { buildNvmlSimulator } from '../devices/build-nvml-simulator.ts'
import { certify } from '../devices/certificates.ts'
import type { Devices } from './devices.ts'

/** Where the panels of the story stand: it may be night there, and then they give nothing. */
export const panelSite = '52.4,4.9'
/** Ratings of the simulated devices, in W. */
export const ratedWatts = { inverter: 5000, battery: 400, subscription: 4000, limit: 3000 } as const

const client = 'sage-meter'
const secret = 'told to sage by its grid operator'

/** Certificates that the local network makes for itself, in PEM files. */
export type Certificates = {
  /** Of who vouches for servers: every node is told to believe it. */
  readonly authority: string
  /** Flags with which a simulator shows its own. */
  readonly server: readonly string[]
}

/** Makes an authority and a server of its own on loopback, for this story and no other. */
export async function makeCertificates(directory: string): Promise<Certificates> {
  const authority = certify('Authority of the local network', null, null)
  const server = certify('Servers of the local network', null, authority, '127.0.0.1')
  const [root, certificate, key] = ['authority.pem', 'server.pem', 'server-key.pem'].map((name) =>
    join(directory, name),
  ) as [string, string, string]
  await writeFile(root, authority.certificate)
  await writeFile(certificate, server.certificate)
  await writeFile(key, server.keyPem, { mode: 0o600 })
  return { authority: root, server: ['--tls-certificate', certificate, '--tls-key', key] }
}

/** A simulated grid operator's server, and what it knows its customer by. */
type GridOperator = {
  readonly url: string
  readonly clientId: string
  readonly secretFile: string
}

/** Simulators of devices, each a program of its own that says that it is one. */
export type Simulators = {
  /** HOST:PORT of an inverter, Modbus TCP. */
  readonly inverter: Promise<string>
  /** HOST:PORT of a battery, Modbus TCP. */
  readonly battery: Promise<string>
  readonly gridOperator: Promise<GridOperator>
  /**
   * Address of an exporter of a GPU, over a compiled library in place of NVIDIA's; undefined where
   * there is no C compiler.
   */
  readonly gpuExporter: Promise<string | undefined>
}

async function startAt(
  devices: Devices,
  program: string,
  args: readonly string[],
): Promise<string> {
  const { listening } = await devices.begin(program, args)
  const { host, port } = listening as { readonly host: string; readonly port: number }
  return `${host}:${port}`
}

async function startGridOperator(
  devices: Devices,
  directory: string,
  { server }: Certificates,
): Promise<GridOperator> {
  const secretFile = join(directory, 'client-secret')
  await writeFile(secretFile, `${secret}\n`, { mode: 0o600 })
  const { subscription, limit } = ratedWatts
  const capacity = ['--units', 'W', '--subscription', `${subscription}`, '--limit', `${limit}`]
  const credentials = ['--client-id', client, '--client-secret', secret]
  const args = ['--serial', 'SIM-0003', ...capacity, ...credentials, ...server]
  const { url } = await devices.begin('openadr-vtn.ts', args)
  return { url: String(url), clientId: client, secretFile }
}

async function startGpuExporter(
  devices: Devices,
  directory: string,
  { server }: Certificates,
): Promise<string | undefined> {
  const place = join(directory, 'gpu')
  await mkdir(place)
  try {
    const library = await buildNvmlSimulator(place)
    const args = ['--library', library, '--collect-interval', '300', ...server]
    const { url } = await devices.begin('gpu-exporter.ts', args)
    return String(url)
  } catch (error) {
    if (error instanceof Failure && error.code === 'source-unavailable') return undefined
    throw error
  }
}

/** Starts them all; who needs one waits for it, and hears then what went wrong. */
export function startSimulators(
  devices: Devices,
  directory: string,
  certificates: Certificates,
): Simulators {
  const { inverter, battery } = ratedWatts
  const panels = ['--serial', 'SIM-0001', '--rated', `${inverter}`, '--site', panelSite]
  const store = ['--serial', 'SIM-0002', '--rate', `${battery}`, '--watts', '0']
  const simulators = {
    inverter: startAt(devices, 'sunspec-inverter.ts', panels),
    battery: startAt(devices, 'sunspec-battery.ts', store),
    gridOperator: startGridOperator(devices, directory, certificates),
    gpuExporter: startGpuExporter(devices, directory, certificates),
  }
  for (const started of Object.values(simulators)) started.catch(() => undefined)
  return simulators
}
