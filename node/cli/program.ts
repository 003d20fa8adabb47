import { Command as Program, CommanderError, Option as ProgramOption } from 'commander'
import { Failure } from '../../src/index.ts'
import { nodeDirectory } from '../config/directory.ts'
import { version } from '../version.ts'
import { Client, NoNode } from './client.ts'
import type { Command, Given, Option } from './command.ts'
import { commands, commonOptions } from './table.ts'

/** Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 no node to talk to. */
const exitCodes = { done: 0, failed: 1, usage: 2, noNode: 3 } as const

function optionOf({ name, short, value, summary, required, repeat }: Option): ProgramOption {
  const letter = short === undefined ? '' : `-${short}, `
  const flags = `${letter}--${name}${value === undefined ? '' : ` <${value}>`}`
  const option = new ProgramOption(flags, summary)
  if (required === true) option.makeOptionMandatory()
  if (repeat === true) {
    option.argParser((given: string, before: readonly string[] = []) => [...before, given])
  }
  return option
}

/** commander turns `--no-mdns` into `mdns: false`; commands read it as `noMdns: true`. */
function givenOf(command: Command, args: readonly unknown[], options: object): Given {
  const given: Record<string, unknown> = { ...options }
  for (const { name } of command.options ?? []) {
    if (!name.startsWith('no-')) continue
    const positive = name.slice(3)
    given[`no${positive.charAt(0).toUpperCase()}${positive.slice(1)}`] = given[positive] === false
  }
  command.arguments?.forEach(({ name }, i) => {
    given[name] = args[i]
  })
  return given as Given
}

/** The program that a command line calls; `act` does what it calls for. */
function programOf(act: (command: Command, given: Given) => Promise<void>): Program {
  const program = new Program('society')
    .description('A node for a society that accounts for its energy')
    .version(version)
    .exitOverride()
  const groups = new Map<string, Program>()
  for (const command of commands) {
    const [first = '', second] = command.words.split(' ')
    let parent = program
    if (second !== undefined) {
      parent = groups.get(first) ?? program.command(first).exitOverride()
      groups.set(first, parent)
    }
    const sub = parent.command(second ?? first).description(command.summary)
    for (const { name, summary, optional, many } of command.arguments ?? []) {
      const dots = many === true ? '...' : ''
      sub.argument(optional === true ? `[${name}${dots}]` : `<${name}${dots}>`, summary)
    }
    for (const option of command.options ?? []) sub.addOption(optionOf(option))
    sub.option('--json', commonOptions.json)
    sub.option('--dir <DIR>', commonOptions.dir)
    sub.addHelpText('after', `\nExample:\n  $ ${command.example}`)
    sub.exitOverride()
    sub.action(async (...args: unknown[]) => {
      await act(command, givenOf(command, args, sub.opts()))
    })
  }
  return program
}

async function perform(command: Command, given: Given): Promise<void> {
  const json = given['json'] === true
  const dir = given['dir']
  const directory = nodeDirectory(typeof dir === 'string' ? dir : undefined)
  const answer = await command.run(given, {
    directory,
    json,
    commands,
    client: () => Client.of(directory),
    tell: (line) => {
      if (!json && process.stderr.isTTY) process.stderr.write(`${line}\n`)
    },
  })
  if (answer === undefined) return
  process.stdout.write(`${json ? JSON.stringify(answer.value) : answer.text}\n`)
}

/** Tells what went wrong, as JSON on stdout under `--json`, and answers the exit code. */
function report(error: unknown, json: boolean): number {
  const known = error instanceof Failure
  const noNode = error instanceof NoNode
  if (!known && !noNode) throw error
  const code = known ? error.code : 'no-node'
  const { message } = error
  const record = known ? (error.record ?? null) : null
  if (json) process.stdout.write(`${JSON.stringify({ error: { code, message, record } })}\n`)
  else process.stderr.write(`${code}: ${message}\n`)
  return noNode ? exitCodes.noNode : exitCodes.failed
}

/** Runs a command line; answers its exit code. Never exits by itself. */
export async function runProgram(args: readonly string[]): Promise<number> {
  const json = args.includes('--json')
  const program = programOf(perform)
  if (json) quieten(program)
  try {
    await program.parseAsync(args, { from: 'user' })
    return Number(process.exitCode ?? exitCodes.done)
  } catch (error) {
    if (!(error instanceof CommanderError)) return report(error, json)
    if (error.exitCode === 0) return exitCodes.done
    if (json) {
      const message = error.message.replace(/^error: /, '')
      process.stdout.write(
        `${JSON.stringify({ error: { code: 'malformed', message, record: null } })}\n`,
      )
    }
    return exitCodes.usage
  }
}

/** Under `--json` the error is the answer; nothing else is printed. */
function quieten(program: Program): void {
  program.configureOutput({ writeErr: () => {} })
  for (const sub of program.commands) quieten(sub)
}
