import { Type, type Static, type TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { Failure } from '../../../src/index.ts'
import { nameLengthMax } from './limits.ts'

/**
 * The objects of OpenADR 3.1, as far as they are read; members that are not read may be anything.
 * Source: openadr3.yaml 3.1.0 in github.com/grid-coordination/openadr3-specification.
 */

const name = Type.String({ minLength: 1, maxLength: nameLengthMax })
const text = Type.String({ maxLength: 256 })
const maybe = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]))

const intervalPeriodSchema = Type.Object({ start: maybe(text), duration: maybe(text) })

const descriptorsSchema = maybe(Type.Array(Type.Object({ payloadType: text, units: maybe(text) })))

const intervalSchema = Type.Object({
  intervalPeriod: maybe(intervalPeriodSchema),
  payloads: Type.Array(Type.Object({ type: text, values: Type.Array(Type.Unknown()) })),
})

const eventSchema = Type.Object({
  id: name,
  programID: name,
  createdDateTime: maybe(text),
  duration: maybe(text),
  priority: maybe(Type.Integer({ minimum: 0 })),
  targets: maybe(Type.Array(name)),
  payloadDescriptors: descriptorsSchema,
  intervalPeriod: maybe(intervalPeriodSchema),
  intervals: maybe(Type.Array(intervalSchema)),
})

const programSchema = Type.Object({
  id: name,
  programName: name,
  payloadDescriptors: descriptorsSchema,
})
const venSchema = Type.Object({ id: name, venName: name })
const resourceSchema = Type.Object({
  id: name,
  resourceName: name,
  venID: name,
  targets: maybe(Type.Array(name)),
})

/** When an interval, or every interval of an event, begins and how long it lasts. */
export type IntervalPeriod = { readonly start?: string | null; readonly duration?: string | null }

/** One interval of an event, with what it says for each type of payload. */
export type Interval = {
  readonly intervalPeriod?: IntervalPeriod | null
  readonly payloads: readonly { readonly type: string; readonly values: readonly unknown[] }[]
}

type Descriptors =
  | readonly { readonly payloadType: string; readonly units?: string | null }[]
  | null

/** Something that a server tells a customer for some time. */
export type Event = {
  readonly id: string
  readonly programID: string
  readonly createdDateTime?: string | null
  readonly duration?: string | null
  readonly priority?: number | null
  readonly targets?: readonly string[] | null
  readonly payloadDescriptors?: Descriptors
  readonly intervalPeriod?: IntervalPeriod | null
  readonly intervals?: readonly Interval[] | null
}

/** What events belong to: a tariff, a scheme. */
export type Program = {
  readonly id: string
  readonly programName: string
  readonly payloadDescriptors?: Descriptors
}

/** A customer as the server knows it. */
export type Ven = { readonly id: string; readonly venName: string }

/** A site or device of a customer. */
export type Resource = {
  readonly id: string
  readonly resourceName: string
  readonly venID: string
  readonly targets?: readonly string[] | null
}

/** The object that each list of a server holds. */
export type Listed = {
  readonly events: Event
  readonly programs: Program
  readonly vens: Ven
  readonly resources: Resource
}

/** A list of a server, as its path names it. */
export type ListName = keyof Listed

const schemas = {
  events: eventSchema,
  programs: programSchema,
  vens: venSchema,
  resources: resourceSchema,
}

/** Fails with `source-nonsense` unless a value has a form, and names the member that is wrong. */
function read<T extends TSchema>(schema: T, value: unknown, what: string): Static<T> {
  if (Value.Check(schema, value)) return value
  const [first] = Value.Errors(schema, value)
  const member = first?.instancePath.replaceAll('/', ' ').trim() ?? ''
  throw new Failure(
    'source-nonsense',
    `${what} is of another form than OpenADR 3.1 has` +
      `${member === '' ? '' : `, at "${member.slice(0, 64)}"`}; check the address and its version.`,
  )
}

/** Reads an object of a list. Throws `source-nonsense` for another form, as the others do. */
export function readObject<L extends ListName>(list: L, value: unknown, what: string): Listed[L] {
  return read(schemas[list], value, what) as Listed[L]
}

/** Reads a page of a list. */
export function readPage<L extends ListName>(
  list: L,
  value: unknown,
  what: string,
): readonly Listed[L][] {
  return read(Type.Array(schemas[list]), value, what) as readonly Listed[L][]
}

/** Reads where tokens are to be had. */
export function readTokenUrl(value: unknown, what: string): string {
  return read(Type.Object({ tokenURL: Type.String({ minLength: 1 }) }), value, what).tokenURL
}

/** A token, and what its server says that it is good for, so far as it says that. */
export type Token = {
  readonly text: string
  /** Names between blanks. */
  readonly scope: string | undefined
  readonly expiresInSeconds: number | undefined
}

/** Reads an access token; of a type that no header could carry it is none. */
export function readToken(value: unknown, what: string): Token {
  const schema = Type.Object({
    access_token: Type.String({ pattern: '^[!-~]{1,4096}$' }),
    token_type: Type.String({ pattern: '^[Bb]earer$' }),
    scope: Type.Optional(Type.String({ maxLength: 1_024 })),
    expires_in: Type.Optional(Type.Number()),
  })
  const token = read(schema, value, what)
  return { text: token.access_token, scope: token.scope, expiresInSeconds: token.expires_in }
}
