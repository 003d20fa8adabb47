import type { Command } from './command.ts'
import { commands } from './table.ts'

const flagsOf = (command: Command): readonly string[] => [
  ...(command.options ?? []).map(({ name }) => `--${name}`),
  '--json',
  '--dir',
  '--help',
]

/** First words, and the second words of those that have them. */
function wordsByFirst(): ReadonlyMap<string, readonly string[]> {
  const words = new Map<string, string[]>()
  for (const command of commands) {
    const [first = '', second] = command.words.split(' ')
    const seconds = words.get(first) ?? []
    if (second !== undefined) seconds.push(second)
    words.set(first, seconds)
  }
  return words
}

function bash(): string {
  const words = wordsByFirst()
  const cases = [
    ...[...words]
      .filter(([, seconds]) => seconds.length > 0)
      .map(([first, seconds]) => `    ${first}) words="${seconds.join(' ')}" ;;`),
    ...commands.map((command) => {
      return `    "${command.words}") words="${flagsOf(command).join(' ')}" ;;`
    }),
  ]
  return `_society() {
  local called="\${COMP_WORDS[*]:1:COMP_CWORD-1}" words=""
  case "\${called%% -*}" in
    "") words="${[...words.keys()].join(' ')}" ;;
${cases.join('\n')}
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}")
}
complete -F _society society
`
}

function zsh(): string {
  return `#compdef society
autoload -U +X bashcompinit && bashcompinit
${bash()}`
}

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`\'`)}'`

function fish(): string {
  const lines = ['complete -c society -f']
  for (const [first, seconds] of wordsByFirst()) {
    lines.push(`complete -c society -n __fish_use_subcommand -a ${first}`)
    for (const second of seconds) {
      lines.push(`complete -c society -n '__fish_seen_subcommand_from ${first}' -a ${second}`)
    }
  }
  for (const command of commands) {
    const [first = '', second] = command.words.split(' ')
    const seen = [first, ...(second === undefined ? [] : [second])]
      .map((word) => `__fish_seen_subcommand_from ${word}`)
      .join('; and ')
    for (const { name, summary } of command.options ?? []) {
      lines.push(`complete -c society -n '${seen}' -l ${name} -d ${quoted(summary)}`)
    }
  }
  return `${lines.join('\n')}\n`
}

/** The completion script for a shell; undefined for a shell that is not known. */
export function completionFor(shell: string): string | undefined {
  if (shell === 'bash') return bash()
  if (shell === 'zsh') return zsh()
  return shell === 'fish' ? fish() : undefined
}
