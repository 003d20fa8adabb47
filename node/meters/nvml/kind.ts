import { Type } from 'typebox'
import { pathLengthMax } from '../limits.ts'
import type { MeterKind } from '../meter-kind.ts'
import { nvmlCompute } from './compute.ts'
import { gpuOption } from './gpu-option.ts'

/** NVIDIA's management library: `--nvml`. */
export const nvmlKind: MeterKind = {
  types: ['compute'],
  options: [
    {
      name: 'nvml',
      summary: 'an NVIDIA GPU of this machine, by its driver (NVML)',
      schema: Type.Literal(true),
    },
    {
      name: 'library',
      value: 'FILE',
      summary: 'libnvidia-ml.so.1, where the loader does not find it; absolute',
      schema: Type.String({ minLength: 1, maxLength: pathLengthMax }),
    },
    gpuOption,
  ],
  example: '--nvml',
  open(_type, { library, gpu, site }, { now }) {
    return nvmlCompute({
      ...(library === undefined ? {} : { library: library as string }),
      ...(gpu === undefined ? {} : { gpu: gpu as string }),
      ...(site === undefined ? {} : { site: site as string }),
      now,
    })
  },
}
