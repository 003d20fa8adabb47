/**
 * Asks an NVML library about one GPU and prints what it found as one line of JSON. A process of its
 * own: a fault in a driver kills only this, and the loader takes a library of the same name that a
 * process has already loaded for the one asked for.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { openNvml, type Handle, type Nvml } from './binding.ts'
import type { NvmlCall, NvmlFound, NvmlJob, NvmlListed, NvmlSample } from './child-job.ts'
import { gpusMax } from './limits.ts'
import { status, type Answer } from './status.ts'

/** The driver refused what there is no doing without. */
class Refused extends Error {
  readonly call: string
  readonly code: number

  constructor(call: string, code: number) {
    super(call)
    this.call = call
    this.code = code
  }
}

/** Asks, and keeps what was answered. */
class Interview {
  readonly calls: NvmlCall[] = []

  ask<T>(call: string, { code, value }: Answer<T>): T | undefined {
    const shown = typeof value === 'bigint' ? String(value) : value
    const told = typeof shown === 'string' || typeof shown === 'number'
    const atMs = Math.round(performance.now())
    this.calls.push(told ? { call, atMs, code, value: shown } : { call, atMs, code })
    return code === status.success ? value : undefined
  }

  need<T>(call: string, answer: Answer<T>): T {
    const value = this.ask(call, answer)
    if (value === undefined) throw new Refused(call, answer.code)
    return value
  }
}

type Found = NvmlListed & { readonly handle: Handle }

function gpuAt(index: number, nvml: Nvml, interview: Interview): Found {
  const handle = interview.need(`handle of GPU ${index}`, nvml.handleByIndex(index))
  const uuid = interview.need(`UUID of GPU ${index}`, nvml.uuid(handle))
  const name = interview.ask(`name of GPU ${index}`, nvml.name(handle)) ?? ''
  return { index, uuid, name, handle }
}

function fits(gpu: string | null, { index, uuid }: Found): boolean {
  return gpu === null || gpu === String(index) || gpu.toLowerCase() === uuid.toLowerCase()
}

async function measure(nvml: Nvml, job: NvmlJob): Promise<NvmlFound> {
  const interview = new Interview()
  interview.need('initialisation', nvml.init())
  const driver = interview.ask('driver version', nvml.driverVersion()) ?? ''
  const count = interview.need('number of GPUs', nvml.count())
  // What others say of themselves is no part of what is measured.
  const gpus = Array.from({ length: Math.min(count, gpusMax) }, (_, index) =>
    gpuAt(index, nvml, new Interview()),
  )
  const [chosen, another] = gpus.filter((gpu) => fits(job.gpu, gpu))
  if (chosen === undefined || another !== undefined) {
    const listed = gpus.map(({ index, uuid, name }) => ({ index, uuid, name }))
    return { outcome: 'choose', gpus: listed }
  }
  const { handle, index, uuid, name } = gpuAt(chosen.index, nvml, interview)
  const sample = (): NvmlSample => ({
    atMs: performance.now(),
    power: interview.ask('power usage', nvml.power(handle)) ?? null,
    energy: interview.ask('total energy', nvml.energy(handle))?.toString() ?? null,
  })
  const defaultLimit = interview.need('default power limit', nvml.defaultLimit(handle))
  const enforcedLimit = interview.ask('enforced power limit', nvml.enforcedLimit(handle)) ?? null
  const first = sample()
  await pause(job.intervalMs)
  const samples = [first, sample()] as const
  nvml.shutdown()
  const { calls } = interview
  const gpu = { index, uuid, name }
  return { outcome: 'measured', driver, gpu, defaultLimit, enforcedLimit, samples, calls }
}

async function find(job: NvmlJob): Promise<NvmlFound> {
  let nvml: Nvml
  try {
    nvml = openNvml(job.library)
  } catch (error) {
    return { outcome: 'unloadable', message: (error as Error).message }
  }
  try {
    return await measure(nvml, job)
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return { outcome: 'refused', call: error.call, code: error.code }
  }
}

const job = JSON.parse(String(process.argv[2])) as NvmlJob
for (;;) {
  process.stdout.write(`${JSON.stringify(await find(job))}\n`)
  if (job.everyMs === undefined) break
  await pause(job.everyMs)
}
