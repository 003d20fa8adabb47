import { readFile } from 'node:fs/promises'
import type { SourceType } from '../../../protocol/index.ts'
import type { MeterOption } from '../../meters/meter-kind.ts'
import { sourceOptions } from '../../meters/source-options.ts'
import { kindsFor, measuredTypes } from '../../meters/table.ts'
import { reasonOf } from '../../store/file-failure.ts'
import { textOf, type Command, type Given, type Option } from '../command.ts'
import { WrongUsage } from '../failures.ts'
import { columns, unit } from '../text.ts'

/** Units of what a measurement tells, for people; what is not here is a ratio or a text. */
const unitsOf: Readonly<Record<string, string>> = {
  capacity: 'W',
  rated: 'W',
  output: 'W',
  tdp: 'W',
  idle: 'W',
  allocated: 'W',
  metabolic: 'W',
  hours: 'h',
  dischargeRate: 'W',
  stored: 'Wh',
}

const dashed = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

function optionOf({ name, value, form, summary, secret }: MeterOption): Option {
  if (secret === true) return { name: `${dashed(name)}-file`, value: 'FILE', summary }
  return {
    name: dashed(name),
    summary,
    ...(value === undefined ? {} : { value }),
    ...(form === undefined ? {} : { kind: form }),
  }
}

async function secretIn(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trimEnd()
  } catch (error) {
    throw new WrongUsage(`${file} cannot be read: ${reasonOf(error)}`)
  }
}

/** An option's value as the API takes it; undefined where it was not given. */
async function valueOf(
  { name, value, schema, secret }: MeterOption,
  given: Given,
): Promise<unknown> {
  if (secret === true) {
    const file = textOf(given, `${name}File`)
    return file === undefined ? undefined : secretIn(file)
  }
  if (value === undefined) return given[name] === true ? true : undefined
  const text = textOf(given, name)
  const isNumber = 'type' in schema && (schema.type === 'integer' || schema.type === 'number')
  return text !== undefined && isNumber ? Number(text) : text
}

function proveCommand(type: SourceType): Command {
  const kinds = kindsFor(type)
  const every = [...kinds.flatMap((kind) => kind.options), ...sourceOptions]
  const options = new Map(every.map((each) => [each.name, each]))
  const ways = kinds.map((kind) => dashed(kind.options[0].name))
  return {
    words: `prove ${type}`,
    summary: `measure a source (${type}) at its own interface, sign and publish the proof`,
    example: `society prove ${type} ${kinds[0]?.example ?? ''}`.trimEnd(),
    options: [
      ...[...options.values()].map(optionOf),
      { name: 'dry-run', summary: 'show the measurement alone, sign nothing' },
    ],
    async run(given, { client, tell }) {
      const body: Record<string, unknown> = {}
      for (const [name, option] of options) body[name] = await valueOf(option, given)
      const asked = kinds.filter((kind) => body[kind.options[0].name] !== undefined)
      if (asked.length > 1 || (asked.length === 0 && !kinds.some((kind) => kind.byDefault))) {
        throw new WrongUsage(`give one of --${ways.join(', --')}`)
      }
      tell('measuring at the device ...')
      const dryRun = given['dryRun'] === true
      const measured = await (await client()).call('measure', { body: { type, ...body, dryRun } })
      const rows = Object.entries(measured).map(([name, value]) => {
        const unitOfIt = unitsOf[name]
        return [name, unitOfIt === undefined ? String(value) : unit(Number(value), unitOfIt)]
      })
      return { value: measured, text: columns(rows) }
    },
  }
}

/** `society prove TYPE`, one for every type of source that can be measured. */
export const proveCommands: readonly Command[] = measuredTypes.map(proveCommand)
