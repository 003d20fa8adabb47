/**
 * Runs many command lines of the program in one process, which saves starting it for each. Reads
 * them as JSON from stdin; prints for each its exit code and what it wrote on stdout, as JSON.
 */
import { text } from 'node:stream/consumers'
import { runProgram } from '../../node/cli/program.ts'

const lines: readonly (readonly string[])[] = JSON.parse(await text(process.stdin))
const write = process.stdout.write.bind(process.stdout)
process.stdout.setMaxListeners(0)

const runs: { readonly code: number; readonly stdout: string }[] = []
for (const line of lines) {
  let stdout = ''
  process.exitCode = 0
  process.stdout.write = (chunk: string | Uint8Array): boolean => {
    stdout += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString()
    return true
  }
  const code = await runProgram(line)
  runs.push({ code, stdout })
}
process.stdout.write = write
process.exitCode = 0
write(JSON.stringify(runs))
