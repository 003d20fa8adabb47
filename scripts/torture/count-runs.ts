/** Set-up of the row `properties`: notes in the file `RUN_TALLY` how often each property ran. */
import { appendFileSync } from 'node:fs'
import * as fc from 'fast-check'

const file = process.env['RUN_TALLY']

function note(details: fc.RunDetails<unknown>): void {
  if (file !== undefined) appendFileSync(file, `${details.numRuns}\n`)
  if (details.failed) throw new Error(fc.defaultReportMessage(details))
}

fc.configureGlobal({ ...fc.readConfigureGlobal(), reporter: note })
