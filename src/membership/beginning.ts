import type { SocietyKey } from '../../protocol/index.ts'
import { Certification, foundSociety, type Write } from './founding.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { ReplicaParts } from '../replica-parts.ts'

/** What beginning to sign needs of the node. */
export type BeginningParts = Pick<ReplicaParts, 'founding' | 'network' | 'clock' | 'log'> & {
  readonly self: SocietyKey
  readonly ledger: Ledger
  readonly write: Write
  /** What the node signs from then on: its heads, and what it does by itself; once, or again. */
  readonly goOn: (isFirst: boolean) => Promise<void>
}

/**
 * What a node signs by itself before all else, as soon as nothing forbids it to sign: its founding
 * and its certificate. Whoever lifts what forbade it says so.
 */
export class Beginning {
  readonly #parts: BeginningParts
  readonly #certification: Certification
  #begun = false
  #stopped = false

  constructor(parts: BeginningParts) {
    this.#parts = parts
    const { self, ledger, network, clock, log, write } = parts
    const { held } = ledger
    const { identity } = network
    this.#certification = new Certification({ self, held, identity, clock, log, write })
  }

  /** Signs what of its founding is missing, if it may. Fails as `write` does. */
  async found(): Promise<void> {
    const { self, ledger, founding, write } = this.#parts
    if (ledger.silence !== undefined) return
    await foundSociety(ledger.held, self, founding, write)
  }

  /** Begins, if it may and has not. Fails as `write` does, but not for what forbids to sign. */
  async begin(): Promise<void> {
    const { ledger, goOn } = this.#parts
    if (this.#begun || this.#stopped || ledger.silence !== undefined) return
    this.#begun = true
    try {
      await this.found()
      await this.#certification.start()
    } catch (error) {
      this.#begun = false
      if (ledger.silence === undefined) throw error
      return
    }
    await goOn(true)
  }

  /** Something that forbade to sign is over: begins, or goes on. */
  async again(): Promise<void> {
    try {
      if (this.#begun && !this.#stopped) await this.#parts.goOn(false)
      else await this.begin()
    } catch (error) {
      this.#parts.log.error('begin-failed', { message: String(error) })
    }
  }

  /** Begins nothing more. */
  stop(): void {
    this.#stopped = true
    this.#certification.stop()
  }
}
