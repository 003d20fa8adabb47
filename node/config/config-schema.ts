import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { nameLengthMax, policyRules, type PolicyName } from '../../protocol/index.ts'
import type { CosignPolicy, HistoryKept } from '../../src/index.ts'
import { clockAheadSecondsMax, timeServerLengthMax, timeServersMax } from '../clock/limits.ts'
import { addressesMax, allowedMax, connectionsMax, makersMax, watchMinutesMax } from './limits.ts'

/** What an operator decides about a node; every value present. */
export type Config = {
  readonly name: string
  readonly federation: string
  readonly network: {
    /** Multiaddrs; port 0 is any free one. */
    readonly listen: readonly string[]
    /** Multiaddrs told to others instead of those listened on. */
    readonly announce: readonly string[]
    /** Multiaddrs of nodes to begin with, each with its PeerId. */
    readonly bootstrap: readonly string[]
    readonly mdns: boolean
    readonly webSockets: boolean
    readonly maxConnections: number
  }
  /** Port 0 is any free one. */
  readonly api: { readonly host: string; readonly port: number }
  /** What differs from the protocol's defaults, in the units of the names. */
  readonly policy: Readonly<Partial<Record<PolicyName, number | string>>>
  /** ADP of the founding record, a decimal with at most three places. */
  readonly founding: { readonly adp: string }
  /** `manual` turns off what a node does by itself. */
  readonly automation: { readonly manual: boolean }
  readonly cosign: CosignPolicy
  /** What is kept of documents: `all` that ever was, or what is younger than the horizon. */
  readonly history: { readonly keep: HistoryKept }
  /** Minutes between two looks at each device that was measured; 0 measures what is due alone. */
  readonly renewal: { readonly watchMinutes: number }
  /** Time servers, `HOST` or `HOST:PORT`; none are asked unless they are named. */
  readonly clock: {
    readonly sntp: readonly string[]
    /** How far the node's clock is ahead of the machine's, in s; in test federations alone. */
    readonly aheadSeconds: number
  }
  readonly witness: {
    /** Whether this node looks at the sources of others, where it is chosen. */
    readonly looks: boolean
    /** Whether it asks for witnesses of its own sources by itself. */
    readonly asks: boolean
    /** `HOST:PORT` or `CIDR:PORT` that it may dial for a look; all else by the claimant's node. */
    readonly allow: readonly string[]
    /** Samples of one look, and the seconds between two. */
    readonly samples: number
    readonly gapSeconds: number
    /** Lets witnesses through to devices that speak TLS, which hides from it what they send. */
    readonly relaySealed: boolean
  }
  /** Files in PEM, from the node's directory on. */
  readonly devices: {
    /** Certificates of device makers. */
    readonly makers: readonly string[]
    /** This node's own for devices that ask for one; none where empty. */
    readonly certificate: string
    readonly key: string
  }
  readonly log: { readonly level: 'debug' | 'info' | 'warn' | 'error' }
}

/** A `config.yaml` that fits the schema. */
export type GivenConfig = Pick<Config, 'name' | 'federation'> & {
  readonly network?: Partial<Config['network']>
  readonly api?: Partial<Config['api']>
  readonly policy?: Config['policy']
  readonly founding?: { readonly adp?: string | number }
  readonly automation?: Partial<Config['automation']>
  readonly cosign?: Partial<Config['cosign']>
  readonly history?: Partial<Config['history']>
  readonly renewal?: Partial<Config['renewal']>
  readonly clock?: Partial<Config['clock']>
  readonly witness?: Partial<Config['witness']>
  readonly devices?: Partial<Config['devices']>
  readonly log?: Partial<Config['log']>
}

/** Something wrong at a path of the config: a clause that says what, and what to write. */
export type ConfigProblem = { readonly path: readonly string[]; readonly what: string }

// Descriptions are what an error tells to write there: "it must be <description>".
const closed = { additionalProperties: false }
const file = Type.String({ description: 'the name of a PEM file' })
const flag = Type.Boolean({ description: 'true or false' })

function section<T extends Type.TProperties>(properties: T): Type.TObject<T> {
  return Type.Object(properties, { ...closed, description: 'a map, its keys indented below it' })
}

function choice<T extends string>(...names: T[]): Type.TEnum<T[]> {
  return Type.Enum(names, { description: names.join(' or ') })
}

