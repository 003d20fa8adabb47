import { textOf, type Command } from '../command.ts'

/** Commands about charges. */
export const energyCommands: readonly Command[] = [
  {
    words: 'charge',
    summary: 'turn ADP into ATP against a proven source',
    example: 'society charge 100 --source solar:sunspec:acme-4711 --lifetime 2',
    arguments: [{ name: 'amount', kind: 'amount', summary: 'ATP, at least 1' }],
    options: [
      { name: 'source', value: 'ID', summary: 'source it is charged on', required: true },
      {
        name: 'lifetime',
        value: 'DAYS',
        kind: 'number',
        summary: 'days until it expires, at most 30',
      },
    ],
    async run(given, { client }) {
      const answer = await (
        await client()
      ).write('atp.charge', {
        amount: textOf(given, 'amount'),
        source: textOf(given, 'source'),
        lifetimeDays: textOf(given, 'lifetime'),
      })
      return { value: answer, text: answer.id }
    },
  },
]
