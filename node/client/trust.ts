// Made of the schemas of node/api/routes by `npm run client`; not to be edited.

/** `direct` of `terms` of the answer of `getTrust`. */
export type TrustTermsDirect = {
  readonly value: number
  readonly weight: number
  readonly records: readonly string[]
  readonly interactions: number
  readonly successes: number
  readonly failures: number
  readonly lastSuccess: string | null
  readonly vouched: boolean
}

/** `transitive` of `terms` of the answer of `getTrust`. */
export type TrustTermsTransitive = {
  readonly value: number
  readonly weight: number
  readonly records: readonly string[]
}

/** `bond` of `terms` of the answer of `getTrust`. */
export type TrustTermsBond = {
  readonly value: number
  readonly weight: number
  readonly records: readonly string[]
  readonly state: 'none' | 'active' | 'violated' | 'fulfilled' | 'abandoned'
}

/** `reputation` of `terms` of the answer of `getTrust`. */
export type TrustTermsReputation = {
  readonly value: number
  readonly weight: number
  readonly records: readonly string[]
  readonly jobs: number
}

/** `experience` of `terms` of the answer of `getTrust`. */
export type TrustTermsExperience = {
  readonly value: number
  readonly factor: number
  readonly records: readonly string[]
  readonly goodJobs: number
}

/** `anomaly` of `terms` of the answer of `getTrust`. */
export type TrustTermsAnomaly = {
  readonly value: number
  readonly factor: number
  readonly records: readonly string[]
}

/** `items` of `penalties` of `terms` of the answer of `getTrust`. */
export type TrustTermsPenaltiesItems = {
  readonly factor: number
  readonly reason: 'bond-violated' | 'bond-abandoned' | 'vouch-failed' | 'equivocation'
  readonly society: string
  readonly records: readonly string[]
}

/** `penalties` of `terms` of the answer of `getTrust`. */
export type TrustTermsPenalties = {
  readonly value: number
  readonly factor: number
  readonly records: readonly string[]
  readonly items: readonly TrustTermsPenaltiesItems[]
}

/** `terms` of the answer of `getTrust`. */
export type TrustTerms = {
  readonly direct: TrustTermsDirect
  readonly transitive: TrustTermsTransitive
  readonly bond: TrustTermsBond
  readonly reputation: TrustTermsReputation
  readonly experience: TrustTermsExperience
  readonly anomaly: TrustTermsAnomaly
  readonly penalties: TrustTermsPenalties
}

/** `hops` of `paths` of the answer of `getTrust`. */
export type TrustPathsHops = {
  readonly from: string
  readonly to: string
  readonly weight: number
  readonly records: readonly string[]
}

/** `paths` of the answer of `getTrust`. */
export type TrustPaths = {
  readonly strength: number
  readonly through: readonly string[]
  readonly hops: readonly TrustPathsHops[]
}

/** The answer of `getTrust`. */
export type Trust = {
  readonly observer: string
  readonly subject: string
  readonly time: string
  readonly trust: number
  readonly terms: TrustTerms
  readonly paths: readonly TrustPaths[]
  readonly records: readonly string[]
}

/** The answer of `listBonds`. */
export type Bonds = {
  readonly id: string
  readonly society: string
  readonly sources: readonly string[]
  readonly capacity: number
  readonly state: 'active' | 'violated' | 'fulfilled' | 'abandoned'
  readonly committedAt: string
  readonly until: string
  readonly proven: boolean
  readonly endedAt: string | null
}

/** The answer of `listVouches`. */
export type Vouches = {
  readonly id: string
  readonly sponsor: string
  readonly newcomer: string
  readonly watts: number
  readonly state: 'open' | 'lapsed' | 'active' | 'succeeded' | 'failed'
  readonly givenAt: string
  readonly until: string
  readonly acceptance: string | null
  readonly acceptedAt: string | null
  readonly decidedAt: string | null
}
