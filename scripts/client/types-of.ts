/** A JSON Schema as the API's routes have it, as far as types follow from it. */
export type Schema = {
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
}

/** A named type: the file it belongs in, what it is, and its text. */
export type Named = {
  readonly name: string
  readonly file: string
  readonly summary: string
  readonly text: string
}

const plain: Readonly<Record<string, string>> = {
  string: 'string',
  number: 'number',
  integer: 'number',
  boolean: 'boolean',
  null: 'null',
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)
const literal = (value: unknown): string =>
  typeof value === 'string' ? `'${value}'` : JSON.stringify(value)
const key = (name: string): string => (/^[A-Za-z_]\w*$/.test(name) ? name : literal(name))

/** What a schema says, without the words about it. */
const shapeOf = (schema: Schema): string =>
  JSON.stringify(schema, (name, value: unknown) => (name === 'description' ? undefined : value))

/**
 * Writes schemas as TypeScript. Every object with members becomes a named type; one that comes up
 * again, be it elsewhere, is the same type.
 */
export class TypeWriter {
  readonly #named: Named[] = []
  readonly #nameOfShape: Map<string, string> = new Map()
  /** Where the types that are found from now on belong. */
  file = ''

  /** All named types so far. */
  get named(): readonly Named[] {
    return this.#named
  }

  /** The type of a schema; `name` is for an object found at its top, `place` says where. */
  typeOf(schema: Schema, name: string, place: string): string {
    if (schema.const !== undefined) return literal(schema.const)
    if (schema.enum !== undefined) return schema.enum.map(literal).join(' | ')
    if (schema.anyOf !== undefined) {
      return schema.anyOf.map((each) => this.typeOf(each, name, place)).join(' | ')
    }
    if (schema.type === 'array') {
      const item = this.typeOf(schema.items ?? {}, name, place)
      return item.includes(' ') ? `readonly (${item})[]` : `readonly ${item}[]`
    }
    if (schema.type === 'object') return this.#objectOf(schema, name, place)
    return plain[schema.type ?? ''] ?? 'unknown'
  }

  #objectOf(schema: Schema, name: string, place: string): string {
    const value = Object.values(schema.patternProperties ?? {})[0]
    if (value !== undefined) {
      const type = this.typeOf(value, `${name}Each`, place)
      return `Readonly<Record<string, ${type}>>`
    }
    const members = Object.entries(schema.properties ?? {})
    if (members.length === 0) return 'Readonly<Record<string, unknown>>'
    const shape = shapeOf(schema)
    const known = this.#nameOfShape.get(shape)
    if (known !== undefined) return known
    this.#nameOfShape.set(shape, name)
    const required = new Set(schema.required)
    const lines = members.map(([member, each]) => {
      const type = this.typeOf(each, `${name}${capital(member)}`, `\`${member}\` of ${place}`)
      if (required.has(member)) return memberLine(key(member), type)
      // What is asked may be left undefined, what is answered is there or not.
      return memberLine(`${key(member)}?`, this.file === 'questions' ? `${type} | undefined` : type)
    })
    this.#named.push({ name, file: this.file, summary: place, text: `{\n${lines.join('\n')}\n}` })
    return name
  }
}

const lineMax = 100

/** A line of an object's type, in several where it would be too long. */
function memberLine(name: string, type: string): string {
  const line = `  readonly ${name}: ${type}`
  if (line.length <= lineMax) return line
  return [`  readonly ${name}:`, ...type.split(' | ').map((each) => `    | ${each}`)].join('\n')
}
