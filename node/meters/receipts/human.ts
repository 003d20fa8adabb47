import { didOf, type SocietyKey } from '../../../protocol/index.ts'
import {
  attestedHours,
  handsKeyDigits,
  metabolicWatts,
  receiptsMethod,
  receiptWindowMs,
  type Counterparty,
  type Measurement,
  type Meter,
  type Receipt,
} from '../../../src/index.ts'
import { toMeasurement } from '../measurement.ts'
import type { LedgersRead, MeterContext } from '../meter-kind.ts'
import { calledOff, withinTime } from '../time-limit.ts'
import { counterpartiesShownMax, measureTimeoutMs } from './limits.ts'
import { receiptEvidence } from './receipt-evidence.ts'

/** Whose hours are measured, by which ledgers. */
export type ReceiptsOptions = MeterContext &
  LedgersRead & {
    /** Where the work is done, "LAT,LON", handed on as it is. */
    readonly site?: string
  }

const hourMs = 3_600_000

/** Hours of at most two decimals, rounded down. */
const hoursOf = (ms: number): number => Math.floor((ms * 100) / hourMs) / 100

const shown = ({ society, workedMs, halves }: Counterparty) => ({
  society: didOf(society),
  hours: hoursOf(workedMs),
  weight: halves / 2,
})

/**
 * Measures the work of the society's own hands by its receipts: completions of the last 7 days that
 * it and those it worked for have signed. `hours` is what counts of the last 24, `metabolic` 100 W.
 * The source is `human:receipts:<begin of the society's key>`. `measure` throws `unverified-source`
 * where others attest too little, `implausible-proof` for what nobody can have done.
 */
export function receiptsHuman(options: ReceiptsOptions): Meter {
  const { now, self, site } = options

  async function allReceipts(at: number): Promise<readonly Receipt[]> {
    const since = at - receiptWindowMs
    const own = await options.receipts(new Set([self]), since)
    const others = new Set(own.map(({ beneficiary }): SocietyKey => beneficiary))
    others.delete(self)
    return [...own, ...(await options.receipts(others, since))]
  }

  async function read(signal: AbortSignal): Promise<Measurement> {
    const startedAt = now()
    const receipts = await allReceipts(startedAt)
    if (signal.aborted) throw calledOff(signal, 'The ledger', signal.reason)
    const citizens = options.citizens()
    const attested = attestedHours(self, receipts, { citizens, now: startedAt })
    const order = attested.counterparties.map(({ society }) => society)
    const own = receipts.filter(
      ({ worker, beneficiary }) => worker === self && beneficiary !== self,
    )
    return toMeasurement({
      type: 'human',
      scheme: 'receipts',
      names: { key: self.slice(0, handsKeyDigits) },
      fields: { metabolic: metabolicWatts, hours: hoursOf(attested.creditedMs) },
      site,
      method: receiptsMethod,
      endpoint: { society: didOf(self) },
      startedAt,
      finishedAt: now(),
      exchanges: receiptEvidence(own, ({ beneficiary }) => order.indexOf(beneficiary)),
      reading: {
        creditedHours: hoursOf(attested.creditedMs),
        workedHours: hoursOf(attested.workedMs),
        counterparties: attested.counterparties.slice(0, counterpartiesShownMax).map(shown),
        counterpartiesCount: attested.counterparties.length,
      },
    })
  }
  return { measure: (signal) => withinTime(signal, measureTimeoutMs, read) }
}
