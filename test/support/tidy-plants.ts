import { functionLinesMax, fileLinesMax, lineColumnsMax } from '../../scripts/source/limits.ts'
import { tablePath } from '../../scripts/specification/rules.ts'
import { tableHead } from '../../scripts/specification/table.ts'
import { ambientInReplica, ambientInRules } from './tidy-ambient.ts'
import { unmetCodes, untoldCodes } from './tidy-codes.ts'
import { defaultExports, undocumentedExports } from './tidy-exports.ts'
import type { Check } from './tidy-house.ts'
import { importCircles, outwardImports } from './tidy-imports.ts'
import { strayRootEntries, vagueNames } from './tidy-layout.ts'
import { outdatedRuleTable, rulesToldTwice, unknownRules, untestedRules } from './tidy-rules.ts'
import { longFiles, longFunctions, longLines } from './tidy-size.ts'
import { anyTypes, skippedTests, unfinishedWork } from './tidy-words.ts'

/** Files that keep all the rules, by path: the ground on which faults are planted one at a time. */
export const soundFiles: Readonly<Record<string, string>> = {
  'README.md': '# A sound house\n',
  'vitest.config.ts': `export default { include: ['test/**/*.test.ts'] }\n`,
  'protocol/README.md': `- **R1** Half.\n\n| Code | Effect |\n|---|---|\n| \`expired\` | both |\n`,
  [tablePath]: `${tableHead}| R1 | [README.md](README.md) | \`start.test.ts\` |\n`,
  'protocol/codes.ts': `/** Codes. */\nexport const codes = { expired: ['both', 'Late.'] }\n`,
  'protocol/index.ts': `export { codes } from './codes.ts'\nexport * from './rule.ts'\n`,
  'protocol/rule.ts': `
import { sha256 } from '@noble/hashes/sha2.js'
import { CID } from 'multiformats/cid'
import { codes } from './codes.ts'

/** A member may be called like a global, and so may a local name. */
export type Report = { readonly process: string; readonly fetch?: number }

/** One docstring does for all signatures. */
export function half(amount: bigint): bigint
export function half(amount: number): number
export function half(amount: number | bigint): number | bigint {
  return typeof amount === 'bigint' ? amount / 2n : Math.floor(amount / 2)
}

/** Told where it is declared, exported below. */
const digest = (process: Uint8Array): Uint8Array => sha256(process)
export { digest }

/** An error of ours. */
export class Fault extends Error {
  readonly report: Report = { process: CID.name + codes.expired, fetch: 1e3 }
}
`,
  'src/index.ts': `export { replay } from './replay.ts'\n`,
  'src/replay.ts': `
import { load } from '@automerge/automerge'
import { digest } from '../protocol/index.ts'
import type { Fault } from '../protocol/index.ts'

/** May wait, and may write down a moment it was given. */
export const replay = async (bytes: Uint8Array, nowMs: number): Promise<string | Fault> => {
  await load(digest(bytes))
  return new Date(nowMs).toISOString()
}
`,
  'node/start.ts': `
import { readFile } from 'node:fs/promises'
import { codes } from '../protocol/index.ts'
import { replay } from '../src/index.ts'

/** Wires it. */
export const start = async (): Promise<string | object> =>
  (await replay(await readFile('a'), Date.now())) ?? codes
`,
  'test/scenarios/late.yaml': 'steps: [{ refused: expired }]\n',
  'test/start.test.ts': `
import { it } from 'vitest'
import { start } from '../node/start.ts'
it('starts (R1), whatever a text says of TODO and @ts-ignore', start)
`,
}

/** A fault: the check that has to see it, the file that has it, and a part of the finding. */
export type Plant = {
  readonly check: Check
  readonly fault: string
  readonly path: string
  readonly text: string
  readonly finding: string
}

const repeated = (line: string, count: number): string => `${line}\n`.repeat(count)

const plantsOf =
  (check: Check) =>
  (fault: string, path: string, text: string, finding: string = path): Plant => ({
    check,
    fault,
    path,
    text,
    finding,
  })

const outward = plantsOf(outwardImports)
const circle = plantsOf(importCircles)
const rule = plantsOf(ambientInRules)
const replica = plantsOf(ambientInReplica)
const docstring = plantsOf(undocumentedExports)
const name = plantsOf(defaultExports)
const vague = plantsOf(vagueNames)
const unfinished = plantsOf(unfinishedWork)
const skipped = plantsOf(skippedTests)
const escape = plantsOf(anyTypes)
const told = plantsOf(untoldCodes)

