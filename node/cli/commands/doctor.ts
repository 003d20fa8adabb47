import { textOf, type Answer, type Command, type CommandContext } from '../command.ts'
import type { Given } from '../command.ts'
import { exitCodes } from '../failures.ts'
import { columns, shortRecords } from '../text.ts'

async function doctor(given: Given, { directory, client, tell }: CommandContext): Promise<Answer> {
  const [{ diagnose, gather }, { describeDiagnosis }] = await Promise.all([
    import('../../doctor/examine.ts'),
    import('../describe-diagnosis.ts'),
  ])
  tell('looking ...')
  const value = diagnose(await gather(directory, client))
  if (value.ill > 0) process.exitCode = exitCodes.failed
  return { value, text: describeDiagnosis(value, given['all'] === true) }
}

const marks = { yes: 'yes', no: 'NO', unknown: '?' } as const

async function why(given: Given, { client }: CommandContext): Promise<Answer> {
  const value = await (
    await client()
  ).call('explain', { params: { id: textOf(given, 'id') ?? '' } })
  const { about, id, name, reasons } = value
  const rows = reasons.flatMap(({ question, state, because, records }) => {
    const row = [`${question}?`, marks[state], because]
    return records.length === 0 ? [row] : [row, ['', '', `records ${shortRecords(records)}`]]
  })
  const title = [about, name ?? '', id].filter((word) => word !== '').join(' ')
  return { value, text: `${title}\n${columns(rows)}` }
}

/** What is wrong, and why. */
export const doctorCommands: readonly Command[] = [
  {
    words: 'doctor',
    summary: 'look for what is wrong, with this node running or not, and how to mend it',
    example: 'society doctor --all',
    options: [{ name: 'all', summary: 'show what is well too' }],
    run: doctor,
  },
  {
    words: 'why',
    summary: 'why something is or is not in sync, trusted, spendable, with the records behind it',
    example: 'society why sage',
    arguments: [{ name: 'id', summary: 'a society, a peer, a record, or a batch of this society' }],
    run: why,
  },
]
