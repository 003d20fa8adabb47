/**
 * A simulated dcgm-exporter: a program of its own that asks an NVML library, as a rule the
 * simulated one beside this file, and shows what that says in the format of NVIDIA's exporter, over
 * HTTP, or HTTPS with the certificate that it is given.
 */
import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { parseArgs } from 'node:util'
import type { NvmlFound } from '../meters/nvml/child-job.ts'
import { watchDriver } from '../meters/nvml/ask-child.ts'
import {
  announce,
  deviceFlags,
  fail,
  numberOf,
  readDeviceFlags,
  runDevice,
} from './device-flags.ts'
import { expositionOf, type Collected } from './gpu-exposition.ts'
import { readTlsFlags, tlsFlags } from './tls-front.ts'

const misbehaviours = [
  'none',
  'silent',
  'close',
  'busy',
  'not-metrics',
  'huge',
  'frozen',
  'no-limits',
  'no-serial',
  'another-power',
  'nonsense',
] as const

const usage = `Usage: gpu-exporter --library FILE [--host 127.0.0.1] [--port 0] [--gpu INDEX|UUID]
  [--collect-interval 1000] [--tls-certificate FILE --tls-key FILE]
  [--misbehave ${misbehaviours.join('|')}]`

const intervalMsMin = 50
const intervalMsMax = 600_000
const hugeBytes = 4_194_304

function readFlags() {
  const { values } = parseArgs({
    options: {
      ...deviceFlags,
      ...tlsFlags,
      library: { type: 'string' },
      gpu: { type: 'string' },
      'collect-interval': { type: 'string', default: '1000' },
    },
  })
  const interval = values['collect-interval']
  if (values.library === undefined) throw new TypeError('--library names an NVML library')
  return {
    ...readDeviceFlags(values, misbehaviours, 64),
    tls: readTlsFlags(values),
    library: values.library,
    gpu: values.gpu ?? null,
    everyMs: numberOf('collect-interval', interval, intervalMsMin, intervalMsMax),
  }
}

type Settings = ReturnType<typeof readFlags>

/** What a driver said, as an exporter tells it; undefined for what it does not tell. */
function collectedOf(found: NvmlFound, { misbehave }: Settings): Collected | undefined {
  if (found.outcome !== 'measured') return undefined
  const { gpu, driver, defaultLimit, enforcedLimit, samples } = found
  const { power, energy } = samples[1]
  if (power === null || energy === null) return undefined
  const shown = misbehave === 'another-power' ? power / 7 : power
  return {
    index: gpu.index,
    uuid: misbehave === 'no-serial' ? 'N/A' : gpu.uuid,
    name: gpu.name,
    driver,
    powerWatts: shown / 1_000,
    millijoules: Number(energy),
    defaultWatts: misbehave === 'nonsense' ? 1e6 : defaultLimit / 1_000,
    enforcedWatts: (enforcedLimit ?? defaultLimit) / 1_000,
  }
}

async function serve(settings: Settings): Promise<void> {
  const { host, port, library, gpu, everyMs, tls, misbehave } = settings
  let newest: Collected | undefined
  const first = Promise.withResolvers<void>()
  const stop = watchDriver({ library, gpu, intervalMs: 0, everyMs }, (found) => {
    first.resolve()
    if (misbehave === 'frozen' && newest !== undefined) return
    newest = collectedOf(found, settings)
  })
  await first.promise
  const answer: RequestListener = (request, response) => {
    if (misbehave === 'silent') return
    if (misbehave === 'close') {
      request.socket.destroy()
      return
    }
    if (misbehave === 'busy' || newest === undefined) {
      response.writeHead(503).end()
      return
    }
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end()
      return
    }
    const page = expositionOf([newest], misbehave !== 'no-limits')
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
    if (misbehave === 'not-metrics') response.end('<html>Welcome</html>')
    else response.end(misbehave === 'huge' ? `# ${'x'.repeat(hugeBytes)}\n${page}` : page)
  }
  const server =
    tls === undefined
      ? createServer(answer)
      : createSecureServer({ cert: tls.certificate, key: tls.key, minVersion: 'TLSv1.2' }, answer)
  server.on('error', (error) => fail(`Cannot listen: ${error.message}`, 1))
  server.listen(port, host, () => {
    const address = server.address()
    assert(address !== null && typeof address === 'object')
    const listening = { host, port: address.port }
    const url = `${tls === undefined ? 'http' : 'https'}://${host}:${address.port}/metrics`
    announce(`exporter of a GPU at ${url}`, { listening, url, misbehave }, (closed) => {
      stop()
      server.closeAllConnections()
      server.close(closed)
    })
  })
}

runDevice(usage, () => serve(readFlags()))