/** Lines that a rule may not have, each with what the finding has to name. */
const ruleFaults: readonly (readonly [fault: string, line: string, named: string])[] = [
  ['the clock', 'const a = Date.now()', 'Date.now'],
  ['a moment made from a number', 'const a = new Date(0)', 'Date'],
  ['a timer', 'const a = performance.now()', 'performance.now'],
  ['chance', 'const a = Math.random()', 'Math.random'],
  ['an approximation', 'const a = Math.sin(1)', 'Math.sin'],
  ['Math taken apart', 'const { random } = Math', 'Math'],
  ['the environment', 'const a = process.env', 'process.env'],
  ['the global object', 'const a = globalThis.crypto', 'globalThis.crypto'],
  ['random bytes', 'crypto.getRandomValues([])', 'crypto.getRandomValues'],
  ['a global in an object', 'const a = { fetch }', 'fetch'],
  ['Buffer', `const a = Buffer.from('')`, 'Buffer.from'],
  ['the network', `const a = fetch('')`, 'fetch'],
  ['a delay', 'setTimeout(undefined, 1)', 'setTimeout'],
  ['the console', 'console.log(1)', 'console.log'],
  ['a language', 'const a = new Intl.Collator()', 'Intl'],
  ['an order of a language', `const a = 'b'.localeCompare('c')`, 'localeCompare'],
  ['letters of a language', `const a = 'b'.toLocaleLowerCase()`, 'toLocaleLowerCase'],
  ['an order of a language in brackets', `const a = 'b'['localeCompare']('c')`, 'localeCompare'],
  ['an order of a language taken out', `const { localeCompare: a } = 'b'`, 'localeCompare'],
  ['another function of a language', `const a = new Intl.DateTimeFormat()`, 'Intl.DateTimeFormat'],
  ['a number in a language', 'const a = (1).toLocaleString()', 'toLocaleString'],
  ['letters of a version of Unicode', `const a = 'b'.toLowerCase()`, 'toLowerCase'],
  ['a form of a version of Unicode', `const a = 'b'.normalize()`, 'normalize'],
  ['a class of Unicode', String.raw`const a = /\p{L}/v`, String.raw`/\p{L}/v`],
  ['letters alike whatever their case', 'const a = /b/iu', '/b/iu'],
  ['words of the engine', `const a = new Error('').stack`, 'stack'],
  ['code made of text', `const a = (() => 1).constructor('return 1')`, 'constructor'],
  ['code made of text by the global', `const a = new Function('return 1')`, 'Function'],
  ['code evaluated', `const a = eval('1')`, 'eval'],
  ['a power that is approximated', 'const a = 2 ** Infinity', '2 ** Infinity'],
  ['a power by Math', 'const a = Math.pow(2, 3)', 'Math.pow'],
  ['a root', 'const a = Math.sqrt(2)', 'Math.sqrt'],
  ['a logarithm', 'const a = Math.log2(8)', 'Math.log2'],
  ['a member of Math in brackets', `const a = Math['random']()`, 'Math'],
  ['when the collector runs', 'const a = new WeakRef({})', 'WeakRef'],
  ['bytes in the order of the machine', 'const a = new Float64Array(1)', 'Float64Array'],
  ['a fraction read', `const a = Number.parseFloat('1')`, 'parseFloat'],
  ['a fraction read by the global', `const a = parseFloat('1')`, 'parseFloat'],
  ['a fraction written', 'const a = (1).toFixed(2)', 'toFixed'],
  ['a literal fraction', 'const a = 1_000.5', '1_000.5'],
  ['a smaller literal fraction', 'const a = 5e-3', '5e-3'],
  ['async', 'const a = async () => 1', 'async'],
  ['await', 'await 1', 'await 1'],
  ['waiting in a loop', 'for await (const a of []);', 'await'],
  ['a promise', 'type A = Promise<string>', 'Promise'],
  ['a type of the clock', 'type A = { at: Date }', 'Date'],
  ['a stream', 'type A = AsyncIterable<string>', 'AsyncIterable'],
  ['its place on disk', 'const a = import.meta.url', 'import.meta'],
]

