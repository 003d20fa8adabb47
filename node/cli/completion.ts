import type { Command } from './command.ts'

const flagsOf = (command: Command): readonly string[] => [
  ...(command.options ?? []).map(({ name }) => `--${name}`),
  '--json',
  '--dir',
  '--help',
]

/** First words, and the second words of those that have them. */
function wordsByFirst(commands: readonly Command[]): ReadonlyMap<string, readonly string[]> {
  const words = new Map<string, string[]>()
  for (const command of commands) {
    const [first = '', second] = command.words.split(' ')
    const seconds = words.get(first) ?? []
    if (second !== undefined) seconds.push(second)
    words.set(first, seconds)
  }
  return words
}

function bash(commands: readonly Command[]): string {
  const words = wordsByFirst(commands)
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

function zsh(commands: readonly Command[]): string {
  return `#compdef society
autoload -U +X bashcompinit && bashcompinit
${bash(commands)}`
}

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`\'`)}'`

function fish(commands: readonly Command[]): string {
  const lines = ['complete -c society -f']
  for (const [first, seconds] of wordsByFirst(commands)) {
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
export function completionFor(shell: string, commands: readonly Command[]): string | undefined {
  if (shell === 'bash') return bash(commands)
  if (shell === 'zsh') return zsh(commands)
  return shell === 'fish' ? fish(commands) : undefined
}
