import { Failure } from '../../../src/index.ts'
import { connectionLimit } from './connection-limit.ts'
import { skewMsMax } from './limits.ts'
import { quantityOf, valueOf, type Telegram } from './telegram.ts'
import { telegramTime } from './telegram-time.ts'

const timeCode = '0-0:1.0.0'
/** Equipment identifier: of the Netherlands and Belgium, then of others. */
const idCodes = ['0-0:96.1.1', '0-0:96.1.0']
const powerCode = '1-0:1.7.0'
const phasePowerCodes = ['1-0:21.7.0', '1-0:41.7.0', '1-0:61.7.0']
/** Energy drawn: both tariffs, or one for all. */
const energyCodes = ['1-0:1.8.1', '1-0:1.8.2', '1-0:1.8.0']

/** What a meter says of itself and its connection; powers in W. */
export type Reading = {
  readonly identification: string
  /** Equipment identifier as text. */
  readonly equipment: string
  readonly phases: number
  readonly limiterWatts: number | null
  readonly fuseWatts: number | null
  readonly allocatedWatts: number
  /** What is drawn now, over all and by phase; null where the meter does not tell. */
  readonly drawnWatts: number | null
  readonly phaseWatts: readonly number[]
  /** The meter's time less the node's. */
  readonly skewMs: number
}

const nonsense = (message: string): Failure => new Failure('source-nonsense', message)

const watts = (milliwatts: bigint): number => Number(milliwatts) / 1000

/** Identifiers are ASCII written as hex; what does not come out as text stays hex. */
function textOfHex(hex: string): string {
  const bytes = /^(?:[0-9A-Fa-f]{2})+$/.test(hex) ? Buffer.from(hex, 'hex') : Buffer.alloc(0)
  const text = bytes.toString('latin1')
  return /^[ -~]+$/.test(text) ? text : hex
}

function equipmentOf(telegram: Telegram): string {
  for (const code of idCodes) {
    const value = valueOf(telegram, code)
    if (value !== undefined) return textOfHex(value)
  }
  return ''
}

/** The meter's time of a telegram, in ms since 1970. Throws `source-nonsense` where it has none. */
export function timeOf(telegram: Telegram): number {
  const text = valueOf(telegram, timeCode)
  const time = text === undefined ? undefined : telegramTime(text)
  if (time !== undefined) return time
  throw nonsense(
    `The meter does not tell the time (${timeCode} is ${text?.slice(0, 20) ?? 'missing'}); ` +
      'a DSMR 4 meter or newer is needed, with its clock set.',
  )
}

function energyOf(telegram: Telegram): bigint {
  const parts = energyCodes.map((code) => quantityOf(telegram, code)?.micro ?? 0n)
  return parts.reduce((total, part) => total + part, 0n)
}

function wattsOf(telegram: Telegram, code: string): number | null {
  const quantity = quantityOf(telegram, code)
  return quantity === undefined || quantity.unit !== 'kW' ? null : watts(quantity.micro)
}

/**
 * Makes sense of two telegrams of one meter, the second of a later time, received at `now`. Throws
 * `source-nonsense` where they do not belong together or their time is not now, and as
 * `connectionLimit` does.
 */
export function readMeter(first: Telegram, second: Telegram, now: number): Reading {
  const equipment = equipmentOf(second)
  if (equipmentOf(first) !== equipment) {
    throw nonsense('Telegrams of different meters come from there; connect one meter alone.')
  }
  if (energyOf(second) < energyOf(first)) {
    throw nonsense('Its counter of energy went down between two telegrams; have the meter checked.')
  }
  const skewMs = timeOf(second) - now
  if (Math.abs(skewMs) > skewMsMax) {
    throw nonsense(
      `The meter's clock is ${Math.round(skewMs / 1000)} s from the node's: set the node's, ` +
        'and see that these telegrams are of now and not a recording.',
    )
  }
  const { phases, limiter, fuse, allocated } = connectionLimit(second)
  return {
    identification: second.identification.replaceAll(/[^ -~]/g, ''),
    equipment,
    phases,
    limiterWatts: limiter === null ? null : watts(limiter),
    fuseWatts: fuse === null ? null : watts(fuse),
    allocatedWatts: watts(allocated),
    drawnWatts: wattsOf(second, powerCode),
    phaseWatts: phasePowerCodes.flatMap((code) => wattsOf(second, code) ?? []),
    skewMs,
  }
}
