import { createHash } from 'node:crypto'
import { Failure } from '../../../src/index.ts'
import { httpGet } from '../http-get.ts'
import { pauseBetween } from '../pause-between.ts'
import type { Reach } from '../reach.ts'
import { gpuIn, type GpuPage } from './gpu.ts'
import { answerTimeoutMs, pageBytesMax, pollMs } from './limits.ts'

/** Where an exporter is, and which of its GPUs is meant; the only one where null. */
export type ExporterOptions = {
  readonly host: string
  readonly port: number
  readonly gpu: string | null
  readonly signal: AbortSignal
  readonly reach: Reach | undefined
  /** Certificates in PEM that vouch for it; undefined where it does not speak TLS. */
  readonly roots: readonly string[] | undefined
  /** Milliseconds by a clock that only goes forward. */
  readonly elapsed: () => number
}

/** The page of an exporter that counts, with what is evidence of it. */
export type Collection = {
  readonly gpu: GpuPage
  /** When the page was here, in ms. */
  readonly atMs: number
  /** How long before that it was collected at most, in ms; infinite where nobody can tell. */
  readonly withinMs: number
  /** SHA-256 of the page, in hex. */
  readonly sha256: string
}

/** The path at which every exporter has its page. */
export const metricsPath = '/metrics'

/** The page as it stands, whenever it was collected. */
export async function pageNow(options: ExporterOptions): Promise<Collection> {
  const { host, port, gpu, signal, reach, roots, elapsed } = options
  const { status, body } = await httpGet({
    host,
    port,
    signal,
    reach,
    roots,
    path: metricsPath,
    service: 'dcgm-exporter',
    excuse: 'the machine may be off',
    connectTimeoutMs: answerTimeoutMs,
    answerTimeoutMs,
    answerBytesMax: pageBytesMax,
  })
  if (status !== 200) {
    const isPassing = status === 429 || status >= 500
    throw new Failure(
      isPassing ? 'source-unavailable' : 'source-nonsense',
      `${host}:${port} answers HTTP ${status}; ` +
        (isPassing ? 'try again later.' : 'check that dcgm-exporter listens there.'),
    )
  }
  const sha256 = createHash('sha256').update(body).digest('hex')
  return { gpu: gpuIn(body, gpu), atMs: elapsed(), withinMs: Infinity, sha256 }
}

/**
 * The next page that was collected anew, at least so many ms after another: its counter of energy
 * has moved, as it does all the time. Fails with `source-unavailable` when called off before.
 */
export async function nextCollection(
  options: ExporterOptions,
  before: Collection,
  afterMs: number,
): Promise<Collection> {
  const { signal, elapsed, host, port } = options
  let last = before
  let askedMs = before.atMs
  for (;;) {
    await pauseBetween(pollMs, signal, `${host}:${port}`)
    const begunMs = elapsed()
    const page = await pageNow(options)
    const isNew = page.gpu.millijoules !== last.gpu.millijoules
    // What is new was not there yet when the page before was asked for.
    const withinMs = page.atMs - askedMs
    if (isNew && page.atMs - before.atMs >= afterMs) return { ...page, withinMs }
    last = page
    askedMs = begunMs
  }
}
