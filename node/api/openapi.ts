import { Type, type TObject, type TSchema } from 'typebox'
import type { Answer, Route } from './route.ts'

type Json = Readonly<Record<string, unknown>>

const problemSchema = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String(),
  code: Type.String({ description: 'Stable; what went wrong' }),
  record: Type.Union([Type.String(), Type.Null()], { description: 'The record it is about' }),
  advice: Type.String({ description: 'What to do about it' }),
})

const meanings: Readonly<Record<number, string>> = {
  400: 'The request does not have the form asked for',
  401: 'The bearer token is missing or wrong',
  403: 'A foreign Host or Origin',
  404: 'It names something that is not known here',
  409: 'Refused by a rule, whose code it carries',
  413: 'The body is too large',
  415: 'The body is not JSON',
  429: 'Too much at a time; wait',
  502: 'The device did not answer, or answered nonsense',
  503: 'The node cannot do this now',
}

/** Query or path parameters, one of each property. */
function parametersOf(place: 'path' | 'query', schema: TObject | undefined): readonly Json[] {
  const required = new Set<string>(schema?.required ?? [])
  return Object.entries(schema?.properties ?? {}).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.has(name),
    schema: property,
  }))
}

const bodyOf = (schema: TSchema | undefined): Json =>
  schema === undefined
    ? {}
    : { requestBody: { required: true, content: { 'application/json': { schema } } } }

function answerOf({ description, schema, type }: Answer): Json {
  if (schema === undefined) {
    return type === undefined ? { description } : { description, content: { [type]: {} } }
  }
  const json = { 'application/json': { schema } }
  const content = type === undefined ? json : { [type]: { schema: Type.String() }, ...json }
  return { description, content }
}

function problemsOf(route: Route): Json {
  const always = route.open === true ? [403] : [401, 403]
  const statuses = new Set([
    ...always,
    ...(route.query === undefined && route.params === undefined ? [] : [400]),
    ...(route.problems ?? []),
  ])
  const entries = [...statuses]
    .filter((status) => !route.answers.some((answer) => answer.status === status))
    .map((status) => {
      const schema = { $ref: '#/components/schemas/Problem' }
      const content = { 'application/problem+json': { schema } }
      return [status, { description: meanings[status] ?? 'A problem', content }]
    })
  return Object.fromEntries(entries)
}

function operationOf(route: Route): Json {
  const answers = route.answers.map((answer) => [answer.status, answerOf(answer)])
  return {
    operationId: route.id,
    summary: route.summary,
    parameters: [...parametersOf('path', route.params), ...parametersOf('query', route.query)],
    ...bodyOf(route.body),
    responses: { ...Object.fromEntries(answers), ...problemsOf(route) },
    ...(route.open === true ? { security: [] } : {}),
  }
}

/** The OpenAPI 3.1 description of an API's routes. */
export function openapiOf(routes: readonly Route[], version: string): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const route of routes) {
    const path = (paths[route.path] ??= {})
    path[route.method.toLowerCase()] = operationOf(route)
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Society node',
      version,
      description: 'One society and its node. Amounts are decimals of ATP, ADP or W.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }],
    paths,
    components: {
      schemas: { Problem: problemSchema },
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: "The content of the file token in the node's directory",
        },
      },
    },
  }
}
