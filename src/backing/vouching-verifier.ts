import { bytesOfKey, changeMessage, hexOf, keyOfBytes, peekChange } from '../../protocol/index.ts'
import type { ChangeHash, ChangesFrame, SocietyKey } from '../../protocol/index.ts'
import { Failure } from '../failure.ts'
import type { Verifier } from '../ports.ts'

const hashBytes = 32

/**
 * Checks signatures, and knows changes that need none of their own: a change commits to all before
 * it, so the signature of the newest of a run vouches for each of them.
 */
export class VouchingVerifier implements Verifier {
  readonly #verifier: Verifier
  readonly #vouched: Map<string, SocietyKey> = new Map()

  constructor(verifier: Verifier) {
    this.#verifier = verifier
  }

  /** Checks a run of changes that follow each other, and its signature. Fails with `Failure`. */
  vouch({ actor, changes, signature }: ChangesFrame, owner: SocietyKey): readonly ChangeHash[] {
    const refuse = (code: 'malformed' | 'bad-signature', message: string): never => {
      throw new Failure(code, `document ${actor}: ${message}`)
    }
    const hashes: ChangeHash[] = []
    let seq = 0
    for (const bytes of changes) {
      const peeked = peekChange(bytes)
      if (!peeked.ok) return refuse('malformed', peeked.message)
      const { header, hash } = peeked.value
      const before = hashes.at(-1)
      if (header.actor !== actor) return refuse('malformed', 'a change of another document')
      const follows = before === undefined || header.previous === before
      if (!follows || (seq > 0 && header.seq !== seq + 1)) {
        return refuse('malformed', 'changes do not follow each other')
      }
      seq = header.seq
      hashes.push(hash)
    }
    const newest = hashes.at(-1)
    if (newest === undefined) return refuse('malformed', 'no changes')
    if (!this.#verifier.verify(signature, changeMessage(newest), bytesOfKey(owner))) {
      return refuse('bad-signature', 'the signature does not fit its newest change')
    }
    for (const hash of hashes) this.#vouched.set(hash, owner)
    return hashes
  }

  verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
    const hash = hexOf(message.subarray(-hashBytes)) as ChangeHash
    const owner = this.#vouched.get(hash)
    const isVouched = owner !== undefined && owner === keyOfBytes(publicKey)
    if (isVouched && hexOf(message) === hexOf(changeMessage(hash))) return true
    return this.#verifier.verify(signature, message, publicKey)
  }
}
