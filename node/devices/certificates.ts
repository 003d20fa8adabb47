import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'
import { isIPv4 } from 'node:net'

/** A certificate and its key. */
export type Identity = {
  readonly name: readonly Buffer[]
  readonly certificate: string
  readonly keyPem: string
  readonly key: KeyObject
}

const sequence = 0x30

function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(contents)
  const { length } = body
  const head =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >>> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...head]), body])
}

const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'))
const ecdsaWithSha256 = der(sequence, oid('2a8648ce3d040302'))
const commonName = oid('550403')
const serialNumber = oid('550405')
const basicConstraints = oid('551d13')
const subjectAltName = oid('551d11')

const attribute = (type: Buffer, value: string): Buffer =>
  der(0x31, der(sequence, type, der(0x0c, Buffer.from(value))))

function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/[-:T]|\.\d{3}/g, '')
  return der(0x18, Buffer.from(digits))
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}

const dayMs = 86_400_000

const extension = (id: Buffer, content: Buffer): Buffer =>
  der(sequence, id, der(0x01, Buffer.from([0xff])), der(0x04, content))

function hostName(host: string): Buffer {
  if (isIPv4(host)) return der(0x87, Buffer.from(host.split('.').map(Number)))
  return der(0x82, Buffer.from(host))
}

/**
 * An X.509 certificate on P-256, signed by an issuer, or by itself as a maker of devices. A device
 * has its serial number in its subject, a server its host, a name or an IPv4 address. For
 * simulators: it asks nobody who it is for.
 */
export function certify(
  common: string,
  serial: string | null,
  issuer: Identity | null,
  host?: string,
): Identity {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = [attribute(commonName, common)]
  if (serial !== null) name.push(attribute(serialNumber, serial))
  const isMaker = issuer === null
  const constraints = der(sequence, ...(isMaker ? [der(0x01, Buffer.from([0xff]))] : []))
  const extensions = [extension(basicConstraints, constraints)]
  if (host !== undefined) {
    extensions.push(extension(subjectAltName, der(sequence, hostName(host))))
  }
  const body = der(
    sequence,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ecdsaWithSha256,
    der(sequence, ...(issuer?.name ?? name)),
    der(sequence, time(Date.now() - dayMs), time(Date.now() + 365 * dayMs)),
    der(sequence, ...name),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(sequence, ...extensions)),
  )
  const signature = sign('sha256', body, issuer?.key ?? privateKey)
  const whole = der(
    sequence,
    body,
    ecdsaWithSha256,
    der(0x03, Buffer.concat([Buffer.from([0]), signature])),
  )
  return {
    name,
    certificate: pem('CERTIFICATE', whole),
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    key: privateKey,
  }
}
