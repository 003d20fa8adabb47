import { Type } from 'typebox'
import { Failure } from '../../../src/index.ts'
import { deviceNameLengthMax } from '../limits.ts'
import { rootsFor } from '../device-tls.ts'
import { httpGetsOnly } from '../http-gets-only.ts'
import type { MeterGiven, MeterKind } from '../meter-kind.ts'
import { urlIn } from '../transcript.ts'
import { openadrGrid, openadrMethods } from './grid.ts'
import { credentialLengthMax, urlLengthMax } from './limits.ts'
import type { VtnClient } from './vtn-client.ts'

/** Reads an address of HTTP or HTTPS, without credentials, query or fragment. */
function baseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isPlain =
    url !== undefined && `${url.username}${url.password}${url.search}${url.hash}` === ''
  if (!isPlain || !['http:', 'https:'].includes(url.protocol)) {
    throw new Failure(
      'malformed',
      `'${text}' is no address such as https://vtn.example.org/openadr3`,
    )
  }
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  return url
}

function credentialsIn({ clientId, clientSecret }: MeterGiven): VtnClient {
  if (typeof clientId === 'string' && typeof clientSecret === 'string') {
    return { clientId, clientSecret }
  }
  throw new Failure(
    'malformed',
    'openadr needs the client id and secret that the grid operator gave: --client-id and ' +
      '--client-secret-file, in the API clientId and clientSecret',
  )
}

const credential = Type.String({ minLength: 1, maxLength: credentialLengthMax })

/** A grid operator's server: `--openadr URL --client-id ID --client-secret-file FILE`. */
export const openadrKind: MeterKind = {
  types: ['grid'],
  options: [
    {
      name: 'openadr',
      value: 'URL',
      form: 'url',
      summary: 'the grid operator’s OpenADR 3.1 server, http(s)://HOST[:PORT][/PATH]',
      schema: Type.String({ minLength: 1, maxLength: urlLengthMax }),
    },
    {
      name: 'clientId',
      value: 'ID',
      summary: 'who you are to the server',
      schema: credential,
    },
    {
      name: 'clientSecret',
      summary: 'a file with your secret, as the operator gave it',
      schema: credential,
      secret: true,
    },
    {
      name: 'resource',
      value: 'NAME',
      summary: 'which site, where you have several',
      schema: Type.String({ minLength: 1, maxLength: deviceNameLengthMax }),
    },
  ],
  example:
    '--openadr https://vtn.example.org/openadr3 --client-id meter-7 --client-secret-file FILE',
  witnessed: {
    methods: [openadrMethods.sealed],
    again: (transcript) => {
      const url = urlIn(transcript)
      const resource: unknown = Reflect.get(transcript.reading, 'resource')
      if (url?.protocol !== 'https:') return undefined
      return { openadr: url.href, ...(typeof resource === 'string' ? { resource } : {}) }
    },
    isSealed: () => true,
    readsOnly: () => httpGetsOnly('/'),
  },
  open(_type, given, { now, reach, tls, pass }) {
    const { openadr, resource, site } = given
    return openadrGrid({
      url: baseUrl(openadr as string),
      client: pass === undefined ? credentialsIn(given) : { token: pass },
      ...(resource === undefined ? {} : { resource: resource as string }),
      ...(site === undefined ? {} : { site: site as string }),
      now,
      reach,
      roots: rootsFor(reach, tls),
    })
  },
}
