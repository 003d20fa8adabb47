/**
 * Writes `protocol/README-tests.md`: every rule of the specification, where it is told, and the
 * tests and scenarios that cite it. Run with `npm run rules`.
 */
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readProject } from './source/files.ts'
import { openParser } from './source/parse.ts'
import { tablePath } from './specification/rules.ts'
import { ruleTable } from './specification/table.ts'

const root = dirname(import.meta.dirname)
const files = readProject(root)
const parser = openParser()
const tests = new Map([...files].filter(([path]) => path.startsWith('test/')))
writeFileSync(join(root, tablePath), ruleTable(parser.parse(tests), files))
parser.close()