const replicaFaults: readonly (readonly [fault: string, line: string, named: string])[] = [
  ['the clock', 'const a = Date.now()', 'Date.now'],
  ['the present moment', 'const a = new Date()', 'Date'],
  ['the present moment without brackets', 'const a = new Date', 'Date'],
  ['the present moment as a text', 'const a = Date()', 'Date'],
  ['the clock handed on', 'const { now } = Date', 'Date'],
  ['chance', 'const a = Math.random()', 'Math.random'],
  ['a delay', 'setTimeout(undefined, 1)', 'setTimeout'],
  ['a period', 'setInterval(a, 1)', 'setInterval'],
  ['a deadline', 'const a = AbortSignal.timeout(1)', 'AbortSignal.timeout'],
  ['the environment', 'const a = process.env', 'process.env'],
  ['the network', `const a = fetch('')`, 'fetch'],
  ['random bytes', 'const a = crypto.randomUUID()', 'crypto.randomUUID'],
  ['the console', 'console.log(1)', 'console.log'],
  ['a global behind the global object', 'globalThis.fetch(a)', 'globalThis.fetch'],
  ['an order of a language', `const a = 'b'.localeCompare('c')`, 'localeCompare'],
  ['its place on disk', 'const a = import.meta.url', 'import.meta'],
]

const importPlants: readonly Plant[] = [
  outward('a rule imports the replica', 'protocol/a.ts', `import '../src/index.ts'`),
  outward('a rule imports the machine', 'protocol/a.ts', `import 'node:fs'`),
  outward('a rule imports another package', 'protocol/a.ts', `import 'cborg'`),
  outward('a rule names a type of the program', 'protocol/a.ts', `type A = import('libp2p').B`),
  outward('the replica passes the door', 'src/a.ts', `export * from '../protocol/rule.ts'`),
  outward('the replica imports the machine', 'src/a.ts', `import { env } from 'node:process'`),
  outward('the replica imports the program', 'src/a.ts', `await import('../node/start.ts')`),
  outward('the replica computes what to import', 'src/a.ts', `await import('a' + b)`),
  outward('the program passes the door', 'node/a.ts', `import type { A } from '../src/replay.ts'`),
  outward('the program imports a test', 'node/a.ts', `import '../test/start.test.ts'`),
  circle(
    'two files',
    'protocol/codes.ts',
    `import './rule.ts'`,
    'circle of imports: protocol/codes',
  ),
  circle('through the door', 'protocol/a.ts', `import './a.ts'`, 'circle of imports: protocol/a'),
]

const exportPlants: readonly Plant[] = [
  docstring('no docstring', 'src/a.ts', 'export const a = 1'),
  docstring('a plain comment', 'src/a.ts', '// A number.\nexport const a = 1'),
  docstring('an empty docstring', 'src/a.ts', '/** */\nexport const a = 1'),
  docstring('a docstring further up', 'src/a.ts', '/** The file. */\n\nexport type A = 1'),
  docstring(
    'a second function',
    'src/a.ts',
    '/** A. */\nexport function a() {}\nexport class B {}',
  ),
  docstring('exported below', 'src/a.ts', 'const a = 1\nexport { a }'),
  docstring('exported on beside the door', 'src/a.ts', `export { replay } from './replay.ts'`),
  name('a default function', 'node/a.ts', '/** A. */\nexport default function a() {}'),
  name('a default value', 'node/a.ts', '/** A. */\nexport default 1'),
  name('a default by another name', 'node/a.ts', 'const a = 1\nexport { a as default }'),
]

const sizePlants: readonly Plant[] = [
  plantsOf(longLines)(
    'a long line',
    'src/a.ts',
    `const a = 1\n// ${'a'.repeat(lineColumnsMax)}`,
    'src/a.ts:2: 103 columns',
  ),
  plantsOf(longFunctions)(
    'a long function',
    'src/a.ts',
    `const a = () => {\n${repeated('  b()', functionLinesMax - 1)}}`,
    'src/a.ts:1: 71 lines',
  ),
  plantsOf(longFunctions)(
    'a long test in a long suite',
    'test/a.test.ts',
    `describe('a', () => {\nit('b', () => {\n${repeated('  b()', functionLinesMax)}})\n})`,
    'test/a.test.ts:2: 72 lines',
  ),
  plantsOf(longFiles)('a long file', 'node/a.css', repeated('', fileLinesMax + 1)),
]

const namePlants: readonly Plant[] = [
  vague('a folder of utilities', 'node/http/utils/a.ts', ''),
  vague('a file of helpers', 'test/support/helpers.ts', ''),
  vague('all types of a ring', 'src/types.ts', ''),
  plantsOf(strayRootEntries)('a folder', 'lib/a.ts', '', 'lib: '),
  plantsOf(strayRootEntries)('a file', 'notes.txt', ''),
]

