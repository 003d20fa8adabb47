import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'

/** A DER element of a tag with its content. */
function element(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

const sequence = (...parts: readonly Uint8Array[]) => element(0x30, ...parts)
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')
/** Object identifiers of RFC 5280 and RFC 5758, as DER has them. */
const commonName = hex('06 03 55 04 03')
const basicConstraints = hex('06 03 55 1d 13')
const subjectAltName = hex('06 03 55 1d 11')
const ecdsaWithSha256 = sequence(hex('06 08 2a 86 48 ce 3d 04 03 02'))
const isTrue = hex('01 01 ff')

function nameOf(text: string): Buffer {
  return sequence(element(0x31, sequence(commonName, element(0x0c, Buffer.from(text)))))
}

const timeOf = (time: number) =>
  element(0x17, Buffer.from(`${new Date(time).toISOString().replaceAll(/\D/g, '').slice(2, 14)}Z`))

function certificate(publicKey: KeyObject, privateKey: KeyObject): Buffer {
  const day = 86_400_000
  const name = nameOf('a test')
  const loopback = element(0x87, Buffer.from([127, 0, 0, 1]))
  const extensions = sequence(
    sequence(basicConstraints, isTrue, element(0x04, sequence(isTrue))),
    sequence(subjectAltName, element(0x04, sequence(loopback))),
  )
  const signed = sequence(
    hex('a0 03 02 01 02'),
    hex('02 01 07'),
    ecdsaWithSha256,
    name,
    sequence(timeOf(Date.now() - day), timeOf(Date.now() + day)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    element(0xa3, extensions),
  )
  const signature = sign('sha256', signed, privateKey)
  return sequence(signed, ecdsaWithSha256, element(0x03, Buffer.from([0]), signature))
}

/** A new key and a certificate of it for 127.0.0.1, for which nobody vouches but itself, in PEM. */
export function selfSigned(): { readonly key: string; readonly cert: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const lines =
    certificate(publicKey, privateKey)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  const cert = ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
  return { key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })), cert }
}
