import { beforeAll, describe, expect, it } from 'vitest'
import type { Argument, Command, Option } from '../../node/cli/command.ts'
import { commands } from '../../node/cli/table.ts'
import type { ValueKind } from '../../node/cli/value-kinds.ts'
import { startCommands, type CommandRun } from '../support/many-commands.ts'
import { newDirectory } from './cli-fixture.ts'

/** Runs command lines where no node is and no terminal. */
async function runAll(lines: readonly (readonly string[])[]): Promise<readonly CommandRun[]> {
  const all = startCommands()
  const directory = await newDirectory()
  const runs: CommandRun[] = []
  for (const line of lines) runs.push(await all.run(line, directory))
  await all.close()
  return runs
}

const samples: Readonly<Record<ValueKind, string>> = {
  amount: '5',
  number: '5',
  // More nodes than a local network has: refused at once.
  count: '99',
  integer: '5',
  port: '4100',
  endpoint: '127.0.0.1:1',
  url: 'http://127.0.0.1:1',
  site: '48.2,16.4',
  instant: '2026-06-21',
}

const sampleOf = ({ kind }: { readonly kind?: ValueKind }): string =>
  kind === undefined ? 'nothing-there' : samples[kind]
const argumentOf = (argument: Argument): string => argument.choices?.[0] ?? sampleOf(argument)
const needed = ({ required, kind }: Option): boolean => required === true || kind === 'count'

/** A command line that is well formed, for a command and nothing that exists. */
function lineOf({ words, arguments: given = [], options = [] }: Command): readonly string[] {
  const values = options.filter(needed).flatMap((option) => [`--${option.name}`, sampleOf(option)])
  return [...words.split(' '), ...given.map(argumentOf), ...values, '--json']
}

const done: ReadonlySet<string> = new Set(['completion', 'man'])

describe('every command under --json', () => {
  let refused: readonly CommandRun[]
  let misused: readonly CommandRun[]
  beforeAll(async () => {
    refused = await runAll(commands.map(lineOf))
    misused = await runAll(commands.map((command) => [...lineOf(command), '--no-such-thing']))
  })

  it.each(commands.map(({ words }, i) => [words, i] as const))(
    '%s: prints one JSON value where there is no node',
    (words, i) => {
      const { code, stdout } = refused[i] ?? { code: -1, stdout: '' }
      const value: { readonly error?: Readonly<Record<string, unknown>> } = JSON.parse(stdout)
      if (done.has(words) || words === 'doctor') {
        expect(code).toBe(words === 'doctor' ? 1 : 0)
        expect(value.error).toBeUndefined()
        return
      }
      expect([1, 2, 3]).toContain(code)
      expect(Object.keys(value)).toEqual(['error'])
      expect(Object.keys(value.error ?? {})).toEqual(['code', 'message', 'record'])
      expect(value.error?.['code'] === 'no-node').toBe(code === 3)
    },
  )

  it.each(commands.map(({ words }, i) => [words, i] as const))(
    '%s: says in one JSON value what is wrong usage',
    (_words, i) => {
      const { code, stdout } = misused[i] ?? { code: -1, stdout: '' }
      expect(code).toBe(2)
      expect(JSON.parse(stdout)).toEqual({
        error: { code: 'malformed', message: expect.any(String), record: null },
      })
    },
  )
})
