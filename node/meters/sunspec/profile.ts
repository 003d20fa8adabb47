import type { SourceType } from '../../../protocol/index.ts'
import type { Device } from './device.ts'
import type { Models } from './models.ts'

/** One type of source over SunSpec: the models that tell of it, and what they mean. */
export type Profile = {
  readonly type: SourceType
  readonly models: Models
  /**
   * What the models say: the fields of a proof, and all that was read, for the transcript. Throws
   * `source-nonsense` where an amount is missing or none that such a device can have.
   */
  readonly read: (device: Device) => {
    readonly fields: Readonly<Record<string, number>>
    readonly reading: object
  }
}
