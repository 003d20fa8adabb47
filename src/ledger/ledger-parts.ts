import type { Judged, Sha256, SocietyKey } from '../../protocol/index.ts'
import type { Failure } from '../failure.ts'
import type { Clock, Log, Signer, Store, Verifier } from '../ports.ts'
import type { Breathe } from '../turns.ts'
import type { AdmissionParts } from './admission.ts'
import type { Accepted } from './batch.ts'
import type { Convicted } from './convictions.ts'
import type { RecordObserver } from './observer.ts'

/** What a ledger needs of the world. */
export type LedgerParts = {
  readonly store: Store
  readonly verifier: Verifier
  readonly signer: Signer
  readonly clock: Clock
  readonly log: Log
  /** Lets others have their turn in long work. */
  readonly breathe: Breathe
  /** A faster SHA-256 than the rules' own. */
  readonly sha256?: Sha256
  /** Told of every record that becomes part of a document. */
  readonly observers: readonly RecordObserver[]
  /** Why changes up to a place are not taken from others; undefined where they are. */
  readonly refuses: AdmissionParts['refuses']
  /** Whether what is refused may change once a record was told of; by default none does that. */
  readonly admits?: (record: Judged) => boolean
  /** Called after each write with what it made part of the documents, in order. */
  readonly onAccepted: (accepted: readonly Accepted[]) => void
  /** Whether the society may have signed more than is known here: then it signs nothing. */
  readonly mayHaveSigned: () => boolean
  /** Why nothing may be dated by the clock at present; undefined where it may. */
  readonly clockFault: () => Failure | undefined
  /** Newest signed head of a document that is known; its signature was checked. */
  readonly headOf: AdmissionParts['headOf']
  /** Called after a document of a society was taken over from a checkpoint. */
  readonly onAdopted: (society: SocietyKey) => void
  /** Called after a document was ended because of evidence. */
  readonly onConvicted: (convicted: Convicted) => void
}
