import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import type { Identity } from '../../node/devices/certificates.ts'
import { startDevice, type DeviceProcess } from './device-process.ts'

/** Identities in files, as simulators of devices that speak TLS and nodes read them. */
export class SealedDevices {
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  /** Writes certificates and keys, by names to call them by. */
  static async of(identities: Readonly<Record<string, Identity>>): Promise<SealedDevices> {
    const devices = new SealedDevices(await mkdtemp(join(tmpdir(), 'society-test-sealed-')))
    for (const [name, { certificate, keyPem }] of Object.entries(identities)) {
      await writeFile(devices.certificate(name), certificate)
      await writeFile(devices.#key(name), keyPem)
    }
    return devices
  }

  /** Path of a certificate. */
  certificate(name: string): string {
    return join(this.#folder, `${name}.pem`)
  }

  #key(name: string): string {
    return join(this.#folder, `${name}-key.pem`)
  }

  /** An inverter that speaks TLS with one of the keys. */
  start(name: string, serial: string, ...flags: readonly string[]): Promise<DeviceProcess> {
    return startDevice('sunspec-inverter', '--serial', serial, ...this.flags(name), ...flags)
  }

  /** Flags with which a simulator speaks TLS with one of the keys. */
  flags(name: string): readonly string[] {
    return ['--tls-certificate', this.certificate(name), '--tls-key', this.#key(name)]
  }

  /** Removes the files. */
  remove(): Promise<void> {
    return rm(this.#folder, { recursive: true, force: true })
  }
}

/** Changes the last bit of what comes after a handshake of TLS: of registers. */
export function alteringRegisters(): Transform {
  let passed = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      passed += chunk.length
      if (passed > 2_000) chunk[chunk.length - 1] = (chunk.at(-1) ?? 0) ^ 1
      done(null, chunk)
    },
  })
}
