import { hashes, verify as verifyZip215 } from '@noble/ed25519'
import { sha512 } from '@noble/hashes/sha2.js'
import type { SignatureCheck, Verifier } from '../../src/index.ts'
import { verifierKeysMax } from './limits.ts'
import { OpenSslKeys } from './openssl-keys.ts'
import { isShaped } from './signature-checks.ts'
import { VerifyingThread } from './verifying-thread.ts'

/**
 * ed25519 checks with ZIP-215 semantics, so that all nodes agree on every signature. OpenSSL, which
 * is about ten times faster and strictly stricter, is asked first; only its no goes to noble.
 * False for anything malformed; never throws. Keeps `keysMax` public keys ready.
 */
export function createVerifier(keysMax: number = verifierKeysMax): Verifier {
  hashes.sha512 = sha512
  const keys = new OpenSslKeys(keysMax)
  return {
    verify(signature, message, publicKey) {
      const check = { signature, message, publicKey }
      if (!isShaped(check)) return false
      // What OpenSSL does not take, ZIP-215 may.
      if (keys.verify(check)) return true
      try {
        return verifyZip215(signature, message, publicKey, { zip215: true })
      } catch {
        return false
      }
    },
  }
}

/** Bytes as a text of as many characters; a view of them, for a copy costs as much again. */
function textOf({ buffer, byteOffset, length }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, length).toString('latin1')
}

function nameOfCheck({ signature, message, publicKey }: SignatureCheck): string {
  // Signature and key have fixed lengths, so no two checks have one name.
  return textOf(signature) + textOf(publicKey) + textOf(message)
}

/** A verifier with a thread, to be closed. */
export type ThreadedVerifier = Verifier & { close(): Promise<void> }

/**
 * The same, which checks signatures aside, in a thread, when it is told of them beforehand. A yes
 * of the thread is remembered until the next call but one, for what is told of now may be judged
 * after that has begun; everything else is asked again.
 */
export function createThreadedVerifier(keysMax: number = verifierKeysMax): ThreadedVerifier {
  const verifier = createVerifier(keysMax)
  const thread = new VerifyingThread()
  let good = new Set<string>()
  let goodBefore = new Set<string>()
  return {
    verify(signature, message, publicKey) {
      const check = { signature, message, publicKey }
      if (good.size + goodBefore.size > 0 && isShaped(check)) {
        const name = nameOfCheck(check)
        if (good.has(name) || goodBefore.has(name)) return true
      }
      return verifier.verify(signature, message, publicKey)
    },
    async ahead(checks) {
      goodBefore = good
      const found = new Set<string>()
      good = found
      const shaped = checks.filter(isShaped)
      if (shaped.length === 0) return
      const answers = await thread.check(shaped)
      for (const [at, check] of shaped.entries()) {
        if (answers[at] === 1) found.add(nameOfCheck(check))
      }
    },
    close: () => thread.close(),
  }
}
