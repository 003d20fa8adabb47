import { textOf, type Command } from '../command.ts'
import { columns } from '../text.ts'

type Measured = { readonly source: string; readonly capacity: number; readonly id?: string }

/** Commands about proofs and charges. */
export const energyCommands: readonly Command[] = [
  {
    words: 'prove solar',
    summary: 'measure an inverter at its own interface, sign and publish the proof',
    example: 'society prove solar --sunspec 192.0.2.7:502 --site 48.2,16.4',
    options: [
      {
        name: 'sunspec',
        value: 'HOST:PORT',
        kind: 'endpoint',
        summary: 'SunSpec over Modbus TCP',
        required: true,
      },
      { name: 'unit', value: 'N', kind: 'count', summary: 'Modbus unit, 1 to 247; 1 by default' },
      { name: 'site', value: 'LAT,LON', kind: 'site', summary: 'where it stands, in degrees' },
      { name: 'dry-run', summary: 'show the measurement alone, sign nothing' },
    ],
    async run(given, { client, tell }) {
      tell('measuring at the device ...')
      const unit = textOf(given, 'unit')
      const measured = await (
        await client()
      ).ask<Measured>('POST', '/v1/measurements', {
        type: 'solar',
        sunspec: textOf(given, 'sunspec'),
        ...(unit === undefined ? {} : { unit: Number(unit) }),
        ...(given['site'] === undefined ? {} : { site: textOf(given, 'site') }),
        dryRun: given['dryRun'] === true,
      })
      const rows = Object.entries(measured).map(([name, value]) => [name, String(value)])
      return { value: measured, text: columns(rows) }
    },
  },
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
