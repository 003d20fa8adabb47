import { X509Certificate } from 'node:crypto'
import { resolve } from 'node:path'
import { Failure } from '../../src/index.ts'
import type { DeviceTls } from '../meters/device-tls.ts'
import { readTextFile } from '../store/durable-file.ts'
import type { Config } from './config.ts'
import { certificateBytesMax } from './limits.ts'

async function readPem(directory: string, name: string): Promise<string> {
  const path = resolve(directory, name)
  const text = await readTextFile(path, certificateBytesMax)
  if (text !== undefined) return text
  throw new Failure('malformed', `There is no ${path}, which devices in config.yaml names.`)
}

/** The certificates and keys that `devices` of the configuration names. Fails with `malformed`. */
export async function loadDeviceTls(
  directory: string,
  { makers, certificate, key }: Config['devices'],
): Promise<DeviceTls> {
  const roots = await Promise.all(makers.map((name) => readPem(directory, name)))
  for (const [index, pem] of roots.entries()) {
    try {
      // Says here what would otherwise only show as a device that nobody believes.
      void new X509Certificate(pem)
    } catch (cause) {
      throw new Failure('malformed', `${makers[index]} holds no certificate in PEM.`, { cause })
    }
  }
  if ((certificate === '') !== (key === '')) {
    throw new Failure('malformed', 'devices in config.yaml has a certificate or key alone.')
  }
  if (certificate === '') return { makers: roots }
  return {
    makers: roots,
    certificate: await readPem(directory, certificate),
    key: await readPem(directory, key),
  }
}
