import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { Failure } from '../../src/index.ts'
import { NoNode } from '../client/index.ts'
import {
  controlSocket,
  type ControlAnswer,
  type ControlProgress,
  type ControlRequest,
} from './control-place.ts'

async function connect(path: string): Promise<Socket> {
  const socket = createConnection(path)
  try {
    await once(socket, 'connect')
    return socket
  } catch (cause) {
    const start = "no local network runs; start one with 'society localnet --keep'"
    throw new NoNode(start, { cause })
  }
}

/**
 * Asks the local network that is kept running; answers what it did, and tells meanwhile how far it
 * is. Fails with `NoNode` where none runs, and with the code that it answers, such as
 * `unknown-society`.
 */
export async function askLocalnet(
  request: ControlRequest,
  tell: (line: string) => void,
): Promise<Extract<ControlAnswer, { text: string }>> {
  const socket = await connect(await controlSocket())
  socket.end(`${JSON.stringify(request)}\n`)
  for await (const line of createInterface({ input: socket })) {
    const said = JSON.parse(line) as ControlAnswer | ControlProgress
    if ('error' in said) throw new Failure(said.error.code, said.error.message)
    if ('text' in said) return said
    tell(said.progress)
  }
  throw new NoNode('the local network ended before it answered')
}
