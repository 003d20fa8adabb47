import { readFile } from 'node:fs/promises'
import { Failure } from '../../../src/index.ts'
import { reasonOf } from '../../store/file-failure.ts'
import { textOf, textsOf, type Command } from '../command.ts'

/** Exit code of a command that ran and whose story did not hold. */
const failed = 1

/** Commands that need no node: simulated worlds. */
export const worldCommands: readonly Command[] = [
  {
    words: 'simulate',
    summary: 'play scenario files on a simulated world',
    example: 'society simulate test/scenarios/01-charge-and-work.yaml --seed 7',
    arguments: [{ name: 'files', summary: 'scenario files', many: true }],
    options: [
      {
        name: 'seed',
        value: 'N',
        kind: 'integer',
        summary: 'order of delivery; the file’s own by default',
      },
      { name: 'trace', summary: 'print every record as it is written' },
    ],
    async run(given, { json }) {
      const { simulateFiles } = await import('../../simulate/simulate.ts')
      const files = textsOf(given, 'files')
      const seedText = textOf(given, 'seed')
      const seed = seedText === undefined ? null : Number(seedText)
      const result = await simulateFiles(
        await Promise.all(files.map(async (file) => ({ file, text: await textFile(file) }))),
        { seed, trace: given['trace'] === true, json },
      )
      if (result.failed > 0) process.exitCode = failed
      return { value: result, text: `${result.passed} passed, ${result.failed} failed` }
    },
  },
]

async function textFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new Failure('file-refused', `${file} cannot be read: ${reasonOf(cause)}`, { cause })
  }
}
