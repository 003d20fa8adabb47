#!/usr/bin/env node
// Nothing is imported before the version is known: older ones fail on what follows, less clearly.
const { stderr, versions } = process
const major = Number(versions.node.split('.', 1)[0])
if (major < 24) {
  stderr.write(`society needs Node 24 or newer, not ${versions.node}; try 'npm run society'.\n`)
  process.exit(1)
}
const { keepCompiled } = await import('./cli/compile-cache.ts')
keepCompiled()
const { runProgram } = await import('./cli/program.ts')
process.exitCode = await runProgram(process.argv.slice(2))