const wordPlants: readonly Plant[] = [
  unfinished('for later', 'src/a.ts', '// TODO: the rest', 'src/a.ts:1: TODO'),
  unfinished('known to be broken', 'node/a.css', 'a {} /* FIXME */'),
  unfinished('a mark', '.ci/run', '# XXX', '.ci/run:1: XXX'),
  unfinished('a trick', 'src/a.ts', '\n/* a HACK */', 'src/a.ts:2: HACK'),
  unfinished('lint switched off', 'src/a.ts', '// oxlint-disable-next-line'),
  unfinished('the other lint switched off', 'src/a.ts', '/* eslint-disable */'),
  unfinished('types switched off', 'src/a.ts', '// @ts-ignore'),
  unfinished('an error asked for', 'src/a.ts', '// @ts-expect-error'),
  skipped('skipped', 'test/a.test.ts', `it.skip('a', b)`),
  skipped('alone', 'test/a.test.ts', `describe.only('a', b)`),
  skipped('to be written', 'test/a.test.ts', `it.todo('a')`),
  skipped('not on this machine', 'test/a.test.ts', `it.skipIf(b)('a', c)`),
  escape('a parameter', 'node/a.ts', 'const a = (b: any) => b'),
  escape('an assertion', 'test/a.ts', 'const a = b as any'),
]

const codePlants: readonly Plant[] = [
  told(
    'a code without a row',
    'protocol/codes.ts',
    `/** Codes. */\nexport const codes = { expired: 1, 'too-large': 2 }`,
    'protocol/README.md: no row for the code too-large',
  ),
  told(
    'a row without a code',
    'protocol/README.md',
    '| Code |\n|---|\n| `expired` |\n| `gone` |\n',
    'protocol/README.md: a row for gone',
  ),
  told(
    'two rows for a code',
    'protocol/README.md',
    '| Code |\n|---|\n| `expired` |\n| expired |\n',
    'protocol/README.md: a row for expired',
  ),
  {
    check: unmetCodes,
    fault: 'a code that no test expects',
    path: 'protocol/codes.ts',
    text: `/** Codes. */\nexport const codes = { expired: 1, 'invalid-source': 2 }`,
    finding: 'no test of the rules expects invalid-source',
  },
  {
    check: unmetCodes,
    fault: 'a code of the world that its test does not expect',
    path: 'protocol/codes.ts',
    text: `/** Codes. */\nexport const codes = { expired: 1, 'port-in-use': 2 }`,
    finding: 'network-libp2p.test.ts does not expect port-in-use',
  },
  told('no table', 'protocol/README.md', 'Codes: `expired`'),
  told('no codes', 'protocol/codes.ts', ''),
]

const numberPlants: readonly Plant[] = [
  {
    check: rulesToldTwice,
    fault: 'one number for two rules',
    path: 'protocol/README-more.md',
    text: '| **R1** | Quarters |\n',
    finding: 'R1 is told elsewhere',
  },
  {
    check: untestedRules,
    fault: 'a rule that no test cites',
    path: 'protocol/README-more.md',
    text: '- **T12** Quarters.\n',
    finding: 'protocol/README-more.md:1: no test cites T12',
  },
  ...[
    ['a test', 'test/a.test.ts', `it('is so (R1, Q7)', b)`],
    ['a group of tests', 'test/a.test.ts', `describe.each([1])('%i is so (Q7)', b)`],
    ['a span', 'test/a.test.ts', `it('is so (R1 to R2)', b)`],
    ['a scenario', 'test/scenarios/a.yaml', 'scenario: It is so (Q7)'],
    ['a comment', 'src/a.ts', '// So it is (Q7).'],
    ['a part of the specification', 'protocol/README-more.md', 'Halves are as in Q7.'],
  ].map(([fault = '', path = '', text = '']) => ({
    check: unknownRules,
    fault: `${fault} about a rule that is not there`,
    path,
    text,
    finding: `${path}:1: there is no rule`,
  })),
  {
    check: outdatedRuleTable,
    fault: 'a test that the table does not tell',
    path: 'test/a.test.ts',
    text: `it('halves too (R1)', b)`,
    finding: tablePath,
  },
]

/** Every fault, planted once: each is all that is wrong with the house it is in. */
export const plants: readonly Plant[] = [
  ...importPlants,
  ...ruleFaults.map(([fault, line, named]) =>
    rule(fault, 'protocol/a.ts', `\n${line}\n`, `protocol/a.ts:2: ${named}`),
  ),
  ...replicaFaults.map(([fault, line, named]) =>
    replica(fault, 'src/a.ts', `\n${line}\n`, `src/a.ts:2: ${named}`),
  ),
  ...exportPlants,
  ...sizePlants,
  ...namePlants,
  ...wordPlants,
  ...codePlants,
  ...numberPlants,
]
