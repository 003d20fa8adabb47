import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { completionFor } from '../../node/cli/completion.ts'
import { manualOf } from '../../node/cli/man.ts'
import { commands, commonOptions } from '../../node/cli/table.ts'
import { runCli } from './cli-fixture.ts'

const page = manualOf(commands, '0.1.0', commonOptions)
const plain = page.replaceAll('\\-', '-').replaceAll('\\e', '\\')

describe('the manual page', () => {
  it('has every command with its arguments, options and example', () => {
    for (const { words, example, options = [], arguments: given = [] } of commands) {
      expect(plain).toMatch(new RegExp(`^\\.SS\\n${words}\\b`, 'm'))
      expect(plain).toContain(`.B ${example}`)
      for (const { name } of options) expect(plain).toContain(`--${name}`)
      for (const { name } of given) expect(plain).toContain(name.toUpperCase())
    }
  })

  it('has no line that roff would take for an order by mistake', () => {
    const orders = new Set(page.match(/^['.]\S*/gm))
    expect([...orders].sort()).toEqual(['.B', '.I', '.PP', '.SH', '.SS', '.TH', '.TP'])
  })

  it('is printed by society man', async () => {
    const { code, stdout } = await runCli(['man'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^\.TH SOCIETY 1 /)
    expect(stdout).toContain('.SH EXIT STATUS')
  })
})

describe('what commands print', () => {
  it('has no colours, whatever the terminal is said to be', async () => {
    const environment = { FORCE_COLOR: '3', TERM: 'xterm-256color', NO_COLOR: '' }
    const help = await runCli(['--help'], { environment })
    const doctor = await runCli(['doctor'], { environment, directory: '/nowhere' })
    expect(`${help.stdout}${doctor.stdout}${doctor.stderr}`).not.toContain('\u001B')
  })
})

describe('completion scripts', () => {
  it('offer files where a file is asked for', () => {
    const fish = completionFor('fish', commands)
    expect(fish).toMatch(/__fish_seen_subcommand_from verify' -F$/m)
    expect(fish).toMatch(/__fish_seen_subcommand_from restore' -F$/m)
    expect(completionFor('zsh', commands)).toMatch(/"restore "\*\) _files; compadd/)
  })

  it('are read by bash', async () => {
    const script = completionFor('bash', commands)
    await promisify(execFile)('bash', ['-n', '-c', script])
  })
})
