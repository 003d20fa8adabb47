import type { FastifyReply } from 'fastify'
import type { Static, TObject, TSchema } from 'typebox'
import type { ApiContext } from './context.ts'

/** An answer of a route: what it means, and its body as JSON unless `type` names another form. */
export type Answer = {
  readonly status: number
  readonly description: string
  readonly schema?: TSchema
  readonly type?: string
}

/** One operation of the API. Validation, help and the OpenAPI description all come of this. */
export type Route = {
  /** Name of the operation in the description, unique. */
  readonly id: string
  readonly method: 'GET' | 'POST'
  /** Path with parameters in braces. */
  readonly path: string
  readonly summary: string
  /** Answers without a token. */
  readonly open?: true
  readonly params?: TObject
  readonly query?: TObject
  readonly body?: TObject
  /** Answers where all went well; the first is the usual one. */
  readonly answers: readonly [Answer, ...Answer[]]
  /** Statuses of the problems that it can end in, besides those of every route. */
  readonly problems?: readonly number[]
  /** Answers, or fails with a `Failure`. Gives the body of the usual answer. */
  handle(context: ApiContext, input: Input<TSchema, TSchema, TSchema>, reply: FastifyReply): unknown
}

/** The validated parts of a request. */
export type Input<Params extends TSchema, Query extends TSchema, Body extends TSchema> = {
  readonly params: Static<Params>
  readonly query: Static<Query>
  readonly body: Static<Body>
}

type Definition<Params extends TSchema, Query extends TSchema, Body extends TSchema> = Omit<
  Route,
  'params' | 'query' | 'body' | 'handle'
> & {
  readonly params?: Params
  readonly query?: Query
  readonly body?: Body
  handle(context: ApiContext, input: Input<Params, Query, Body>, reply: FastifyReply): unknown
}

/** A route whose handler takes what its schemas say. */
export function defineRoute<
  Params extends TObject = TObject,
  Query extends TObject = TObject,
  Body extends TObject = TObject,
>(definition: Definition<Params, Query, Body>): Route {
  return definition
}
