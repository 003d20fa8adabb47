import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** What a command line came to. */
export type CommandRun = { readonly code: number; readonly stdout: string }

/** Runs command lines of the program one after another, in one process without a terminal. */
export type ManyCommands = {
  run(args: readonly string[], directory: string): Promise<CommandRun>
  close(): Promise<void>
}

const driver = fileURLToPath(new URL('../node/cli-many.ts', import.meta.url))

/** Starts the process that runs them. */
export function startCommands(): ManyCommands {
  const { SOCIETY_PASSPHRASE: _passphrase, ...inherited } = process.env
  // Commands to a local network go by a socket there: not to one that somebody keeps.
  const temporary = mkdtempSync(join(tmpdir(), 'society-commands-'))
  const env = { ...inherited, TMPDIR: temporary }
  const child = spawn(process.execPath, [driver], { stdio: ['pipe', 'pipe', 'ignore'], env })
  const lines = createInterface(child.stdout)
  const gone = once(child, 'exit')
  return {
    async run(args, directory) {
      const answer = once(lines, 'line')
      child.stdin.write(`${JSON.stringify({ args, directory })}\n`)
      const [line] = await answer
      return JSON.parse(String(line))
    },
    async close() {
      child.stdin.end()
      await gone
      rmSync(temporary, { recursive: true, force: true })
    },
  }
}
