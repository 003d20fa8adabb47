import type { Client } from '../client/index.ts'
import type { ValueKind } from './value-kinds.ts'

/** An argument of a command, in its order. */
export type Argument = {
  readonly name: string
  readonly summary: string
  readonly optional?: boolean
  /** Takes all that follow; the last argument only. */
  readonly many?: boolean
  /** What it has to look like; any text without it. */
  readonly kind?: ValueKind
  /** The only values there are. */
  readonly choices?: readonly string[]
}

/** An option of a command: `--name VALUE`, or a switch where there is no value. */
export type Option = {
  /** Long name without dashes; its camel-case form is its name in `Given`. */
  readonly name: string
  readonly short?: string
  /** What stands for the value in help; FILE and DIR are completed as such. */
  readonly value?: string
  readonly kind?: ValueKind
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
  /** What the options say that every command takes, by name. */
  readonly commonOptions: Readonly<Record<string, string>>
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

/** The texts that were given to what may be given several times. */
export function textsOf(given: Given, name: string): readonly string[] {
  const value = given[name]
  return typeof value === 'object' ? value : []
}
