import { hexOf, type ReadChange, type SocietyKey } from '../../protocol/index.ts'
import { signedRecordsAtOnce, signaturesInATurn } from '../limits.ts'
import type { Breathe } from '../turns.ts'

type Verify = (signature: Uint8Array, message: Uint8Array, key: SocietyKey) => boolean

/** Kinds whose records carry signatures beside that of their change. */
const signedKinds: ReadonlySet<string> = new Set([
  'node.certify',
  'equivocation.report',
  'energy.attest',
  'citizenship.leave',
  'work.complete',
  'trade.cancel',
])

/** Kinds of which one record may carry as many as there are witnesses or endorsers. */
const manySignedKinds: ReadonlySet<string> = new Set([
  'society.amend',
  'society.checkpoint',
  'vouch.give',
])

/** Whether judging a change may check so many signatures that it is not done at a stretch. */
export function checksMany({ records }: ReadChange): boolean {
  const read = records.filter(({ reading }) => reading.ok)
  const signed = read.filter(({ kind }) => signedKinds.has(kind))
  return signed.length > signedRecordsAtOnce || read.some(({ kind }) => manySignedKinds.has(kind))
}

/**
 * Signatures that judging a change will ask for, checked in turns before it is judged at a stretch:
 * one that does not hold takes 1.5 ms, and a change has room for hundreds.
 */
export class CheckedAhead {
  readonly #verify: Verify
  readonly #known: Map<string, boolean> = new Map()
  #asked: Map<string, Parameters<Verify>> | undefined

  constructor(verify: Verify) {
    this.#verify = verify
  }

  /** Whether a signature holds; of one that is only asked for, that it does. */
  readonly verify: Verify = (...signed) => {
    if (this.#asked === undefined && this.#known.size === 0) return this.#verify(...signed)
    const [signature, message, key] = signed
    const name = `${hexOf(signature)} ${hexOf(message)} ${key}`
    const known = this.#known.get(name)
    if (known !== undefined) return known
    if (this.#asked === undefined) return this.#verify(...signed)
    this.#asked.set(name, signed)
    return true
  }

  /** Checks in turns what trying something asks for. */
  async check(tryOut: () => void, breathe: Breathe): Promise<void> {
    const asked = new Map<string, Parameters<Verify>>()
    this.#asked = asked
    try {
      tryOut()
    } finally {
      this.#asked = undefined
    }
    let checked = 0
    for (const [name, signed] of asked) {
      this.#known.set(name, this.#verify(...signed))
      checked += 1
      if (checked % signaturesInATurn === 0) await breathe()
    }
  }
}
