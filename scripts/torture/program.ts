import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { root } from './ledger.ts'

/** What a program that has ended said. */
export type Ended = { readonly code: number | null; readonly stdout: string }

/** Runs a program of this checkout with this Node to its end; its stderr is passed on by lines. */
export async function runProgram(
  args: readonly string[],
  tell: (text: string) => void,
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    for (const line of part.split('\n')) if (line.trim() !== '') tell(line)
  })
  const closed = once(child, 'close')
  const stdout = await text(child.stdout)
  const [code] = (await closed) as [number | null]
  return { code, stdout }
}

/** The JSON value in the last line of an output; undefined where there is none. */
export function lastJson(stdout: string): unknown {
  try {
    return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')
  } catch {
    return undefined
  }
}
