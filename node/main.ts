#!/usr/bin/env node
const [major = 0] = process.versions.node.split('.').map(Number)
if (major < 24) {
  process.stderr.write(
    `society needs Node 24 or newer, this is ${process.version}; run it with 'npm run society'.\n`,
  )
  process.exit(1)
}
const { runProgram } = await import('./cli/program.ts')
process.exitCode = await runProgram(process.argv.slice(2))
