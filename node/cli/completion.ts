import type { Argument, Command } from './command.ts'

/** What may stand at a place of a command line. */
type Place = {
  /** Words before it, exactly; with `open` whatever else may follow them. */
  readonly after: string
  readonly open: boolean
  readonly words: readonly string[]
  readonly files: boolean
}

const commonFlags = ['--json', '--dir', '--help']

/** Whether files are offered for an argument. */
const takesFile = ({ name }: Argument): boolean => name === 'file' || name === 'files'

const wordsAfter = (commands: readonly Command[], first: string): readonly string[] =>
  commands
    .filter(({ words }) => words.startsWith(`${first} `))
    .map(({ words }) => words.slice(first.length + 1))

const firstWords = (commands: readonly Command[]): readonly string[] => [
  ...new Set(commands.map(({ words }) => words.split(' ', 1)[0] ?? '')),
]

function placesOf(commands: readonly Command[]): readonly Place[] {
  const firsts = firstWords(commands)
  const closed = { open: false, files: false }
  const ends = commands.map((command) => ({
    after: `${command.words} `,
    open: true,
    words: [
      ...(command.arguments ?? []).flatMap(({ choices = [] }) => choices),
      ...(command.options ?? []).map(({ name }) => `--${name}`),
      ...commonFlags,
    ],
    files: (command.arguments ?? []).some(takesFile),
  }))
  // A word may be a command and begin others: then what either takes may follow.
  const groups = firsts.flatMap((first) => {
    const seconds = wordsAfter(commands, first)
    const after = `${first} `
    const own = ends.find((end) => end.after === after)
    const words = [...seconds, ...(own?.words ?? commonFlags)]
    return seconds.length === 0 ? [] : [{ after, open: false, words, files: own?.files ?? false }]
  })
  // The first that fits counts, so those of more words come before those of fewer.
  const wordsIn = ({ after }: Place): number => after.split(' ').length
  const longestFirst = ends.toSorted((a, b) => wordsIn(b) - wordsIn(a))
  return [{ after: ' ', words: [...firsts, ...commonFlags], ...closed }, ...groups, ...longestFirst]
}

/** Takes what every command takes from the front of what was called, for bash and zsh. */
const withoutCommon = `while :; do
    case "$called" in
      "--json "*) called="\${called#--json }" ;;
      "--dir "*" "*) called="\${called#--dir * }" ;;
      *) break ;;
    esac
  done
  [[ -n "$called" ]] || called=" "`

/** Options whose value is a file, or a folder. */
const optionsOf = (commands: readonly Command[], value: string): readonly string[] => {
  const options = commands.flatMap((command) => command.options ?? [])
  const names = options.filter((option) => option.value === value).map(({ name }) => `--${name}`)
  return [...new Set(value === 'DIR' ? ['--dir', ...names] : names)]
}

const pattern = ({ after, open }: Place): string => `"${after}"${open ? '*' : ''}`

function bash(commands: readonly Command[]): string {
  const lines = placesOf(commands).map((place) => {
    const files = place.files ? ' files=1' : ''
    return `    ${pattern(place)}) words="${place.words.join(' ')}"${files} ;;`
  })
  const fill = (what: string): string => `mapfile -t COMPREPLY < <(compgen ${what} -- "$current")`
  return `_society() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words="" files=""
  local called="\${COMP_WORDS[*]:1:COMP_CWORD-1} "
  ${withoutCommon}
  case "\${COMP_WORDS[COMP_CWORD-1]}" in
    ${optionsOf(commands, 'FILE').join('|')}) ${fill('-f')}; return ;;
    ${optionsOf(commands, 'DIR').join('|')}) ${fill('-d')}; return ;;
  esac
  case "$called" in
${lines.join('\n')}
  esac
  if [[ -n "$files" && "$current" != -* ]]; then ${fill('-f')}; return; fi
  ${fill('-W "$words"')}
}
complete -o filenames -F _society society
`
}

function zsh(commands: readonly Command[]): string {
  const lines = placesOf(commands).map((place) => {
    const files = place.files ? '_files; ' : ''
    return `    ${pattern(place)}) ${files}compadd -- ${place.words.join(' ')} ;;`
  })
  return `#compdef society
_society() {
  local called="\${(j: :)words[2,CURRENT-1]} "
  ${withoutCommon}
  case "\${words[CURRENT-1]}" in
    ${optionsOf(commands, 'FILE').join('|')}) _files; return ;;
    ${optionsOf(commands, 'DIR').join('|')}) _files -/; return ;;
  esac
  case "$called" in
${lines.join('\n')}
  esac
}
compdef _society society
`
}

const quoted = (text: string): string =>
  `'${text.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`

/** What makes fish think of a command: its words, and none that make another of them. */
function fishSeen(words: string, commands: readonly Command[]): string {
  const seen = words.split(' ').map((word) => `__fish_seen_subcommand_from ${word}`)
  // `verify` is a command, and `backup verify` another.
  const before = commands.flatMap((other) => {
    const [first = '', second] = other.words.split(' ')
    return second === words ? [first] : []
  })
  const others = [...wordsAfter(commands, words), ...before]
  const none = `not __fish_seen_subcommand_from ${others.join(' ')}`
  return quoted([...seen, ...(others.length === 0 ? [] : [none])].join('; and '))
}

function fishCommand(
  { words, arguments: given = [], options = [] }: Command,
  commands: readonly Command[],
): readonly string[] {
  const when = `complete -c society -n ${fishSeen(words, commands)}`
  const choices = given.flatMap((argument) => argument.choices ?? [])
  return [
    ...choices.map((choice) => `${when} -a ${choice}`),
    ...given.filter(takesFile).map(() => `${when} -F`),
    ...options.map(({ name, value, short, summary }) => {
      const letter = short === undefined ? '' : ` -s ${short}`
      const folder = ` -x -a '(__fish_complete_directories)'`
      const takes = { FILE: ' -r -F', DIR: folder, '': '' }[value ?? ''] ?? ' -x'
      return `${when} -l ${name}${letter}${takes} -d ${quoted(summary)}`
    }),
  ]
}

function fish(commands: readonly Command[]): string {
  const lines = [
    'complete -c society -f',
    "complete -c society -l json -d 'one JSON value'",
    "complete -c society -l dir -x -a '(__fish_complete_directories)' -d 'the node’s directory'",
    "complete -c society -l help -d 'how it is used'",
  ]
  for (const first of firstWords(commands)) {
    const seconds = wordsAfter(commands, first)
    const own = commands.find(({ words }) => words === first)
    const summary = own?.summary ?? seconds.join(', ')
    lines.push(`complete -c society -n __fish_use_subcommand -a ${first} -d ${quoted(summary)}`)
    for (const second of seconds) {
      const told = commands.find(({ words }) => words === `${first} ${second}`)?.summary ?? ''
      const when = `complete -c society -n ${fishSeen(first, commands)}`
      lines.push(`${when} -a ${second} -d ${quoted(told)}`)
    }
  }
  const all = commands.flatMap((command) => fishCommand(command, commands))
  return `${[...lines, ...all].join('\n')}\n`
}

/** Shells that a completion script can be made for. */
export const shells: readonly string[] = ['bash', 'zsh', 'fish']

/** The completion script for one of the shells, made from the table of commands. */
export function completionFor(shell: string, commands: readonly Command[]): string {
  if (shell === 'bash') return bash(commands)
  return shell === 'zsh' ? zsh(commands) : fish(commands)
}
