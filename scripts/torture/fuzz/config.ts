import { parseConfig } from '../../../node/config/config.ts'
import { Failure } from '../../../src/index.ts'
import type { Target } from './target.ts'

const minimal = 'name: sage\nfederation: test-home\n'

/** A node's configuration, which people write by hand. */
export const config: Target = {
  name: 'config',
  share: 1,
  seeds: () =>
    [
      minimal,
      `${minimal}network:\n  listen: [/ip4/0.0.0.0/tcp/4100]\n  mdns: true\n`,
      `${minimal}policy: {atpLifetimeDays: 7, admission: open}\nfounding: {adp: 12.5}\n`,
      `${minimal}clock:\n  sntp: [ntp.example:123]\nwitness:\n  allow: [10.1.0.0/16:502]\n`,
      `${minimal}log: {level: warn}\ncosign: {worker: ask}\nrenewal: {watchMinutes: 5}\n`,
    ].map((text) => Buffer.from(text)),
  read: (bytes) => {
    try {
      parseConfig(Buffer.from(bytes).toString(), 'config.yaml')
    } catch (error) {
      if (!(error instanceof Failure)) throw error
    }
  },
}
