import {
  Command as Program,
  CommanderError,
  InvalidArgumentError,
  Option as ProgramOption,
} from 'commander'
import { nodeDirectory } from '../config/directory.ts'
import { version } from '../version.ts'
import { clientOf } from './client.ts'
import type { Argument, Command, Given, Option } from './command.ts'
import { exitCodes, toldOf, WrongUsage } from './failures.ts'
import { commands, commonOptions } from './table.ts'
import { printable } from './text.ts'
import { faultOf, type ValueKind } from './value-kinds.ts'

const checked = (kind: ValueKind | undefined, value: string): string => {
  const fault = kind === undefined ? undefined : faultOf(kind, value)
  if (fault !== undefined) throw new InvalidArgumentError(fault)
  return value
}

function optionOf({ name, short, value, kind, summary, ...other }: Option): ProgramOption {
  const letter = short === undefined ? '' : `-${short}, `
  const flags = `${letter}--${name}${value === undefined ? '' : ` <${value}>`}`
  const option = new ProgramOption(flags, summary)
  if (other.required === true) option.makeOptionMandatory()
  if (other.repeat === true) {
    option.argParser<readonly string[] | undefined>((text, before = []) => [...before, text])
  } else if (value !== undefined) {
    option.argParser((text: string) => checked(kind, text))
  }
  return option
}

function addArgument(program: Program, argument: Argument): void {
  const { name, summary, optional, many, kind, choices } = argument
  const word = many === true ? `${name}...` : name
  const made = program.createArgument(optional === true ? `[${word}]` : `<${word}>`, summary)
  if (choices !== undefined) made.choices(choices)
  if (kind !== undefined) made.argParser((text: string) => checked(kind, text))
  program.addArgument(made)
}

/** commander turns `--no-mdns` into `mdns: false`; commands read it as `noMdns: true`. */
function givenOf(command: Command, args: readonly unknown[], options: object): Given {
  const given: Record<string, Given[string]> = { ...options }
  for (const { name } of command.options ?? []) {
    if (!name.startsWith('no-')) continue
    const positive = name.slice(3)
    given[`no${positive.charAt(0).toUpperCase()}${positive.slice(1)}`] = given[positive] === false
  }
  for (const [i, { name }] of (command.arguments ?? []).entries()) {
    const value = args[i]
    if (typeof value === 'string') given[name] = value
    if (Array.isArray(value)) given[name] = value.map(String)
  }
  return given
}

const withCommonOptions = (program: Program): Program =>
  program.option('--json', commonOptions.json).option('--dir <DIR>', commonOptions.dir)

/** The program that a command line calls; `act` does what it calls for. */
function programOf(act: (command: Command, given: Given) => Promise<void>): Program {
  const program = withCommonOptions(new Program('society'))
    .description('A node for a society that accounts for its energy')
    .version(version)
    .addHelpText('after', '\nExample:\n  $ society init --name home && society start')
  const groups = new Map<string, Program>()
  for (const command of commands) {
    const [first = '', second] = command.words.split(' ')
    let parent = program
    if (second !== undefined) {
      parent = groups.get(first) ?? program.command(first).summary(groupSummary(first))
      groups.set(first, parent)
    }
    const sub = withCommonOptions(parent.command(second ?? first)).description(command.summary)
    // A word may be a command and begin others: `backup FILE`, `backup verify FILE`.
    if (second === undefined) groups.set(first, sub)
    for (const argument of command.arguments ?? []) addArgument(sub, argument)
    for (const option of command.options ?? []) sub.addOption(optionOf(option))
    sub.addHelpText('after', `\nExample:\n  $ ${command.example}`)
    sub.action(async (...args: unknown[]) => {
      // Outer commands take what they know wherever it stands: `backup` that of `backup verify`.
      const outer = parent === program ? {} : parent.opts()
      const options = { ...program.opts(), ...outer, ...sub.opts() }
      await act(command, givenOf(command, args, options))
    })
  }
  return program
}

/** What the words below a first word are, as the help of the whole program has it. */
const groupSummary = (first: string): string =>
  commands
    .filter(({ words }) => words.startsWith(`${first} `))
    .map(({ words }) => words.slice(first.length + 1))
    .join(', ')

async function perform(command: Command, given: Given): Promise<void> {
  const json = given['json'] === true
  const dir = given['dir']
  // Of a variable that is not set, mostly; the current directory is no node's.
  if (dir === '') throw new WrongUsage('--dir is empty; give the directory of the node')
  const directory = nodeDirectory(typeof dir === 'string' ? dir : undefined)
  const answer = await command.run(given, {
    directory,
    json,
    commands,
    commonOptions,
    client: () => clientOf(directory),
    tell: (line) => {
      if (!json && process.stderr.isTTY) process.stderr.write(`${printable(line)}\n`)
    },
  })
  if (answer === undefined) return
  const text = json ? JSON.stringify(answer.value) : answer.text
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
}

/** Tells what went wrong, as JSON on stdout under `--json`, and answers the exit code. */
function report(error: unknown, json: boolean): number {
  const { exitCode, code, message, record, advice, stack } = toldOf(error)
  if (json) {
    process.stdout.write(`${JSON.stringify({ error: { code, message, record } })}\n`)
  } else {
    // Wrong usage needs no code: nobody looks that up.
    const what = exitCode === exitCodes.usage ? message : `${code}: ${message}`
    const lines = advice === null ? [what] : [what, advice]
    const text = lines.join('\n').split('\n').map(printable).join('\n')
    process.stderr.write(`society: ${text}\n`)
  }
  if (stack !== null) process.stderr.write(`${stack}\n`)
  return exitCode
}

/** Reports what commander finds wrong with a command line, in its own words. */
function reportUsage({ message, exitCode }: CommanderError, json: boolean): number {
  if (exitCode === 0) return exitCodes.done
  if (json) {
    const told = message.startsWith('(') ? 'give a command; see --help' : message
    const error = { code: 'malformed', message: told.replace(/^error: /, ''), record: null }
    process.stdout.write(`${JSON.stringify({ error })}\n`)
  }
  return exitCodes.usage
}

/** Has commander throw instead of exiting, and under `--json` print no words of its own. */
function tame(program: Program, json: boolean): void {
  program.exitOverride().showHelpAfterError('Add --help to see how it is used.')
  if (json) program.configureOutput({ writeErr: () => {} })
  for (const sub of program.commands) tame(sub, json)
}

/** Runs a command line; answers its exit code. Never exits by itself. */
export async function runProgram(args: readonly string[]): Promise<number> {
  const json = args.includes('--json')
  const program = programOf(perform)
  tame(program, json)
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    // Whoever reads may have had enough, as `head` does; that is no failure.
    process.exit(code === 'EPIPE' ? exitCodes.done : exitCodes.failed)
  })
  try {
    await program.parseAsync(args, { from: 'user' })
    return Number(process.exitCode ?? exitCodes.done)
  } catch (error) {
    return error instanceof CommanderError ? reportUsage(error, json) : report(error, json)
  }
}
