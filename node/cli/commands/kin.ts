import type { Answer, Command, CommandContext, Given } from '../command.ts'
import { columns } from '../text.ts'
import { recordCommand } from './work.ts'

type Named = { readonly id: string; readonly name: string }

const rowsOf = (standing: string, named: readonly Named[]): readonly (readonly string[])[] =>
  named.map(({ id, name }) => [name, standing, id])

async function members(_given: Given, { client }: CommandContext): Promise<Answer> {
  const value = await (await client()).call('listMembers')
  const rows = [...rowsOf('member', value.members), ...rowsOf('applicant', value.applicants)]
  return { value, text: columns(rows, ['SOCIETY', 'STANDING', 'ID']) }
}

const society = { name: 'id', summary: 'society, by id, prefix or name' }

/** Commands about parents, children and the federation. */
export const kinCommands: readonly Command[] = [
  recordCommand(
    {
      words: 'citizen apply',
      summary: 'ask a society to be this one’s parent',
      example: 'society citizen apply sage',
      arguments: [society],
    },
    'citizenship.apply',
    (given) => ({ parent: given['id'] }),
  ),
  recordCommand(
    {
      words: 'citizen admit',
      summary: 'take an applicant as a child',
      example: 'society citizen admit leaf',
      arguments: [society],
    },
    'citizenship.admit',
    (given) => ({ child: given['id'] }),
  ),
  recordCommand(
    {
      words: 'citizen leave',
      summary: 'leave the parent: at once when nothing is lent, else after the notice',
      example: 'society citizen leave',
    },
    'citizenship.leave',
    () => ({}),
  ),
  recordCommand(
    {
      words: 'grant',
      summary: 'lend ATP to a child',
      example: 'society grant 300 --to leaf',
      arguments: [{ name: 'amount', kind: 'amount', summary: 'ATP' }],
      options: [{ name: 'to', value: 'ID', summary: 'the child', required: true }],
    },
    'allocation.grant',
    (given) => ({ amount: given['amount'], to: given['to'] }),
  ),
  recordCommand(
    {
      words: 'revoke',
      summary: 'ask a grant back; the child returns what is not reserved',
      example: 'society revoke 37b2d7',
      arguments: [{ name: 'grant', summary: 'id of the grant, or a unique prefix' }],
    },
    'allocation.revoke',
    (given) => ({ grant: given['grant'] }),
  ),
  recordCommand(
    {
      words: 'federation admit',
      summary: 'let a society into the federation that has asked to join',
      example: 'society federation admit leaf',
      arguments: [society],
    },
    'federation.admit',
    (given) => ({ society: given['id'] }),
  ),
  {
    words: 'federation members',
    summary: 'members of the federation in this node’s eyes, and who waits',
    example: 'society federation members',
    run: members,
  },
]
