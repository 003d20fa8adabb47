import {
  didOf,
  millionths,
  type Hop,
  type Penalty,
  type RecordId,
  type SocietyKey,
  type Term,
  type TrustExplanation,
} from '../../protocol/index.ts'

/** A term of trust, 0..1, and the newest records behind it. */
export type TermView = { readonly value: number; readonly records: readonly string[] }

/** What an observer makes of a subject and why. Fractions are 0..1 with at most six decimals. */
export type TrustView = {
  readonly observer: string
  readonly subject: string
  readonly time: string
  readonly trust: number
  readonly terms: {
    readonly direct: TermView & {
      readonly interactions: number
      readonly successes: number
      readonly failures: number
      readonly lastSuccess: string | null
      /** Whether ten of the successes are those of an active vouch. */
      readonly vouched: boolean
    }
    readonly transitive: TermView
    readonly bond: TermView & { readonly state: string }
    readonly reputation: TermView & { readonly jobs: number }
    /** What the subject is held back by as a newcomer. */
    readonly experience: TermView & { readonly goodJobs: number }
    readonly anomaly: TermView
    /** What penalties leave: 1 where there are none. */
    readonly penalties: TermView & {
      readonly items: readonly {
        readonly factor: number
        readonly reason: Penalty['reason']
        readonly society: string
        readonly records: readonly string[]
      }[]
    }
  }
  /** Strongest first. */
  readonly paths: readonly {
    readonly strength: number
    readonly through: readonly string[]
    readonly hops: readonly {
      readonly from: string
      readonly to: string
      readonly weight: number
      readonly records: readonly string[]
    }[]
  }[]
  /** Every record named above, once. */
  readonly records: readonly string[]
}

const decimal = (fraction: number): number => fraction / millionths

const termOf = ({ value, records }: Term): { value: number; records: readonly RecordId[] } => ({
  value: decimal(value),
  records,
})

function hopOf({ from, to, weight, records }: Hop): TrustView['paths'][number]['hops'][number] {
  return { from: didOf(from), to: didOf(to), weight: decimal(weight), records }
}

/** An explanation as the API, the CLI and scenarios show it. */
export function viewTrust(
  observer: SocietyKey,
  subject: SocietyKey,
  now: number,
  { trust, terms, paths, records }: TrustExplanation,
): TrustView {
  const { direct, transitive, bond, reputation, experience, anomaly, penalties } = terms
  const { successes, failures, lastSuccessAt, vouched } = direct
  const lastSuccess = lastSuccessAt === null ? null : new Date(lastSuccessAt).toISOString()
  const counts = { interactions: successes + failures, successes, failures, lastSuccess, vouched }
  return {
    observer: didOf(observer),
    subject: didOf(subject),
    time: new Date(now).toISOString(),
    trust: decimal(trust),
    terms: {
      direct: { ...termOf(direct), ...counts },
      transitive: termOf(transitive),
      bond: { ...termOf(bond), state: bond.state },
      reputation: { ...termOf(reputation), jobs: reputation.jobs },
      experience: { ...termOf(experience), goodJobs: experience.goodJobs },
      anomaly: termOf(anomaly),
      penalties: {
        ...termOf(penalties),
        items: penalties.items.map(({ factor, reason, society, records: behind }) => ({
          factor: decimal(factor),
          reason,
          society: didOf(society),
          records: behind,
        })),
      },
    },
    paths: paths.map(({ through, strength, hops }) => ({
      strength: decimal(strength),
      through: through.map(didOf),
      hops: hops.map(hopOf),
    })),
    records,
  }
}
