import type { Transform } from 'node:stream'
import { moreThanReading, onlyReading } from './only-reading.ts'

/** Longest head of a request, in bytes: ours have under 300. */
const headBytesMax = 2_048
const headEnd = '\r\n\r\n'

/** Lets one request of HTTP/1.1 through that gets a page below a path, and nothing after it. */
export function httpGetsOnly(below: string): Transform {
  let isAsked = false
  return onlyReading((bytes) => {
    if (isAsked) throw moreThanReading('one request on a connection')
    const end = bytes.indexOf(headEnd)
    if (end < 0 && bytes.length <= headBytesMax) return 0
    const [line = '', ...fields] = bytes.toString('latin1', 0, Math.max(end, 0)).split('\r\n')
    const [method, path = '', version] = line.split(' ')
    const isGet = method === 'GET' && version === 'HTTP/1.1' && path.startsWith(below)
    if (!isGet || path.includes('..')) throw moreThanReading(`pages below ${below} alone`)
    if (fields.some((field) => /^(content-length|transfer-encoding|upgrade)\s*:/i.test(field))) {
      throw moreThanReading('a request that brings something')
    }
    isAsked = true
    return end + headEnd.length
  })
}
