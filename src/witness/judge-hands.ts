import { formatMilli, witnessedLevel, type Standing } from '../../protocol/index.ts'
import { Failure } from '../failure.ts'
import type { AttestedHours } from '../work/attested-hours.ts'
import { metabolicWatts } from '../work/receipts.ts'
import type { Judgement } from './judge.ts'

/** What a witness knows of work by hand when it is to say something. */
export type HandsSight = {
  readonly source: { readonly claimed: string; readonly seen: string }
  /** Energy a day that the proof claims, in mWh; null where it claims none. */
  readonly milliwattHours: number | null
  /** What the witness's own ledgers attest; why they attest nothing. */
  readonly attested: AttestedHours | Failure
  /** What those who were worked for say of their receipts, each named as people know it. */
  readonly words: readonly { readonly society: string; readonly said: readonly Standing[] }[]
}

const hourMs = 3_600_000
/** Proofs tell hours to a hundredth, and a rounding may fall to either side: 1 Wh. */
const slackMilliwattHours = (metabolicWatts * 1_000) / 100

const no = (reason: string): Judgement => ({ verdict: false, level: witnessedLevel, reason })

/**
 * What a witness makes of work by hand. A no where its ledgers attest less than the proof claims,
 * or one of those who were worked for does not stand by its signature.
 */
export function judgeHands({ source, milliwattHours, attested, words }: HandsSight): Judgement {
  if (source.claimed !== source.seen) return no(`these are the hands of ${source.seen}`)
  if (attested instanceof Failure) return no(attested.message)
  const most = (attested.creditedMs * metabolicWatts * 1_000) / hourMs + slackMilliwattHours
  if (milliwattHours === null || milliwattHours > most) {
    const claimed = formatMilli(milliwattHours ?? 0)
    return no(`others attest ${formatMilli(Math.floor(most))} Wh a day, not ${claimed}`)
  }
  for (const { society, said } of words) {
    const denied = said.find(({ stands }) => !stands)
    if (denied !== undefined) return no(`${society} does not stand by ${denied.receipt}`)
  }
  const reason = 'those whom it worked for stand by it'
  return { verdict: true, level: witnessedLevel, reason }
}
