import type { SignatureCheck } from '../../src/index.ts'

/*
 * Checks as bytes, for a message to a thread costs by the object: of each check the signature (64),
 * the key (32), the length of the message (4, low byte first) and the message.
 */
const signatureBytes = 64
const keyBytes = 32
const headBytes = signatureBytes + keyBytes + 4

/** Whether signature and key have the only lengths they can have. */
export function isShaped({ signature, publicKey }: SignatureCheck): boolean {
  return signature.length === signatureBytes && publicKey.length === keyBytes
}

/** Packs checks that are shaped into bytes of their own. */
export function packChecks(checks: readonly SignatureCheck[]): Uint8Array<ArrayBuffer> {
  const size = checks.reduce((sum, { message }) => sum + headBytes + message.length, 0)
  const bytes = new Uint8Array(size)
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const { signature, message, publicKey } of checks) {
    bytes.set(signature, at)
    bytes.set(publicKey, at + signatureBytes)
    view.setUint32(at + signatureBytes + keyBytes, message.length, true)
    bytes.set(message, at + headBytes)
    at += headBytes + message.length
  }
  return bytes
}

/** The inverse of `packChecks`: views of the bytes. */
export function unpackChecks(bytes: Uint8Array): readonly SignatureCheck[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const checks: SignatureCheck[] = []
  for (let at = 0; at < bytes.length;) {
    const keyAt = at + signatureBytes
    const end = at + headBytes + view.getUint32(keyAt + keyBytes, true)
    checks.push({
      signature: bytes.subarray(at, keyAt),
      publicKey: bytes.subarray(keyAt, keyAt + keyBytes),
      message: bytes.subarray(at + headBytes, end),
    })
    at = end
  }
  return checks
}
