/**
 * Prints the import graph of the three rings as a Mermaid diagram, and below it, as comments of the
 * diagram, every circle of imports and every file that is too long. Exits with 1 if there are any.
 *
 * Run with `node scripts/draw-imports.ts`.
 */
import { dirname } from 'node:path'
import { drawImports } from './source/drawing.ts'
import { readProject } from './source/files.ts'
import { circlesIn, importsOf } from './source/imports.ts'
import { fileLinesMax, lineCount } from './source/limits.ts'
import { openParser } from './source/parse.ts'

const rings = /^(protocol|src|node)\/.*\.ts$/
const project = readProject(dirname(import.meta.dirname))
const files = new Map([...project].filter(([path]) => rings.test(path)))
const parser = openParser()
const imports = importsOf(parser.parse(files))
parser.close()

const faults = [
  ...circlesIn(imports).map((circle) => `circle: ${circle.join(' -> ')}`),
  ...[...files]
    .filter(([, text]) => lineCount(text) > fileLinesMax)
    .map(([path, text]) => `too long: ${path} has ${lineCount(text)} lines`),
]
const verdict = faults.length > 0 ? faults : [`no circle, no file over ${fileLinesMax} lines`]
const comments = verdict.map((line) => `%% ${line}`)
console.log([drawImports([...files.keys()], imports), ...comments].join('\n'))
if (faults.length > 0) process.exitCode = 1
