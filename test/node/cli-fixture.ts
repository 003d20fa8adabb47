import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect } from 'vitest'
import type { Api } from '../../node/api/server.ts'
import { token } from './api-fixture.ts'

const main = fileURLToPath(new URL('../../node/main.ts', import.meta.url))

const made: string[] = []
afterAll(async () => {
  for (const directory of made) await rm(directory, { recursive: true, force: true })
})

/** A directory of one's own, removed when the tests of the file are over. */
export async function newDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'society-cli-'))
  made.push(directory)
  return directory
}

/** A directory as a running node has it, whose API is that of a test. */
export async function directoryOf(api: Pick<Api, 'url'>, bearer: string = token): Promise<string> {
  const directory = await newDirectory()
  await writeFile(join(directory, 'token'), `${bearer}\n`)
  await writeFile(join(directory, 'api'), `${api.url}\n`)
  return directory
}

/** What a command came to. */
export type Run = { readonly code: number | null; readonly stdout: string; readonly stderr: string }

/** How a command is run. */
export type RunOptions = {
  readonly directory?: string
  readonly environment?: Readonly<Record<string, string>>
  /** Arguments of Node itself. */
  readonly node?: readonly string[]
}

// One for all, so that only the first command has to be compiled.
const cache = join(tmpdir(), `society-cli-cache-${process.pid}`)
made.push(cache)

/** Starts the program as a process of its own. */
export function startCli(args: readonly string[], options: RunOptions = {}): ChildProcess {
  const { directory, environment = {}, node = [] } = options
  const { SOCIETY_DIR: _dir, SOCIETY_PASSPHRASE: _passphrase, ...inherited } = process.env
  return spawn(process.execPath, [...node, main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...inherited,
      NODE_COMPILE_CACHE: cache,
      ...(directory === undefined ? {} : { SOCIETY_DIR: directory }),
      ...environment,
    },
  })
}

/** Collects what a process says until it ends. */
export async function outcomeOf(child: ChildProcess): Promise<Run> {
  const said = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.setEncoding('utf8').on('data', (chunk: string) => (said[stream] += chunk))
  }
  await once(child, 'close')
  return { code: child.exitCode, ...said }
}

/** Runs the program to its end. */
export function runCli(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  return outcomeOf(startCli(args, options))
}

/** Runs a command with `--json`, which has to be done; its one JSON value. */
export async function answerOf(directory: string, ...args: readonly string[]): Promise<Json> {
  const { code, stdout, stderr } = await runCli([...args, '--json'], { directory })
  expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' })
  return JSON.parse(stdout)
}

/** A JSON value whose members are looked at. */
export type Json = Readonly<Record<string, unknown>>

/** Runs a command with `--json`, which has to fail: its exit code, and the code of its error. */
export async function failureOf(directory: string, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runCli([...args, '--json'], { directory })
  const { error }: { readonly error: Json } = JSON.parse(stdout)
  expect({ ...error, stderr }).toEqual({
    code: expect.any(String),
    message: expect.any(String),
    record: error['record'],
    stderr: '',
  })
  return `${code} ${String(error['code'])}`
}
