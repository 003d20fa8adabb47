import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { completionFor } from '../../node/cli/completion.ts'
import { commands } from '../../node/cli/table.ts'
import { newDirectory, runCli } from './cli-fixture.ts'

const run = promisify(execFile)

async function scriptOf(shell: string): Promise<string> {
  const { code, stdout } = await runCli(['completion', shell])
  expect(code).toBe(0)
  const path = join(await newDirectory(), `society.${shell}`)
  await writeFile(path, stdout)
  return path
}

/** What bash offers at the end of a line. */
async function offered(script: string, line: string): Promise<readonly string[]> {
  const words = line.split(' ').map((word) => `'${word}'`)
  const program = [
    `source ${script}`,
    `COMP_WORDS=(${words.join(' ')})`,
    `COMP_CWORD=${words.length - 1}`,
    '_society',
    `printf '%s\\n' "\${COMPREPLY[@]}"`,
  ]
  const { stdout } = await run('bash', ['--norc', '-eu', '-c', program.join('\n')])
  return stdout.split('\n').filter((word) => word !== '')
}

describe('completion in bash', () => {
  it('is a script that bash reads, and completes in it', async () => {
    const script = await scriptOf('bash')
    await run('bash', ['-n', script])
    expect(await offered(script, 'society sta')).toEqual(['start', 'status'])
    expect(await offered(script, 'society work ')).toEqual([
      'allocate',
      'complete',
      'fail',
      'confirm',
      'disown',
      'list',
      '--json',
      '--dir',
      '--help',
    ])
    expect(await offered(script, 'society bond l')).toEqual(['list'])
    // A command that others begin with: what either takes, and then what the longer one takes.
    expect(await offered(script, 'society localnet ')).toEqual(
      expect.arrayContaining(['kill', 'revert', '--societies']),
    )
    expect(await offered(script, 'society localnet --k')).toEqual(['--keep'])
    expect(await offered(script, 'society localnet --keep --s')).toEqual(['--societies'])
    expect(await offered(script, 'society localnet kill --')).toEqual(['--json', '--dir', '--help'])
    expect(await offered(script, `society --dir /tmp --json stat`)).toEqual(['status'])
    expect(await offered(script, `society --dir /tmp work l`)).toEqual(['list'])
    expect(await offered(script, 'society vouch give 5 --e')).toEqual(['--endorser'])
    expect(await offered(script, 'society history sage --a')).toEqual(['--at'])
    expect(await offered(script, 'society work co')).toEqual(['complete', 'confirm'])
    expect(await offered(script, 'society charge 100 --')).toEqual([
      '--source',
      '--lifetime',
      '--json',
      '--dir',
      '--help',
    ])
    expect(await offered(script, 'society work allocate 5 --worker oak --dea')).toEqual([
      '--deadline',
    ])
    expect(await offered(script, 'society completion ')).toEqual(
      expect.arrayContaining(['bash', 'zsh', 'fish']),
    )
    expect(await offered(script, 'society nonsense ')).toEqual([])
    expect(await offered(script, `society status --dir ${join(script, '..')}`)).toHaveLength(1)
    expect(await offered(script, `society init --passphrase-file ${script.slice(0, -2)}`)).toEqual([
      script,
    ])
    expect(await offered(script, `society simulate ${script.slice(0, -2)}`)).toEqual([script])
  })
})

describe('completion in other shells', () => {
  it.each(['zsh', 'fish'])('%s: has every command and option', async (shell) => {
    const path = await scriptOf(shell)
    const { stdout: script } = await run('cat', [path])
    expect(script).toBe(completionFor(shell, commands))
    for (const { words, options = [] } of commands) {
      for (const word of words.split(' ')) expect(script).toContain(word)
      for (const { name } of options) expect(script).toContain(name)
    }
    expect(script.match(/'/g)?.length ?? 0).toSatisfy((count: number) => count % 2 === 0)
  })

  it('fish quotes what is in help texts', () => {
    const [first] = commands
    const option = { name: 'odd', summary: `it's a \\ and a "quote"` }
    const script = completionFor(
      'fish',
      first === undefined ? [] : [{ ...first, options: [option] }],
    )
    expect(script).toContain(String.raw`-d 'it\'s a \\ and a "quote"'`)
  })
})
