import koffi from 'koffi'
import { status, type Answer } from './status.ts'

/** A GPU's handle: the driver's pointer, of no meaning but to itself. */
export type Handle = { readonly handle: unknown }

/** The functions of NVML that a meter needs. None throws: each answers with the driver's status. */
export type Nvml = {
  readonly init: () => Answer<true>
  readonly shutdown: () => Answer<true>
  readonly driverVersion: () => Answer<string>
  readonly count: () => Answer<number>
  readonly handleByIndex: (index: number) => Answer<Handle>
  readonly uuid: (gpu: Handle) => Answer<string>
  readonly name: (gpu: Handle) => Answer<string>
  /** Powers in mW. */
  readonly defaultLimit: (gpu: Handle) => Answer<number>
  readonly enforcedLimit: (gpu: Handle) => Answer<number>
  readonly power: (gpu: Handle) => Answer<number>
  /** mJ since the driver was loaded. */
  readonly energy: (gpu: Handle) => Answer<bigint>
}

/** Longer than any text that NVML gives: its largest buffer has 96 bytes. */
const textBytes = 128

type Call = (...values: readonly unknown[]) => number

/** The text before the first NUL; what is not ASCII, which is all that NVML gives, as `?`. */
function textIn(buffer: Buffer): string {
  const end = buffer.indexOf(0)
  return buffer.toString('latin1', 0, end < 0 ? buffer.length : end).replaceAll(/[^ -~]/g, '?')
}

const answered = <T>(code: number, value: T): Answer<T> =>
  code === status.success ? { code, value } : { code }

/**
 * Binds the functions of an NVML library by their prototypes in `nvml.h`. Throws what koffi throws
 * where the library cannot be loaded; a function that it lacks answers with status 13. A library
 * that crashes takes the process with it: to be called in a process of its own.
 */
export function openNvml(library: string): Nvml {
  const loaded = koffi.load(library)
  const bind = (name: string, parameters: string): Call => {
    try {
      return loaded.func(`int ${name}(${parameters})`) as Call
    } catch {
      return () => status.functionNotFound
    }
  }
  const plain = (name: string) => {
    const call = bind(name, 'void')
    return () => answered(call(), true as const)
  }
  const text = (call: Call, ...values: readonly unknown[]): Answer<string> => {
    const buffer = Buffer.alloc(textBytes)
    return answered(call(...values, buffer, textBytes - 1), textIn(buffer))
  }
  const value = <T>(call: Call, ...values: readonly unknown[]): Answer<T> => {
    const holder: [unknown] = [null]
    return answered(call(...values, holder), holder[0] as T)
  }
  const watts = (name: string) => {
    const call = bind(name, 'void *, _Out_ unsigned int *')
    return ({ handle }: Handle) => value<number>(call, handle)
  }
  const named = (name: string) => {
    const call = bind(name, 'void *, void *, unsigned int')
    return ({ handle }: Handle) => text(call, handle)
  }
  const version = bind('nvmlSystemGetDriverVersion', 'void *, unsigned int')
  const count = bind('nvmlDeviceGetCount_v2', '_Out_ unsigned int *')
  const byIndex = bind('nvmlDeviceGetHandleByIndex_v2', 'unsigned int, _Out_ void **')
  const energy = bind('nvmlDeviceGetTotalEnergyConsumption', 'void *, _Out_ uint64_t *')
  return {
    init: plain('nvmlInit_v2'),
    shutdown: plain('nvmlShutdown'),
    driverVersion: () => text(version),
    count: () => value<number>(count),
    handleByIndex(index) {
      const { code, value: handle } = value(byIndex, index)
      return answered(code, { handle })
    },
    uuid: named('nvmlDeviceGetUUID'),
    name: named('nvmlDeviceGetName'),
    defaultLimit: watts('nvmlDeviceGetPowerManagementDefaultLimit'),
    enforcedLimit: watts('nvmlDeviceGetEnforcedPowerLimit'),
    power: watts('nvmlDeviceGetPowerUsage'),
    energy({ handle }) {
      const { code, value: total } = value<number | bigint>(energy, handle)
      return answered(code, BigInt(total ?? 0))
    },
  }
}
