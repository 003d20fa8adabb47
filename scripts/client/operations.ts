import type { Route } from '../../node/api/route.ts'
import { TypeWriter, type Named, type Schema } from './types-of.ts'

/** Folder of the typed client, in which the files are made. */
const folder = 'node/client'

const made = '// Made of the schemas of node/api/routes by `npm run client`; not to be edited.'
const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)

// What an operation is named by says little of what comes back.
const nameOf = ({ id }: Route): string => {
  const [, thing = ''] = /^(?:get|list|follow|describe)([A-Z]\w*)$/.exec(id) ?? []
  return thing === '' ? capital(id) : thing
}

type Part = 'params' | 'query' | 'body'
type Operation = {
  readonly route: Route
  readonly answer: string
  readonly parts: Readonly<Record<Part, string | undefined>>
}

/** The file that has the types of a route's answers: one file would be too long. */
function answersFileOf({ path }: Route): string {
  if (/^\/v1\/(status|societies)/.test(path)) return 'societies'
  return /^\/v1\/(trust|bonds|vouches)/.test(path) ? 'trust' : 'answers'
}

function operationOf(route: Route, types: TypeWriter): Operation {
  const name = nameOf(route)
  const place = (what: string): string => `the ${what} of \`${route.id}\``
  const partOf = (part: Part): string | undefined => {
    types.file = 'questions'
    return route[part] && types.typeOf(route[part], name + capital(part), place(part))
  }
  const parts = { params: partOf('params'), query: partOf('query'), body: partOf('body') }
  types.file = answersFileOf(route)
  const answers = route.answers.map(({ schema }, i) =>
    types.typeOf((schema ?? {}) as Schema, i === 0 ? name : `${name}Other`, place('answer')),
  )
  return { route, answer: [...new Set(answers)].join(' | '), parts }
}

function operationText({ route, answer, parts }: Operation): string {
  const given = Object.entries(parts).map(([part, type]) => `    readonly ${part}: ${type}`)
  return [
    `  /** ${route.summary}. */`,
    `  readonly ${route.id}: {`,
    ...given,
    `    readonly answer: ${answer}`,
    '  }',
  ].join('\n')
}

/** The lines that import what a text names, from the files of the client but its own. */
function importsOf(text: string, named: readonly Named[], own: string): string {
  const words = new Set(text.match(/\b[A-Z]\w+/g))
  const files = [...new Set(named.map(({ file }) => file))].filter((file) => file !== own).sort()
  return files
    .flatMap((file) => {
      const names = named.filter((each) => each.file === file && words.has(each.name))
      const list = names.map(({ name }) => name).sort()
      if (list.length === 0) return []
      const line = `import type { ${list.join(', ')} } from './${file}.ts'\n`
      if (line.length <= 100) return [line]
      return [
        `import type {\n${list.map((name) => `  ${name},\n`).join('')}} from './${file}.ts'\n`,
      ]
    })
    .join('')
}

function typesText(file: string, named: readonly Named[]): string {
  const text = named
    .filter((each) => each.file === file)
    .map(({ name, summary, text: type }) => {
      return `/** ${capital(summary)}. */\nexport type ${name} = ${type}\n`
    })
    .join('\n')
  return `${made}\n${importsOf(text.replaceAll(/`[^`]*`/g, ''), named, file)}\n${text}`
}

function operationsText(operations: readonly Operation[], named: readonly Named[]): string {
  const types = operations.map(operationText).join('\n')
  const places = operations.map(({ route: { id, method, path } }) => {
    return `  ${id}: ['${method}', '${path}'],`
  })
  return `${made}
${importsOf(types.replaceAll(/\/\*\*.*/g, ''), named, 'operations')}
/** Every operation that answers JSON: what it is given, undefined for nothing, and the answer. */
export type Operations = {
${types}
}

/** Method and path of every such operation. */
export const operationPlaces: {
  readonly [K in keyof Operations]: readonly [method: 'GET' | 'POST', path: string]
} = {
${places.join('\n')}
}
`
}

const isJson = ({ answers: [{ type, schema }] }: Route): boolean =>
  type === undefined && schema !== undefined

/** What the routes' schemas say, said in types: the files of the client by their paths. */
export function clientFiles(routes: readonly Route[]): ReadonlyMap<string, string> {
  const types = new TypeWriter()
  const operations = routes.filter(isJson).map((route) => operationOf(route, types))
  const { named } = types
  const files = [...new Set(named.map(({ file }) => file))]
  return new Map([
    ...files.map((file) => [`${folder}/${file}.ts`, typesText(file, named)] as const),
    [`${folder}/operations.ts`, operationsText(operations, named)],
  ])
}
