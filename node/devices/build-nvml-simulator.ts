import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Failure } from '../../src/index.ts'

const source = fileURLToPath(new URL('./nvml-simulator.c', import.meta.url))
/** The name that programs look for NVIDIA's library by. */
const libraryName = 'libnvidia-ml.so.1'
const flags = ['-shared', '-fPIC', '-O1', '-Wall', '-Wextra', '-Werror']

/**
 * Compiles the simulated NVIDIA library into a directory and answers its path. Needs a C compiler:
 * fails with `source-unavailable` where there is none.
 */
export async function buildNvmlSimulator(directory: string): Promise<string> {
  const library = join(directory, libraryName)
  const soname = `-Wl,-soname,${libraryName}`
  try {
    await promisify(execFile)('gcc', [...flags, soname, '-o', library, source])
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    const what = missing
      ? 'gcc is not installed; install it (Debian: apt-get install gcc libc6-dev)'
      : `gcc failed: ${(cause as Error).message}`
    throw new Failure('source-unavailable', `The simulated GPU cannot be built: ${what}.`, {
      cause,
    })
  }
  return library
}
