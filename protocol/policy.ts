/** How a policy value is limited: durations in ms, ATP in milli-units, ratios in millionths. */
type PolicyRule = {
  readonly default: number
  readonly minimum: number
  readonly maximum: number
  /** Unit that people give it in, as a factor to the wire's. */
  readonly factor: number
}

/** Name of a policy value that a founding record or an amendment may set. */
export type PolicyName =
  | 'minimumOccupancy'
  | 'atpLifetimeDays'
  | 'ticketDeadlineHours'
  | 'ageingHours'
  | 'wasteAlert'
  | 'acceptAssurance'
  | 'acceptFinality'
  | 'bondGraceHours'
  | 'leaveNoticeDays'
  | 'vouchInteractions'
  | 'vouchBondDays'
  | 'vouchTrust'
  | 'admission'

/** A society's policy, every value in wire units. */
export type Policy = Readonly<Record<PolicyName, number>>

const minute = 60_000
const hour = 3_600_000
const day = 86_400_000

/** The limits of every policy value; a 0 that lifts a limit is for test federations. */
export const policyRules: Readonly<Record<PolicyName, PolicyRule>> = {
  minimumOccupancy: { default: hour, minimum: 0, maximum: 7 * day, factor: minute },
  atpLifetimeDays: { default: 7 * day, minimum: 1, maximum: 30 * day, factor: day },
  ticketDeadlineHours: { default: day, minimum: 1, maximum: 90 * day, factor: hour },
  ageingHours: { default: 6 * hour, minimum: 1, maximum: 30 * day, factor: hour },
  wasteAlert: { default: 100_000, minimum: 0, maximum: 1e12, factor: 1_000 },
  acceptAssurance: { default: 1, minimum: 0, maximum: 4, factor: 1 },
  acceptFinality: { default: 1, minimum: 0, maximum: 1, factor: 1 },
  bondGraceHours: { default: day, minimum: 0, maximum: 30 * day, factor: hour },
  leaveNoticeDays: { default: 90 * day, minimum: 0, maximum: 365 * day, factor: day },
  vouchInteractions: { default: 100, minimum: 0, maximum: 1e6, factor: 1 },
  vouchBondDays: { default: 90 * day, minimum: 0, maximum: 365 * day, factor: day },
  vouchTrust: { default: 700_000, minimum: 0, maximum: 1_000_000, factor: 1_000_000 },
  admission: { default: 0, minimum: 0, maximum: 1, factor: 1 },
}

/** Names of all policy values, in a fixed order. */
export const policyNames: readonly PolicyName[] = Object.keys(policyRules) as PolicyName[]

// Values where 0 is a choice and not the lifting of a limit.
const zeroIsAChoice: ReadonlySet<PolicyName> = new Set([
  'acceptFinality',
  'admission',
  'wasteAlert',
])

/** The policy of a society that sets none. */
export const defaultPolicy: Policy = Object.fromEntries(
  policyNames.map((name) => [name, policyRules[name].default]),
) as Policy

/** Federations in which limits may be lifted and devices simulated. */
export function isTestFederation(federation: string): boolean {
  return federation.startsWith('test-')
}

/** Whether the values lift a limit, or open admission, as only a test federation may. */
export function liftsLimits(values: Partial<Policy>): boolean {
  return policyNames.some((name) => {
    const value = values[name]
    if (name === 'admission') return value === 1
    return value === 0 && !zeroIsAChoice.has(name)
  })
}
