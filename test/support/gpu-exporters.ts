import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildNvmlSimulator } from '../../node/devices/build-nvml-simulator.ts'
import { startDevice, type DeviceProcess } from './device-process.ts'

/** Simulated exporters of simulated GPUs, over libraries that are compiled once. */
export class GpuExporters {
  readonly #folder: string
  readonly #library: string

  private constructor(folder: string, library: string) {
    this.#folder = folder
    this.#library = library
  }

  /** Compiles the simulated library of NVIDIA's. */
  static async build(): Promise<GpuExporters> {
    const folder = await mkdtemp(join(tmpdir(), 'society-test-gpu-'))
    return new GpuExporters(folder, await buildNvmlSimulator(folder))
  }

  /** An exporter that collects often, for nobody waits long in a test. */
  start(...flags: readonly string[]): Promise<DeviceProcess> {
    const quick = ['--library', this.#library, '--collect-interval', '300']
    return startDevice('gpu-exporter', ...quick, ...flags)
  }

  /** One over a library that does not say that it is simulated: what a test alone may make. */
  async startUnmarked(): Promise<DeviceProcess> {
    const place = join(this.#folder, 'unmarked')
    await mkdir(place, { recursive: true })
    const source = new URL('../../node/devices/nvml-simulator.c', import.meta.url)
    const text = (await readFile(source, 'utf8')).replaceAll('SIM-', 'GPU-')
    await writeFile(join(place, 'gpu.c'), text)
    const library = join(place, 'libnvidia-ml.so.1')
    execFileSync('gcc', ['-shared', '-fPIC', '-o', library, join(place, 'gpu.c')])
    return startDevice('gpu-exporter', '--library', library, '--collect-interval', '300')
  }

  /** Removes what was compiled. */
  remove(): Promise<void> {
    return rm(this.#folder, { recursive: true, force: true })
  }
}
