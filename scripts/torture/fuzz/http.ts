import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { SeededRandom } from '../../../node/simulate/random.ts'
import { NodeProcess } from '../node-process.ts'
import { mutate } from './mutate.ts'

/** What became of the requests. */
export type HttpTried = {
  readonly requests: number
  readonly perSecond: number
  readonly faults: readonly string[]
}

const atOnce = 8
const faultsMax = 20

type Place = { readonly host: string; readonly token: string; readonly id: string }

/** Requests that the API takes, in bytes as they go over the wire. */
function seedsFor({ host, token, id }: Place): readonly Uint8Array[] {
  const head = `Host: ${host}\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n`
  const get = (path: string): string => `GET ${path} HTTP/1.1\r\n${head}\r\n`
  const post = (path: string, body: string): string =>
    `POST ${path} HTTP/1.1\r\n${head}Content-Type: application/json\r\n` +
    `Content-Length: ${body.length}\r\n\r\n${body}`
  const record = (kind: string, given: object): string =>
    post('/v1/records', JSON.stringify({ kind, with: given }))
  const paths =
    '/v1/status /v1/heads /v1/queue /v1/records?limit=10 /v1/bonds /v1/vouches /v1/tickets ' +
    `/v1/peers /health /v1/openapi.json /v1/societies/${id} /v1/trust/${id} ` +
    `/v1/societies/${id}/history?at=2026-06-21T08:00:00Z`
  return paths
    .split(' ')
    .map(get)
    .concat(
      record('trust.observe', { subject: id, success: true }),
      record('atp.charge', { amount: '10', source: 'solar:sunspec:acme-1' }),
      record('work.request', { to: id, amount: 5 }),
      post('/v1/backing', '{}'),
    )
    .map((request) => Buffer.from(request))
}

/** What must not be reached by chance: the end of the node, and devices out in the world. */
const forbidden = /stop|backup|measurements/

async function ask(port: number, bytes: Uint8Array): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.setTimeout(10_000, () => socket.destroy(new Error('no answer within 10 s')))
  socket.end(bytes)
  return text(socket).catch((error: unknown) => `torn: ${String(error)}`)
}

/** Sends mutated requests to a real node over real sockets: none is answered with 500. */
export async function fuzzHttp(
  count: number,
  seed: number,
  tell: (text: string) => void,
): Promise<HttpTried> {
  const node = await NodeProcess.make('fuzzed')
  const faults: string[] = []
  try {
    await node.start()
    const token = (await readFile(join(node.directory, 'token'), 'utf8')).trim()
    const { host, port } = new URL(node.api)
    const seeds = seedsFor({ host, token, id: node.id })
    const random = new SeededRandom(seed)
    const draw = (end: number): number => Math.floor(random.next() * end)
    const pick = (): Uint8Array => seeds[draw(seeds.length)] ?? new Uint8Array()
    let left = count
    const began = performance.now()
    const knock = async (): Promise<void> => {
      while (left > 0 && faults.length < faultsMax) {
        left -= 1
        const request = mutate(pick(), pick(), draw)
        const readable = Buffer.from(request).toString('latin1')
        if (forbidden.test(readable)) continue
        const answer = await ask(Number(port), request)
        const status = answer.slice(9, 12)
        if (status !== '500' && !answer.startsWith('torn: Error: no answer')) continue
        faults.push(`HTTP ${JSON.stringify(readable.slice(0, 600))}: ${answer.slice(0, 300)}`)
      }
    }
    await Promise.all(Array.from({ length: atOnce }, knock))
    const perSecond = Math.round(count / ((performance.now() - began) / 1_000))
    tell(`http: ${count} requests, ${perSecond}/s`)
    await node.heads().catch((error: unknown) => faults.push(`the node is gone: ${String(error)}`))
    return { requests: count - left, perSecond, faults }
  } finally {
    await node.remove()
  }
}
