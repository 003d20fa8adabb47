import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { Failure } from '../../src/index.ts'
import { NoNode } from '../client/index.ts'
import { controlSocket, type ControlAnswer, type ControlRequest } from './control-place.ts'

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
 * Asks the local network that is kept running; answers what it did. Fails with `NoNode` where none
 * runs, and with the code that it answers, such as `unknown-society`.
 */
export async function askLocalnet(
  request: ControlRequest,
): Promise<Extract<ControlAnswer, { text: string }>> {
  const socket = await connect(await controlSocket())
  socket.end(`${JSON.stringify(request)}\n`)
  const said = await text(socket)
  if (said === '') throw new NoNode('the local network ended before it answered')
  const answer = JSON.parse(said) as ControlAnswer
  if ('error' in answer) throw new Failure(answer.error.code, answer.error.message)
  return answer
}
