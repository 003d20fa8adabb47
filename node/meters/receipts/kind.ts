import { Type } from 'typebox'
import { Failure } from '../../../src/index.ts'
import type { MeterKind } from '../meter-kind.ts'
import { receiptsHuman } from './human.ts'

/** Work that others signed for: `prove human`, which needs no flag. */
export const receiptsKind: MeterKind = {
  types: ['human'],
  options: [
    {
      name: 'receipts',
      summary: 'by completions of the last 7 days that both sides signed; the default',
      schema: Type.Literal(true),
    },
  ],
  byDefault: true,
  inLedgers: true,
  example: '',
  open(_type, { site }, { ledgers, ...context }) {
    if (ledgers === undefined) {
      throw new Failure(
        'source-unavailable',
        'receipts are read by the node of their society alone',
      )
    }
    const where = site === undefined ? {} : { site: site as string }
    return receiptsHuman({ ...context, ...ledgers, ...where })
  },
}