function policyNumber(name: PolicyName, what: string): Type.TOptional<Type.TNumber> {
  const { minimum, maximum, factor } = policyRules[name]
  const limits = { minimum: minimum / factor, maximum: maximum / factor }
  // One step above zero, a millisecond, is not what people want to read.
  const least = minimum === 1 ? 'above 0, up' : `from ${limits.minimum}`
  return Type.Optional(
    Type.Number({ ...limits, description: `${what} ${least} to ${limits.maximum}` }),
  )
}

function policyInteger(name: PolicyName, what: string): Type.TOptional<Type.TInteger> {
  const { minimum, maximum } = policyRules[name]
  const description = `${what} from ${minimum} to ${maximum}`
  return Type.Optional(Type.Integer({ minimum, maximum, description }))
}

const addresses = Type.Array(Type.String({ description: 'a multiaddr' }), {
  maxItems: addressesMax,
  description: `a list of at most ${addressesMax} multiaddrs, such as [/ip4/0.0.0.0/tcp/4100]`,
})

const policySchema = section({
  minimumOccupancy: policyNumber('minimumOccupancy', 'a number of minutes'),
  atpLifetimeDays: policyNumber('atpLifetimeDays', 'a number of days'),
  ticketDeadlineHours: policyNumber('ticketDeadlineHours', 'a number of hours'),
  ageingHours: policyNumber('ageingHours', 'a number of hours'),
  wasteAlert: policyNumber('wasteAlert', 'a number of ATP'),
  acceptAssurance: policyInteger('acceptAssurance', 'a level'),
  acceptFinality: Type.Optional(choice('certified', 'signed')),
  bondGraceHours: policyNumber('bondGraceHours', 'a number of hours'),
  leaveNoticeDays: policyNumber('leaveNoticeDays', 'a number of days'),
  vouchInteractions: policyInteger('vouchInteractions', 'a whole number'),
  vouchBondDays: policyNumber('vouchBondDays', 'a number of days'),
  vouchTrust: policyNumber('vouchTrust', 'a number'),
  admission: Type.Optional(choice('invited', 'open')),
})

const timeServers = Type.Array(
  Type.String({ maxLength: timeServerLengthMax, description: 'HOST or HOST:PORT' }),
  {
    maxItems: timeServersMax,
    description: `a list of at most ${timeServersMax} servers, such as [ntp.example]`,
  },
)

// Unknown keys are refused; all but name and federation may lack.
const schema = section({
  name: Type.String({
    pattern: '^\\S(.*\\S)?$',
    maxLength: nameLengthMax,
    description: `a name of at most ${nameLengthMax} characters`,
  }),
  federation: Type.String({
    // It is a part of the names of gossip topics.
    pattern: '^[^\\s/]+$',
    maxLength: nameLengthMax,
    description: `a name of at most ${nameLengthMax} characters without spaces and slashes`,
  }),
  network: Type.Optional(
    section({
      listen: Type.Optional(addresses),
      announce: Type.Optional(addresses),
      bootstrap: Type.Optional(addresses),
      mdns: Type.Optional(flag),
      webSockets: Type.Optional(flag),
      maxConnections: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: connectionsMax,
          description: `a whole number from 1 to ${connectionsMax}`,
        }),
      ),
    }),
  ),
  api: Type.Optional(
    section({
      host: Type.Optional(
        Type.String({ pattern: '^[^\\s/]+$', description: 'an address such as 127.0.0.1' }),
      ),
      port: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: 65_535,
          description: 'a port from 1 to 65535, or 0 for any free one',
        }),
      ),
    }),
  ),
  policy: Type.Optional(policySchema),
  founding: Type.Optional(
    section({
      adp: Type.Optional(
        Type.Union([Type.Number(), Type.String()], {
          description: 'an amount of ADP with at most three decimal places',
        }),
      ),
    }),
  ),
  automation: Type.Optional(section({ manual: Type.Optional(flag) })),
  cosign: Type.Optional(
    section({
      worker: Type.Optional(choice('known', 'ask')),
      beneficiary: Type.Optional(choice('ask', 'known')),
    }),
  ),
  history: Type.Optional(section({ keep: Type.Optional(choice('all', 'window')) })),
  renewal: Type.Optional(
    section({
      watchMinutes: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: watchMinutesMax,
          description: `a number of minutes from 0 to ${watchMinutesMax}`,
        }),
      ),
    }),
  ),
  clock: Type.Optional(
    section({
      sntp: Type.Optional(timeServers),
      aheadSeconds: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: clockAheadSecondsMax,
          description: `a whole number of seconds from 0 to ${clockAheadSecondsMax}`,
        }),
      ),
    }),
  ),
  witness: Type.Optional(
    section({
      looks: Type.Optional(flag),
      asks: Type.Optional(flag),
      allow: Type.Optional(
        Type.Array(Type.String({ description: 'HOST:PORT or CIDR:PORT' }), {
          maxItems: allowedMax,
          description: `a list of at most ${allowedMax} HOST:PORT or CIDR:PORT`,
        }),
      ),
      samples: Type.Optional(
        Type.Integer({ minimum: 2, maximum: 20, description: 'a whole number from 2 to 20' }),
      ),
      gapSeconds: Type.Optional(
        Type.Number({ minimum: 0, maximum: 300, description: 'a number of seconds from 0 to 300' }),
      ),
      relaySealed: Type.Optional(flag),
    }),
  ),
  devices: Type.Optional(
    section({
      makers: Type.Optional(
        Type.Array(file, {
          maxItems: makersMax,
          description: `a list of at most ${makersMax} names of PEM files`,
        }),
      ),
      certificate: Type.Optional(file),
      key: Type.Optional(file),
    }),
  ),
  log: Type.Optional(section({ level: Type.Optional(choice('debug', 'info', 'warn', 'error')) })),
})

