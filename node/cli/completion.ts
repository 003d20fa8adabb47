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
  const groups = firsts
    .map((first) => ({ after: `${first} `, words: wordsAfter(commands, first), ...closed }))
    .filter(({ words }) => words.length > 0)
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
  return [{ after: ' ', words: [...firsts, ...commonFlags], ...closed }, ...groups, ...ends]
}

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

/** What makes fish think of a command: its first word, and its second. */
function fishSeen(words: string): string {
  const seen = words.split(' ').map((word) => `__fish_seen_subcommand_from ${word}`)
  return quoted(seen.join('; and '))
}

function fishCommand({ words, arguments: given = [], options = [] }: Command): readonly string[] {
  const when = `complete -c society -n ${fishSeen(words)}`
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
    "complete -c society -l dir -x -a '(__fish_complete_directories)'",
    'complete -c society -l help',
  ]
  for (const first of firstWords(commands)) {
    const seconds = wordsAfter(commands, first)
    const own = commands.find(({ words }) => words === first)
    const summary = own?.summary ?? seconds.join(', ')
    lines.push(`complete -c society -n __fish_use_subcommand -a ${first} -d ${quoted(summary)}`)
    if (seconds.length === 0) continue
    const none = `__fish_seen_subcommand_from ${first}; and not __fish_seen_subcommand_from`
    const when = `${none} ${seconds.join(' ')}`
    lines.push(`complete -c society -n ${quoted(when)} -a ${quoted(seconds.join(' '))}`)
  }
  return `${[...lines, ...commands.flatMap(fishCommand)].join('\n')}\n`
}

/** Shells that a completion script can be made for. */
export const shells: readonly string[] = ['bash', 'zsh', 'fish']

/** The completion script for one of the shells, made from the table of commands. */
export function completionFor(shell: string, commands: readonly Command[]): string {
  if (shell === 'bash') return bash(commands)
  return shell === 'zsh' ? zsh(commands) : fish(commands)
}
