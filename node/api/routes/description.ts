import { Type } from 'typebox'
import { defineRoute, type Route } from '../route.ts'

const describe = defineRoute({
  id: 'describeApi',
  method: 'GET',
  path: '/v1/openapi.json',
  summary: 'This description',
  answers: [{ status: 200, description: 'OpenAPI 3.1', schema: Type.Object({}) }],
  handle: ({ description }) => description(),
})

/** The API's description of itself. */
export const descriptionRoutes: readonly Route[] = [describe]
