import { counted } from '../counted.ts'
import { given, ill, illIfAny, unknown, wellIf, type Check, type Found } from './check.ts'
import type { Fact } from './fact.ts'
import type { Place } from './facts.ts'
import { backupAgeMsMax, certificateLeftMsMin, verifiedAgeMsMax } from './limits.ts'

const days = (ms: number): string => counted(Math.floor(ms / 86_400_000), 'day')
const date = (at: number): string => new Date(at).toISOString().slice(0, 10)

/** What was never done is ill once the society is old enough that it should have been. */
function never(keyFile: Fact<Place>, now: number, ageMsMax: number, cause: string): Found {
  const isOld = 'value' in keyFile && now - keyFile.value.writtenAt > ageMsMax
  return isOld ? ill(cause) : unknown(`${cause}; there is time yet`)
}

/** What has to be kept up from time to time. */
export const keepingChecks: readonly Check[] = [
  {
    code: 'backup-age',
    asks: 'Is there a backup of late?',
    mend: 'Run society backup FILE each week, and keep the file on another machine.',
    look: ({ machineNow: now, directory: { backups, keyFile } }) =>
      given(backups, ({ madeAt }) => {
        if (madeAt === null) return never(keyFile, now, backupAgeMsMax, 'none was made from here')
        const age = now - madeAt
        return wellIf(age <= backupAgeMsMax, `made ${date(madeAt)}`, `it is ${days(age)} old`)
      }),
  },
  {
    code: 'backup-verified',
    asks: 'Was a backup read to its end of late?',
    mend: 'Run society backup verify FILE: a backup that cannot be read is none.',
    look: ({ machineNow: now, directory: { backups, keyFile } }) =>
      given(backups, ({ verifiedAt }) => {
        if (verifiedAt === null) return never(keyFile, now, verifiedAgeMsMax, 'none was read back')
        const age = now - verifiedAt
        const read = `read ${date(verifiedAt)}`
        return wellIf(age <= verifiedAgeMsMax, read, `the last time was ${days(age)} ago`)
      }),
  },
  {
    code: 'device-certificates',
    asks: 'Are the certificates for devices good for a while?',
    mend: 'Put newer ones in their place and restart the node.',
    look: ({ machineNow: now, directory: { certificates } }) =>
      given(certificates, (all) => {
        const soon = all.filter(({ until }) => until < now + certificateLeftMsMin)
        const named = soon.map(({ file, until }) => `${file} on ${date(until)}`)
        return illIfAny(named, `${all.length} in use`, 'they end')
      }),
  },
  {
    code: 'node-certificate',
    asks: 'Does the society certify its node for a while?',
    mend: 'The node renews it by itself while it signs: mend what keeps it from signing.',
    look: ({ now, node }) =>
      given(node, ({ status, vitals: { certificates } }) => {
        const own = certificates.find(({ peer }) => peer === status.peer)
        if (own === undefined) return ill('this node has no certificate of its society')
        const left = Date.parse(own.until) - now
        return wellIf(left >= certificateLeftMsMin, `until ${own.until}`, `it ends ${own.until}`)
      }),
  },
]
