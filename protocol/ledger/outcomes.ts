import type { DocumentKind, RecordId, SocietyKey } from '../identity.ts'
import type { Code } from '../codes.ts'
import type { Conviction } from '../equivocation/judge.ts'
import type { HeadStatement } from '../statements.ts'

/** Where a slice of ATP comes from; it stays the same through every hand-over. Plain data. */
export type Origin = {
  /** The charge that made the batch. */
  readonly batch: RecordId
  /** Society that charged it. */
  readonly charger: SocietyKey
  /** Canonical id of its source. */
  readonly source: string
  /** The proof it was charged against. */
  readonly proof: RecordId
  readonly chargedAt: number
  readonly expiresAt: number
}

/** A slice in a hand-over. */
export type Slice = Origin & {
  /** Lot of the giver that it was taken from. */
  readonly lot: string
  readonly amount: number
  /** Whose ADP pool its packets fall back to. */
  readonly owner: SocietyKey
  /** Lenders it has passed, the owner first; empty for what is sold. */
  readonly path: readonly SocietyKey[]
  /** Grant by which the giver borrowed it and the slice's index there; null for its own. */
  readonly via: { readonly grant: RecordId; readonly index: number } | null
}

/** Watts of a source that are occupied up to and including an instant. mW, ms since 1970. */
export type Left = { readonly amount: number; readonly until: number }

/** The policy that a charge is under: that of the time of its proof. */
export type ChargePolicy = {
  readonly minimumOccupancyMs: number
}

/** What a record did, as far as records that name it need to know. Plain data. */
export type Outcome =
  | {
      readonly type: 'founding'
      readonly adp: number
      readonly federation: string
    }
  | {
      readonly type: 'proof'
      readonly source: string
      /** mW, what the proof shows. */
      readonly capacity: number
      readonly measuredAt: number
      /** First instant at which the proof is stale. */
      readonly staleAt: number
      readonly assurance: number
      /** What an earlier holder charged on the source and did not discharge. */
      readonly inherited: readonly Left[]
      /** Whether it shows more, or a later time, than the one before without a new measurement. */
      readonly unmeasured: boolean
      readonly poweredBy: string | null
      /** mWh that may be charged in any 24 h; null for sources that are not human. */
      readonly dailyEnergy: number | null
      readonly policy: ChargePolicy
      /** Place of the proof in its document, to tell the newer of two. */
      readonly number: number
      /** SHA-256 of its transcript, 64 hex digits; null where there is none. */
      readonly evidence: string | null
      readonly simulated: boolean
      /** The proof of the same source that it takes the place of; null for the first of a claim. */
      readonly replaces: RecordId | null
    }
  | {
      readonly type: 'transcript'
      /** The proof, or the attestation of one, that it is the transcript of. */
      readonly proof: RecordId
      /** SHA-256 of the transcript, 64 hex digits. */
      readonly digest: string
      readonly source: string
    }
  | {
      readonly type: 'retirement'
      readonly source: string
      /** The newest proof of the source. */
      readonly proof: RecordId
      readonly left: readonly Left[]
    }
  /** Proofs of what powers the charged source, nearest first. */
  | { readonly type: 'charge'; readonly supplies: readonly RecordId[] }
  | {
      readonly type: 'attestation'
      readonly proof: RecordId
      readonly prover: SocietyKey
      readonly source: string
      readonly verdict: boolean
      readonly level: number
      /** SHA-256 of the witness's own transcript. */
      readonly evidence: string | null
    }
  | { readonly type: 'application'; readonly parent: SocietyKey }
  | { readonly type: 'join'; readonly federation: string }
  | {
      readonly type: 'admission'
      readonly child: SocietyKey
      readonly application: RecordId
    }
  | {
      readonly type: 'grant'
      readonly to: SocietyKey
      readonly slices: readonly Slice[]
    }
  | {
      readonly type: 'take'
      readonly handover: RecordId
      /** Child whose grant is back whole by it; null where none is. */
      readonly whole: SocietyKey | null
    }
  | {
      readonly type: 'return'
      readonly to: SocietyKey
      readonly grant: RecordId
      readonly because: RecordId
      readonly slices: readonly ReturnedSlice[]
    }
  | { readonly type: 'revoke'; readonly grant: RecordId; readonly to: SocietyKey }
  | {
      readonly type: 'request'
      readonly to: SocietyKey
      readonly amount: number
      /** Millionths. */
      readonly urgency: number
      /** Millionths. */
      readonly efficiency: number
      /** Last instant at which it is served. */
      readonly deadline: number
      readonly critical: boolean
    }
  | {
      readonly type: 'ticket'
      readonly worker: SocietyKey
      readonly amount: number
      readonly request: RecordId | null
      /** Class of the request when it was served, as the server says; null where it says none. */
      readonly class: number | null
    }
  | {
      readonly type: 'completion'
      readonly ticket: RecordId
      readonly worker: SocietyKey
      readonly beneficiary: SocietyKey
      readonly consumed: number
      /** Millionths. */
      readonly quality: number
      /** Origins of what was consumed. */
      readonly slices: readonly (Origin & { readonly amount: number })[]
    }
  | {
      readonly type: 'offer'
      readonly amount: number
      /** Thousandths of an ADP per ATP. */
      readonly price: number
      readonly to: SocietyKey | null
      readonly expiresAt: number
    }
  | {
      readonly type: 'acceptance'
      readonly offer: RecordId
      readonly seller: SocietyKey
      readonly amount: number
      readonly due: number
      readonly offerExpiresAt: number
    }
  | {
      readonly type: 'settlement'
      readonly acceptance: RecordId
      readonly buyer: SocietyKey
      readonly amount: number
      readonly due: number
      readonly slices: readonly Slice[]
    }
  | { readonly type: 'claim'; readonly settlement: RecordId }
  | { readonly type: 'decline'; readonly acceptance: RecordId; readonly buyer: SocietyKey }
  | { readonly type: 'cancel'; readonly ended: RecordId }
  | {
      readonly type: 'report'
      /** Society that signed two pasts. */
      readonly society: SocietyKey
      readonly document: DocumentKind
      /** Number of the first change that there are two of: the document ends before it. */
      readonly place: number
    }
  | { readonly type: 'observation'; readonly subject: SocietyKey }
  | { readonly type: 'bond'; readonly sources: readonly string[] }
  | {
      readonly type: 'vouch'
      readonly to: SocietyKey
      /** mW. */
      readonly watts: number
      /** How long it waits for its acceptance, and runs from then on, in ms. */
      readonly duration: number
    }
  | {
      readonly type: 'vouched'
      readonly vouch: RecordId
      readonly sponsor: SocietyKey
      /** mW. */
      readonly watts: number
      /** Last instant of the period. */
      readonly until: number
    }

