import { millionths, multiplyDown, nameLengthMax } from '../../../protocol/index.ts'
import { Failure } from '../../../src/index.ts'
import type { NvmlFound, NvmlListed, NvmlSample } from './child-job.ts'
import { powerMilliwattsMax } from './limits.ts'
import { meaningOf } from './status.ts'

/** What a GPU says of itself. */
export type Reading = {
  readonly uuid: string
  readonly model: string
  readonly driver: string
  /** Power it is built for: its default limit. */
  readonly tdpWatts: number
  /** Power it may draw now. */
  readonly enforcedWatts: number
  /** The part that is of the power it is built for, 0..1 in whole millionths, rounded down. */
  readonly utilisation: number
  /** Mean power between the samples by the energy counter; null where it has none. */
  readonly meanWatts: number | null
  /** Power by the last sample; null where it does not tell. */
  readonly powerWatts: number | null
}

type Measured = Extract<NvmlFound, { outcome: 'measured' }>

/** What is made sense of, whoever asked the driver. */
export type GpuTold = Pick<Measured, 'driver' | 'defaultLimit' | 'enforcedLimit' | 'samples'> & {
  readonly gpu: Pick<NvmlListed, 'uuid' | 'name'>
}

const nonsense = (message: string): Failure => new Failure('source-nonsense', message)

function listOf(gpus: readonly NvmlListed[]): string {
  return gpus.map(({ index, uuid, name }) => `${index} ${uuid} (${name})`).join(', ')
}

/** What the child measured, or why it did not. */
export function measuredOf(found: NvmlFound): Measured {
  switch (found.outcome) {
    case 'measured':
      return found
    case 'unloadable':
      throw new Failure(
        'source-unavailable',
        "The NVIDIA driver's library cannot be loaded; install the driver, or name the library " +
          `with --library if it is elsewhere. The loader says: ${found.message.slice(0, 200)}.`,
      )
    case 'refused':
      throw new Failure(
        'source-unavailable',
        `Asked for the ${found.call}, the NVIDIA driver ${meaningOf(found.code)}.`,
      )
    case 'choose':
      if (found.gpus.length > 0) {
        throw new Failure(
          'malformed',
          `Say which GPU with --gpu INDEX or UUID; there are ${listOf(found.gpus)}.`,
        )
      }
      throw new Failure('source-unavailable', 'The NVIDIA driver finds no GPU in this machine.')
  }
}

function believable(milliwatts: number, what: string): number {
  if (milliwatts > 0 && milliwatts <= powerMilliwattsMax) return milliwatts
  throw nonsense(
    `The NVIDIA driver gives the ${what} as ${milliwatts / 1000} W, which no GPU has; ` +
      'update the driver.',
  )
}

/** Mean power in mW of the energy between two samples. */
function meanOf([first, second]: readonly [NvmlSample, NvmlSample]): number | null {
  if (first.energy === null || second.energy === null) return null
  const milliseconds = second.atMs - first.atMs
  const millijoules = Number(BigInt(second.energy) - BigInt(first.energy))
  if (millijoules < 0) {
    throw nonsense("The GPU's energy counter went backwards between two looks; update the driver.")
  }
  return milliseconds > 0 ? Math.round((millijoules * 1000) / milliseconds) : null
}

/** Makes sense of what the driver said. Throws `source-nonsense` for what no GPU can have. */
export function readGpu(measured: GpuTold): Reading {
  const { gpu, driver, samples } = measured
  const tdp = believable(measured.defaultLimit, 'default power limit')
  const enforced = believable(measured.enforcedLimit ?? tdp, 'enforced power limit')
  const mean = meanOf(samples)
  const { power } = samples[1]
  // For an instant a GPU draws more than its limit, but not on average and not several times it.
  const most = 2 * Math.max(tdp, enforced)
  for (const drawn of [mean, power]) {
    if (drawn === null || drawn <= most) continue
    throw nonsense(
      `The GPU says that it draws ${drawn / 1000} W at a limit of ${enforced / 1000} W; ` +
        'update the driver.',
    )
  }
  return {
    uuid: gpu.uuid,
    model: gpu.name.trim().slice(0, nameLengthMax),
    driver,
    tdpWatts: tdp / 1000,
    enforcedWatts: enforced / 1000,
    utilisation: Math.min(millionths, multiplyDown(enforced, millionths, tdp)) / millionths,
    meanWatts: mean === null ? null : mean / 1000,
    powerWatts: power === null ? null : power / 1000,
  }
}
