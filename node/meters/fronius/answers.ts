import { Type, type Static, type TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { Failure } from '../../../src/index.ts'
import { invertersMax, textLengthMax } from './limits.ts'

/**
 * What the Fronius Solar API v1 answers, as far as it is read. Source: Fronius Solar API V1,
 * document 42,0410,2012, and recorded answers.
 */

/** `GetAPIVersion.cgi`. */
export type Version = { readonly APIVersion: number; readonly BaseURL: string }

/** What every other answer begins with; `Status.Code` 0 is success. */
export type Head = {
  readonly Status: {
    readonly Code: number
    readonly Reason?: string
    readonly UserMessage?: string
  }
  readonly Timestamp: string
}

type Code = number | string | null

/** An inverter in `GetInverterInfo.cgi`. */
export type InverterInfo = {
  readonly UniqueID: string | number
  /** Power of its panels, in W, as its installer entered it. */
  readonly PVPower?: number | null
  /** A name that people gave it, characters as HTML entities. */
  readonly CustomName?: string | null
  /** Number of its device type. */
  readonly DT?: number | null
  readonly StatusCode?: Code
}

/** An amount with its unit; null or missing where the inverter does not tell. */
export type Amount = { readonly Value: number | null } | null

/** `GetInverterRealtimeData.cgi`, `CommonInverterData`; at night amounts are left out. */
export type Realtime = {
  /** Power that it gives, in W. */
  readonly PAC?: Amount
  /** Energy that it gave since it was made, in Wh. */
  readonly TOTAL_ENERGY?: Amount
  readonly DeviceStatus?: { readonly StatusCode?: Code } | null
}

const text = Type.String({ maxLength: textLengthMax })
const maybe = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]))
const code = maybe(Type.Union([Type.Integer(), text]))

const versionSchema = Type.Object({ APIVersion: Type.Integer(), BaseURL: text })

const headSchema = Type.Object({
  Head: Type.Object({
    Status: Type.Object({
      Code: Type.Integer(),
      Reason: Type.Optional(text),
      UserMessage: Type.Optional(text),
    }),
    Timestamp: text,
  }),
})

const inverterSchema = Type.Object({
  UniqueID: Type.Union([text, Type.Integer()]),
  PVPower: maybe(Type.Number()),
  CustomName: maybe(text),
  DT: maybe(Type.Integer()),
  StatusCode: code,
})

const deviceNumber = Type.String({ pattern: '^(0|[1-9][0-9]{0,2})$' })
const infoSchema = Type.Object({
  Body: Type.Object({
    Data: Type.Record(deviceNumber, inverterSchema, {
      maxProperties: invertersMax,
      additionalProperties: false,
    }),
  }),
})

const amountIn = <U extends string>(unit: U) =>
  maybe(Type.Object({ Value: Type.Union([Type.Number(), Type.Null()]), Unit: Type.Literal(unit) }))

const realtimeSchema = Type.Object({
  Body: Type.Object({
    Data: Type.Object({
      PAC: amountIn('W'),
      TOTAL_ENERGY: amountIn('Wh'),
      DeviceStatus: maybe(Type.Object({ StatusCode: code })),
    }),
  }),
})

/** Fails unless a value has a form, and names the member that is wrong. */
function read<T extends TSchema>(schema: T, value: unknown, place: string): Static<T> {
  if (Value.Check(schema, value)) return value
  const [first] = Value.Errors(schema, value)
  const member = first?.instancePath.replaceAll('/', ' ').trim() ?? ''
  throw new Failure(
    'source-nonsense',
    `${place} answered JSON of another form than the Solar API's` +
      `${member === '' ? '' : `, at "${member.slice(0, 64)}"`}; check address and firmware.`,
  )
}

/** Reads an answer of `place`; throws `source-nonsense` for another form, as the others do. */
export function readVersion(answer: unknown, place: string): Version {
  return read(versionSchema, answer, place)
}

/** Reads how an answer begins. */
export function readHead(answer: unknown, place: string): Head {
  return read(headSchema, answer, place).Head
}

/** Reads what stands behind a data manager, by device number. */
export function readInverters(
  answer: unknown,
  place: string,
): Readonly<Record<string, InverterInfo>> {
  return read(infoSchema, answer, place).Body.Data
}

/** Reads what an inverter does now. */
export function readRealtime(answer: unknown, place: string): Realtime {
  return read(realtimeSchema, answer, place).Body.Data
}
