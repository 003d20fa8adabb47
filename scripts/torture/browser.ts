import { request } from 'node:http'
import { connect } from 'node:net'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { NodeProcess } from './node-process.ts'
import type { Row } from './row.ts'

/** One way to knock: what it stands for, its headers, and which status must answer. */
type Attempt = {
  readonly what: string
  readonly headers: Readonly<Record<string, string>>
  readonly status: readonly number[]
}

type Place = { readonly host: string; readonly token: string }

function attempts({ host, token }: Place): readonly Attempt[] {
  const bearer = { host, authorization: `Bearer ${token}` }
  const port = host.split(':')[1] ?? ''
  const refused = (what: string, headers: Attempt['headers'], status: number): Attempt => ({
    what,
    headers,
    status: [status],
  })
  const origins = ['https://attacker.example', 'null', `https://${host}`, 'http://127.0.0.1:1']
  const hosts = [`attacker.example:${port}`, '192.0.2.7', `localhost.attacker.example:${port}`]
  const tokens = ['', 'Bearer ', `Bearer ${token.slice(1)}`, `Bearer ${token}0`, `Basic ${token}`]
  return [
    ...origins.map((origin) => refused(`Origin ${origin}`, { ...bearer, origin }, 403)),
    ...hosts.map((name) => refused(`Host ${name}`, { ...bearer, host: name }, 403)),
    ...tokens.map((authorization) => refused('no right token', { host, authorization }, 401)),
    refused('no token at all', { host }, 401),
    refused('a foreign page without a token', { host, origin: 'https://attacker.example' }, 403),
  ]
}

async function ask(
  url: string,
  method: string,
  headers: Attempt['headers'],
): Promise<{ readonly status: number; readonly cors: boolean }> {
  const asked = request(url, { method, headers, agent: false })
  const answered = once(asked, 'response')
  const type = method === 'POST' ? { 'content-type': 'application/json' } : {}
  for (const [name, value] of Object.entries(type)) asked.setHeader(name, value)
  asked.end(method === 'POST' ? '{"kind":"trust.observe","with":{}}' : undefined)
  const [answer] = await answered
  await text(answer)
  const cors = answer.headers['access-control-allow-origin'] !== undefined
  return { status: answer.statusCode ?? 0, cors }
}

/** What a server answers to raw bytes: its status. */
async function say(port: number, bytes: string): Promise<number> {
  const socket = connect(port, '127.0.0.1')
  socket.end(bytes)
  return Number((await text(socket)).split(' ')[1])
}

type Path = { readonly method: string; readonly path: string }

/** Every path of the API's own description, with something in its places. */
async function allPaths(node: NodeProcess, { token }: Place): Promise<readonly Path[]> {
  const headers = { authorization: `Bearer ${token}` }
  const answer = await fetch(`${node.api}/v1/openapi.json`, { headers })
  const { paths } = (await answer.json()) as { paths: Record<string, Record<string, unknown>> }
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({
      method: method.toUpperCase(),
      path: path.replaceAll(/\{\w+\}/g, 'x'),
    })),
  )
}

/** Knocks at a real node as pages of others and holders of no token do. */
export const browser: Row = {
  name: 'browser',
  proof: 'foreign Origin, rebinding Host, no token or a wrong one: all refused',
  gates: { short: { attempts: 300 }, long: { attempts: 300 } },
  async run({ tell }) {
    const node = await NodeProcess.make('gate')
    const faults: string[] = []
    let count = 0
    const check = (what: string, status: number, wanted: readonly number[]): void => {
      count += 1
      if (!wanted.includes(status)) faults.push(`${what}: answered ${status}`)
    }
    try {
      await node.start()
      const token = (await readFile(join(node.directory, 'token'), 'utf8')).trim()
      const place = { host: new URL(node.api).host, token }
      const before = await node.heads()
      for (const { method, path } of await allPaths(node, place)) {
        if (path === '/health') continue
        for (const { what, headers, status } of attempts(place)) {
          const answer = await ask(`${node.api}${path}`, method, headers)
          check(`${method} ${path}, ${what}`, answer.status, status)
          if (answer.cors) faults.push(`${method} ${path}, ${what}: leave to read was given`)
        }
      }
      const port = Number(place.host.split(':')[1])
      const raw = `Authorization: Bearer ${token}\r\n\r\n`
      check('no Host', await say(port, `GET /v1/status HTTP/1.0\r\n${raw}`), [403])
      const two = `Host: ${place.host}\r\nHost: attacker.example\r\n`
      check('two Hosts', await say(port, `GET /v1/status HTTP/1.1\r\n${two}${raw}`), [400, 403])
      tell(`${count} attempts`)
      if ((await node.heads()) !== before) faults.push('the ledger changed')
      check(
        'the right token',
        (await ask(`${node.api}/v1/status`, 'GET', right(place))).status,
        [200],
      )
      return { figures: { attempts: count, letIn: faults.length }, faults }
    } finally {
      await node.remove()
    }
  },
}

const right = ({ host, token }: Place): Attempt['headers'] => ({
  host,
  authorization: `Bearer ${token}`,
})
