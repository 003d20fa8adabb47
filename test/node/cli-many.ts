/**
 * Runs many command lines of the program in one process, which saves starting it for each. Reads
 * one a line from stdin, as JSON with arguments and directory; answers each with its exit code and
 * what it wrote on stdout, as a line of JSON.
 */
import { createInterface } from 'node:readline'
import { runProgram } from '../../node/cli/program.ts'

const write = process.stdout.write.bind(process.stdout)
process.stdout.setMaxListeners(0)

for await (const line of createInterface(process.stdin)) {
  const { args, directory }: { readonly args: readonly string[]; readonly directory: string } =
    JSON.parse(line)
  process.env['SOCIETY_DIR'] = directory
  process.exitCode = 0
  let stdout = ''
  process.stdout.write = (chunk: string | Uint8Array): boolean => {
    stdout += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString()
    return true
  }
  const code = await runProgram(args)
  process.stdout.write = write
  write(`${JSON.stringify({ code, stdout })}\n`)
}
process.exitCode = 0
