import { Failure } from '../../../src/index.ts'

/** A telegram's identification and its objects: the texts in brackets by OBIS code. */
export type Telegram = {
  readonly identification: string
  readonly objects: ReadonlyMap<string, readonly string[]>
}

/** A quantity in millionths of its unit, exactly as the meter wrote it. */
export type Quantity = {
  readonly micro: bigint
  readonly unit: string
  /** 99.999, 999.9, 0999.00: nines in every place, by which meters say that there is no limit. */
  readonly isUnlimited: boolean
}

/** An OBIS code, its version 255 left out as most meters do, and values in brackets. */
const objectLine = /^(\d{1,3}-\d{1,3}:\d{1,3}\.\d{1,3}\.\d{1,3})(?:\*255)?((?:\([^()]*\))+)$/

/** Reads the lines of a telegram whose checksum fits. */
export function parseTelegram(text: string): Telegram {
  const [first = '', ...lines] = text.split('\r\n')
  const objects = new Map<string, readonly string[]>()
  for (const line of lines) {
    const [, code, values] = objectLine.exec(line) ?? []
    // The first stands: no meter tells one object twice.
    if (code === undefined || values === undefined || objects.has(code)) continue
    objects.set(code, values.slice(1, -1).split(')('))
  }
  return { identification: first.slice(1), objects }
}

/** The first value of an object; undefined where there is none or it is empty. */
export function valueOf({ objects }: Telegram, code: string): string | undefined {
  const value = objects.get(code)?.[0]
  return value === '' ? undefined : value
}

/**
 * The last value of an object as a quantity, by its decimal digits and never through a float:
 * 016.1*kW is 16,100 W and no hair more. Undefined where there is none; throws `source-nonsense`
 * where it is no quantity.
 */
export function quantityOf({ objects }: Telegram, code: string): Quantity | undefined {
  const text = objects.get(code)?.at(-1)
  if (text === undefined || text === '') return undefined
  const match = /^(\d{1,9})(?:\.(\d{1,6}))?\*([A-Za-z]{1,4})$/.exec(text)
  const [, whole, fraction = '', unit] = match ?? []
  if (whole === undefined || unit === undefined) {
    throw new Failure(
      'source-nonsense',
      `The meter gives ${code} as '${text.slice(0, 40)}', which is no quantity; see its standard.`,
    )
  }
  const [wholeDigits, rest] = [whole.replace(/^0+/, ''), fraction.replace(/0+$/, '')]
  return {
    micro: BigInt(whole + fraction.padEnd(6, '0')),
    unit,
    isUnlimited: /^99+$/.test(wholeDigits) && /^9{3,}$/.test(wholeDigits + rest),
  }
}