/** A slice that comes back to its lender. */
export type ReturnedSlice = {
  /** Index in the grant's slices. */
  readonly index: number
  readonly amount: number
  /** Whether it comes back as discharged packets (ADP) rather than charged (ATP). */
  readonly discharged: boolean
  /** Lot of the lender that it was taken from, and that lot's batch. */
  readonly lot: string
  readonly batch: RecordId
  /** Grant by which the lender itself had borrowed it and the slice's index there. */
  readonly via: { readonly grant: RecordId; readonly index: number } | null
}

/** An outcome of one type. */
export type OutcomeOf<T extends Outcome['type']> = Extract<Outcome, { readonly type: T }>

/** A record that is in a chain, as other records see it. */
export type Recorded = {
  readonly id: RecordId
  readonly author: SocietyKey
  readonly document: DocumentKind
  readonly seq: number
  readonly time: number
  readonly kind: string
  /** Why it is void; null for a valid record. */
  readonly void: Code | null
  readonly outcome: Outcome | null
}

/**
 * What a verdict may ask about records other than the one it judges. Everything that a record
 * names has been fetched before it is judged, so the answers do not depend on what else is known.
 */
export interface Lookup {
  /** A record that the judged one names; undefined where there is none at that id. */
  record(id: RecordId): Recorded | undefined
  /**
   * The record by which `author` ended, claimed or decided `id` (or `id|other`) in its own chain;
   * with `upTo` in the chain that ends with the change of that hash, whatever else it signed.
   */
  endOf(author: SocietyKey, id: string, upTo?: string): RecordId | undefined
  /** Whether two changes of one document, by hash, are on no single chain. */
  divided(a: string, b: string): boolean
  /** What evidence with this SHA-256 proves; undefined where it proves nothing. */
  conviction(digest: string): Conviction | undefined
  /** Last expiry of what the society had borrowed after one of its pool changes; 0 for none. */
  borrowedUntil(hash: string): number
  /** Whether a head names a change that the chain of its document really contains. */
  contains(head: HeadStatement): boolean
  /** ed25519 with ZIP-215 semantics. */
  verify(signature: Uint8Array, message: Uint8Array, key: SocietyKey): boolean
}
