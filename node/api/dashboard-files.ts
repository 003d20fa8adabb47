import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply } from 'fastify'

/** Where `npm run dashboard` puts the dashboard. */
export const dashboardDirectory: string = fileURLToPath(
  new URL('../../dist/dashboard/', import.meta.url),
)

/** Paths that are answered without a token: files that are the same on every node. */
export const dashboardPaths: readonly string[] = ['/', '/assets/:name']

/** Everything from this node alone: no other host, no script or style in the page's own text. */
const headers = {
  'content-security-policy':
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; " +
    "form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

const notBuilt = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Dashboard not built</title>
<h1>The dashboard is not built yet</h1>
<p>The node itself works. In its checkout, run <code>npm run dashboard</code> and load this page
again. Until then the command line does all that the dashboard does: <code>society --help</code>.
`

/** Serves the dashboard at `/`, or a page that tells how to build it. */
export function addDashboard(server: FastifyInstance, directory: string): void {
  void server.register(fastifyStatic, { root: directory, serve: false, cacheControl: false })
  const send = (reply: FastifyReply, path: string, caching: string): FastifyReply =>
    reply.headers({ ...headers, 'cache-control': caching }).sendFile(path)
  server.get('/', { exposeHeadRoute: false }, (_request, reply) => {
    if (existsSync(`${directory}/index.html`)) return send(reply, 'index.html', 'no-cache')
    return reply.headers(headers).code(503).type('text/html; charset=utf-8').send(notBuilt)
  })
  server.get<{ Params: { name: string } }>(
    '/assets/:name',
    { exposeHeadRoute: false },
    // Their names carry a digest of their content.
    ({ params: { name } }, reply) =>
      send(reply, `assets/${name}`, 'public, max-age=31536000, immutable'),
  )
}
