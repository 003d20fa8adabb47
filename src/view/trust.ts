import {
  didOf,
  millionths,
  termTenths,
  type Hop,
  type Penalty,
  type RecordId,
  type SocietyKey,
  type Term,
  type TrustExplanation,
} from '../../protocol/index.ts'

/** A term of trust, 0..1, and the newest records behind it. */
export type TermView = { readonly value: number; readonly records: readonly string[] }

/** A term that adds to trust: its weight x its value. */
export type AddingView = TermView & { readonly weight: number }

/** A term that trust is multiplied by: what it leaves. */
export type FactorView = TermView & { readonly factor: number }

/**
 * What an observer makes of a subject and why: the sum of the first four terms, each by its weight
 * and 1 together at most, times the factors of the other three. Fractions are 0..1 with at most six
 * decimals.
 */
export type TrustView = {
  readonly observer: string
  readonly subject: string
  readonly time: string
  readonly trust: number
  readonly terms: {
    readonly direct: AddingView & {
      readonly interactions: number
      readonly successes: number
      readonly failures: number
      readonly lastSuccess: string | null
      /** Whether ten of the successes are those of an active vouch. */
      readonly vouched: boolean
    }
    readonly transitive: AddingView
    readonly bond: AddingView & { readonly state: string }
    readonly reputation: AddingView & { readonly jobs: number }
    /** What the subject is held back by as a newcomer. */
    readonly experience: FactorView & { readonly goodJobs: number }
    readonly anomaly: FactorView
    /** What penalties leave: 1 where there are none. */
    readonly penalties: FactorView & {
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

type Shown = { readonly value: number; readonly records: readonly RecordId[] }

const shownTerm = ({ value, records }: Term): Shown => ({ value: decimal(value), records })

const adding = (name: keyof typeof termTenths, term: Term): Shown & { weight: number } => ({
  ...shownTerm(term),
  weight: termTenths[name] / 10,
})

/** What a term leaves that takes its value away. */
const taking = (term: Term): Shown & { factor: number } => ({
  ...shownTerm(term),
  factor: decimal(millionths - term.value),
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
      direct: { ...adding('direct', direct), ...counts },
      transitive: adding('transitive', transitive),
      bond: { ...adding('bond', bond), state: bond.state },
      reputation: { ...adding('reputation', reputation), jobs: reputation.jobs },
      experience: { ...taking(experience), goodJobs: experience.goodJobs },
      anomaly: taking(anomaly),
      penalties: {
        ...shownTerm(penalties),
        factor: decimal(penalties.value),
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
