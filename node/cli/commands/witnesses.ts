import { quorumOf } from '../../../protocol/index.ts'
import type { AnswerOf, Client } from '../../client/index.ts'
import { textsOf, type Answer, type Command, type CommandContext, type Given } from '../command.ts'
import { WrongUsage } from '../failures.ts'
import { columns, short, table } from '../text.ts'

type Witnesses = AnswerOf<'getVitals'>['witnesses']

const nameOf = ({ name, society }: Witnesses[number]): string =>
  name === '' ? short(society) : name
const namesIn = (witnesses: Witnesses): string =>
  witnesses.length === 0 ? 'none' : witnesses.map(nameOf).join(', ')

/** How many of so many witnesses have to sign. */
const neededOf = (witnesses: Witnesses): number =>
  witnesses.length === 0 ? 0 : quorumOf(witnesses.length)

/** The same for people, with what may befall them. */
function quorumWords(witnesses: Witnesses): string {
  const count = witnesses.length
  if (count === 0)
    return 'nobody signs what is handed over; a lie is proven afterwards, not prevented'
  const needed = neededOf(witnesses)
  const most = count - needed
  const rest = most === 0 ? 'it may neither be away nor lie' : `${most} may be away or lie`
  return `${needed} of ${count} must sign each hand-over; ${rest}`
}

const witnessesNow = async (api: Client): Promise<Witnesses> =>
  (await api.call('getVitals')).witnesses

async function list(_given: Given, { client }: CommandContext): Promise<Answer> {
  const value = await witnessesNow(await client())
  const rows = value.map((each) => [
    nameOf(each),
    each.connected ? 'connected' : 'away',
    each.society,
  ])
  const shown = table(['WITNESS', 'CONNECTION', 'ID'], rows, 'none are appointed')
  return { value, text: `${shown}\n\n${quorumWords(value)}` }
}

async function appoint(given: Given, { client, tell }: CommandContext): Promise<Answer> {
  const witnesses = textsOf(given, 'societies')
  if ((witnesses.length === 0) !== (given['none'] === true)) {
    throw new WrongUsage('name the societies that are to be witnesses, or give --none alone')
  }
  const api = await client()
  const before = await witnessesNow(api)
  if (before.length > 0) {
    tell(`asking ${namesIn(before)}: ${neededOf(before)} must let others follow ...`)
  }
  const { id } = await api.write('society.amend', { witnesses })
  const after = await witnessesNow(api)
  const text = columns([
    ['record', id],
    ['until now', namesIn(before)],
    ['witnesses', namesIn(after)],
    ['from now on', quorumWords(after)],
  ])
  return { value: { id, before, witnesses: after, needed: neededOf(after) }, text }
}

/** Commands about who witnesses what this society hands over. */
export const witnessCommands: readonly Command[] = [
  {
    words: 'witnesses',
    summary: 'who witnesses what this society hands over, and who of them is reached',
    example: 'society witnesses',
    run: list,
  },
  {
    words: 'witnesses appoint',
    summary:
      'have other members sign all that this society hands over, so that nothing is handed over ' +
      'twice; most of those until now must be up, and sign for it',
    example: 'society witnesses appoint sage leaf oak elm',
    arguments: [
      {
        name: 'societies',
        summary: 'all of the new ones: 1, or 4 of which 1 may be away or lie, or 7 of which 2, ...',
        many: true,
        optional: true,
      },
    ],
    options: [{ name: 'none', summary: 'end those there are, and appoint nobody' }],
    run: appoint,
  },
]