type Section = keyof typeof schema.properties

const sectionNames = Object.keys(schema.properties).filter(
  (name): name is Section => name in schema.properties,
)

/** The part of the schema for a path; a key that is not there or has no description: undefined. */
function schemaAt(path: readonly string[]): unknown {
  let at: unknown = schema
  for (const name of path) {
    const properties: unknown = Reflect.get(Object(at), 'properties')
    at = Reflect.get(Object(properties ?? at), properties === undefined ? 'items' : name)
  }
  return at
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 60 ? `${text.slice(0, 60)}...` : text
}

type Plain = Readonly<Record<string, unknown>>

function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Sections whose lines are all comments have no value; they are empty maps. */
function withEmptySections(value: Plain): Plain {
  const entries = Object.entries(value).map(([name, part]) => {
    const isSection = Reflect.has(Object(schemaAt([name])), 'properties')
    return [name, part === null && isSection ? {} : part] as const
  })
  return Object.fromEntries(entries)
}

/** Keys that the schema of the map at a path does not have. */
function unknownKeys(path: readonly string[], value: unknown): ConfigProblem[] {
  const properties: unknown = Reflect.get(Object(schemaAt(path)), 'properties')
  if (!isPlain(properties) || !isPlain(value)) return []
  const known = Object.keys(properties)
  const what = `is no known key; known here: ${known.join(', ')}`
  return Object.keys(value)
    .filter((name) => !known.includes(name))
    .map((name) => ({ path: [...path, name], what }))
}

/** Values of a section that do not fit, each told once. */
function misfits(name: Section, value: unknown): ConfigProblem[] {
  if (value === undefined) {
    return schema.required.some((required) => required === name)
      ? [{ path: [name], what: 'is missing' }]
      : []
  }
  const places = Value.Errors(schema.properties[name], value)
    // Unknown keys are told apart.
    .filter(({ keyword }) => keyword !== 'boolean' && keyword !== 'additionalProperties')
    .map(({ instancePath }) => instancePath)
  // Alternatives of a union each bring an error for the same place.
  return [...new Set(places)].map((place) => {
    const path = [name, ...place.split('/').slice(1)]
    const description = String(Reflect.get(Object(schemaAt(path)), 'description'))
    const found = Value.Pointer.Get(value, place)
    return { path, what: `is ${shown(found)}; it must be ${description}` }
  })
}

/** Checks a value against the schema: what was given, or what is wrong with it. */
export function checkConfig(
  value: unknown,
): { readonly given: GivenConfig } | { readonly problems: readonly ConfigProblem[] } {
  if (!isPlain(value)) {
    const what = `is ${shown(value)}; it must be a map, such as name: sage`
    return { problems: [{ path: [], what }] }
  }
  const given = withEmptySections(value)
  if (Value.Check(schema, given)) return { given }
  const names = Object.keys(given)
  return {
    problems: [
      ...[[], ...names.map((name) => [name])].flatMap((path) =>
        unknownKeys(path, path[0] === undefined ? given : given[path[0]]),
      ),
      ...sectionNames.flatMap((name) => misfits(name, given[name])),
    ],
  }
}
