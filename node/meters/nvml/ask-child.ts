import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { Failure } from '../../../src/index.ts'
import { calledOff } from '../time-limit.ts'
import type { NvmlFound, NvmlJob } from './child-job.ts'
import { answerLengthMax } from './limits.ts'

const program = fileURLToPath(new URL('./nvml-child.ts', import.meta.url))

/** The node's environment without its own secrets: a driver's library is not its confidant. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('SOCIETY_'))
  return Object.fromEntries(kept)
}

async function textOf({ stdout }: ChildProcess): Promise<string> {
  let text = ''
  for await (const chunk of stdout?.setEncoding('utf8') ?? []) {
    if (text.length < answerLengthMax) text += chunk
  }
  return text
}

function parse(text: string): NvmlFound | undefined {
  try {
    return JSON.parse(text) as NvmlFound
  } catch {
    return undefined
  }
}

function unstartable(cause: unknown): never {
  throw new Failure(
    'source-unavailable',
    `No process could be started to ask the NVIDIA driver: ${(cause as Error).message}.`,
    { cause },
  )
}

/** Why a child said nothing, from how it ended. */
function silent({ exitCode, signalCode }: ChildProcess, signal: AbortSignal): Failure {
  if (signal.aborted) return calledOff(signal, 'The NVIDIA driver', signal.reason)
  const how = signalCode ?? `exit code ${exitCode}`
  return new Failure(
    'source-unavailable',
    `The NVIDIA driver's library crashed when it was asked (${how}); the node is unharmed. ` +
      'See dmesg, run nvidia-smi, update the driver.',
  )
}

const start = (job: NvmlJob): ChildProcess =>
  spawn(process.execPath, [program, JSON.stringify(job)], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: environment(),
  })

/** Has a child process ask the driver every `everyMs`, until it is stopped by what this answers. */
export function watchDriver(
  job: NvmlJob & { readonly everyMs: number },
  heard: (found: NvmlFound) => void,
): () => void {
  const child = start(job)
  child.on('error', () => undefined)
  const lines = createInterface({ input: child.stdout as Readable })
  lines.on('line', (line) => {
    const found = parse(line)
    if (found !== undefined) heard(found)
  })
  return () => void child.kill('SIGKILL')
}

/**
 * Has a child process ask the driver; ends it when `signal` says so. Fails with
 * `source-unavailable` where the child crashes, hangs or is called off.
 */
export async function askChild(job: NvmlJob, signal: AbortSignal): Promise<NvmlFound> {
  const child = start(job)
  const end = (): void => void child.kill('SIGKILL')
  signal.addEventListener('abort', end)
  if (signal.aborted) end()
  try {
    const [text] = await Promise.all([textOf(child), once(child, 'exit').catch(unstartable)])
    const found = child.exitCode === 0 ? parse(text) : undefined
    if (found === undefined) throw silent(child, signal)
    return found
  } finally {
    signal.removeEventListener('abort', end)
  }
}
