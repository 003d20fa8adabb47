import { Type } from 'typebox'
import { Failure } from '../../../src/index.ts'
import { rootsFor } from '../device-tls.ts'
import { httpGetsOnly } from '../http-gets-only.ts'
import { endpointLengthMax } from '../limits.ts'
import type { MeterKind } from '../meter-kind.ts'
import { gpuOption } from '../nvml/gpu-option.ts'
import { urlIn } from '../transcript.ts'
import { metricsPath } from './collection.ts'
import { dcgmCompute, dcgmMethod } from './compute.ts'

/** Reads the address of an exporter's page, `/metrics` where it names none. */
function pageUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isPage = url !== undefined && ['/', metricsPath].includes(url.pathname)
  const isPlain = isPage && `${url.username}${url.password}${url.search}${url.hash}` === ''
  if (!isPlain || !['http:', 'https:'].includes(url.protocol)) {
    throw new Failure('malformed', `'${text}' is no address such as http://192.0.2.7:9400/metrics`)
  }
  url.pathname = metricsPath
  return url
}

/** NVIDIA's dcgm-exporter on the machine of a GPU: `--exporter URL`. */
export const dcgmKind: MeterKind = {
  types: ['compute'],
  options: [
    {
      name: 'exporter',
      value: 'URL',
      form: 'url',
      summary: 'NVIDIA’s dcgm-exporter on the GPU’s machine, http(s)://HOST:9400/metrics',
      schema: Type.String({
        maxLength: 'https://'.length + endpointLengthMax + metricsPath.length,
      }),
    },
    gpuOption,
  ],
  example: '--exporter http://192.0.2.7:9400/metrics',
  witnessed: {
    methods: [dcgmMethod],
    again: (transcript) => {
      const url = urlIn(transcript)
      const uuid: unknown = Reflect.get(transcript.reading, 'uuid')
      return url && { exporter: url.href, ...(typeof uuid === 'string' ? { gpu: uuid } : {}) }
    },
    isSealed: (transcript) => urlIn(transcript)?.protocol === 'https:',
    readsOnly: () => httpGetsOnly(metricsPath),
  },
  open(_type, { exporter, gpu, site }, { now, reach, tls }) {
    return dcgmCompute({
      url: pageUrl(exporter as string),
      ...(gpu === undefined ? {} : { gpu: gpu as string }),
      ...(site === undefined ? {} : { site: site as string }),
      now,
      reach,
      roots: rootsFor(reach, tls),
    })
  },
}
