import type { Client } from './client.ts'

/** An argument of a command, in its order. */
export type Argument = {
  readonly name: string
  readonly summary: string
  readonly optional?: boolean
  /** Takes all words that follow. */
  readonly many?: boolean
}

/** An option of a command: `--name VALUE`, or a switch where there is no value. */
export type Option = {
  /** Long name without dashes; its camel-case form is its name in `Given`. */
  readonly name: string
  readonly short?: string
  readonly value?: string
  readonly summary: string
  readonly required?: boolean
  /** May be given several times. */
  readonly repeat?: boolean
}

/** What a command was given: arguments and options by name, dashes as camel case. */
export type Given = Readonly<Record<string, string | boolean | readonly string[] | undefined>>

/** What a command answers: a value for `--json`, and the same for people. */
export type Answer = { readonly value: unknown; readonly text: string }

/** What commands work with. */
export type CommandContext = {
  readonly directory: string
  readonly json: boolean
  /** All commands there are. */
  readonly commands: readonly Command[]
  /** The API of the node that runs in the directory; fails with `NoNode`. */
  readonly client: () => Promise<Client>
  /** Tells something meanwhile, on stderr and only to people. */
  readonly tell: (line: string) => void
}

/** A command of the CLI. Everything shown about it (help, completion) is made from this. */
export type Command = {
  /** Words that call it, such as `work allocate`. */
  readonly words: string
  readonly summary: string
  readonly example: string
  readonly arguments?: readonly Argument[]
  readonly options?: readonly Option[]
  /** Undefined where the command has said everything itself. */
  readonly run: (given: Given, context: CommandContext) => Promise<Answer | undefined>
}

/** A text that was given, or undefined. */
export function textOf(given: Given, name: string): string | undefined {
  const value = given[name]
  return typeof value === 'string' ? value : undefined
}
