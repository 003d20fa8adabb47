import type { Argument, Command, Option } from './command.ts'
import { exitCodes } from './failures.ts'

/** Text as roff shows it: no letter of it is a command. */
const roff = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll(/^(['.])/gm, '\\&$1')

const argumentForm = ({ name, optional, many }: Argument): string => {
  const word = `${name.toUpperCase()}${many === true ? '...' : ''}`
  return optional === true ? `[${word}]` : word
}

const optionForm = ({ name, short, value }: Option): string => {
  const letter = short === undefined ? '' : `-${short}, `
  return `${letter}--${name}${value === undefined ? '' : ` ${value}`}`
}

/** A term in bold and what it means. */
const item = (term: string, meaning: string): readonly string[] => [
  '.TP',
  `.B ${roff(term)}`,
  roff(meaning),
]

function commandLines(command: Command): readonly string[] {
  const { words, summary, example, arguments: given = [], options = [] } = command
  const call = [words, ...given.map(argumentForm), ...(options.length > 0 ? ['[OPTIONS]'] : [])]
  return [
    '.SS',
    roff(call.join(' ')),
    '.PP',
    roff(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`),
    ...given.flatMap((argument) => {
      const choices = argument.choices === undefined ? '' : `: ${argument.choices.join(', ')}`
      return item(argument.name.toUpperCase(), argument.summary + choices)
    }),
    ...options.flatMap((option) => item(optionForm(option), option.summary)),
    '.PP',
    'Example:',
    `.B ${roff(example)}`,
  ]
}

const exits: Readonly<Record<keyof typeof exitCodes, string>> = {
  done: 'done',
  failed: 'refused or failed; under --json with {"error":{"code","message","record"}}',
  usage: 'wrong usage',
  noNode: 'no node to talk to',
}

const environment: Readonly<Record<string, string>> = {
  SOCIETY_DIR: 'the node’s directory, where --dir does not name it',
  SOCIETY_PASSPHRASE: 'the passphrase of the key, where no terminal is there to ask at',
  NO_COLOR: 'nothing changes: no command writes colours',
}

const files: Readonly<Record<string, string>> = {
  'config.yaml': 'what the operator decides, with comments',
  'key.json': 'the society’s key, encrypted',
  token: 'what callers of the API show',
  'token-read': 'what callers show that may only read',
  store: 'the ledger',
}

/** The manual page of the program in roff, made from the table of commands. */
export function manualOf(
  commands: readonly Command[],
  version: string,
  common: Readonly<Record<string, string>>,
): string {
  const lines = [
    `.TH SOCIETY 1 "" "society ${roff(version)}" "User Commands"`,
    '.SH NAME',
    'society \\- a node for a society that accounts for its energy',
    '.SH SYNOPSIS',
    '.B society',
    '.I COMMAND',
    '[ARGUMENTS] [OPTIONS]',
    '.SH DESCRIPTION',
    roff('society start runs a node; other commands talk to it over its HTTP API on loopback.'),
    roff(
      'Societies, records and sources are named by id or by a unique prefix, societies by name.',
    ),
    '.SH OPTIONS',
    roff('Every command takes:'),
    ...Object.entries(common).flatMap(([name, summary]) => item(`--${name}`, summary)),
    ...item('--help', 'how the command is used, with an example'),
    '.SH COMMANDS',
    ...commands.flatMap(commandLines),
    '.SH EXIT STATUS',
    ...Object.entries(exits).flatMap(([name, meaning]) =>
      item(String(exitCodes[name as keyof typeof exitCodes]), meaning),
    ),
    '.SH ENVIRONMENT',
    ...Object.entries(environment).flatMap(([name, meaning]) => item(name, meaning)),
    '.SH FILES',
    roff('In the node’s directory, ~/.society by default:'),
    ...Object.entries(files).flatMap(([name, meaning]) => item(name, meaning)),
  ]
  return `${lines.join('\n')}\n`
}
