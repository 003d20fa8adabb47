import { formatMilli } from '../../../protocol/index.ts'

/** An answer to one question about something, in words, with the records that show it. */
export type Reason = {
  /** Such as `in sync` or `spendable`. */
  readonly question: string
  readonly state: 'yes' | 'no' | 'unknown'
  /** Why, and what would change it. */
  readonly because: string
  /** Ids of records behind it. */
  readonly records: readonly string[]
}

/** What something is, and the answers about it. */
export type Why = {
  readonly about: 'society' | 'peer' | 'batch' | 'record'
  readonly id: string
  readonly name: string | null
  readonly reasons: readonly Reason[]
}

const reasonOf =
  (state: Reason['state']) =>
  (question: string, because: string, records: readonly string[] = []): Reason => ({
    question,
    state,
    because,
    records,
  })

/** It is so. */
export const yes: ReturnType<typeof reasonOf> = reasonOf('yes')
/** It is not so. */
export const no: ReturnType<typeof reasonOf> = reasonOf('no')
/** This node cannot tell. */
export const unclear: ReturnType<typeof reasonOf> = reasonOf('unknown')

/** An amount in mATP, in words. */
export const atp = (milli: number): string => `${formatMilli(milli)} ATP`
/** An instant in ms since 1970, in words. */
export const at = (time: number): string => new Date(time).toISOString()
