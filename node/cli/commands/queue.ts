import { textOf, type Answer, type Command, type CommandContext } from '../command.ts'
import type { Given } from '../command.ts'
import { describeQueue, describeRequest } from '../describe-queue.ts'
import { WrongUsage } from '../failures.ts'
import { namesOf } from '../names.ts'

async function queue(given: Given, { client, json }: CommandContext): Promise<Answer> {
  const [id, society] = [textOf(given, 'request'), textOf(given, 'society')]
  if (id !== undefined && society !== undefined) {
    throw new WrongUsage('give a request or --society, not both')
  }
  const api = await client()
  if (id !== undefined) {
    const value = await api.call('auditRequest', { params: { id } })
    return { value, text: json ? '' : describeRequest(value, await namesOf(api)) }
  }
  const value = await api.call('getQueue', { query: { society } })
  return { value, text: json ? '' : describeQueue(value, await namesOf(api)) }
}

/** Commands about the queue. */
export const queueCommands: readonly Command[] = [
  {
    words: 'queue',
    summary: 'who waits, in what order and why; or what became of a request and of its place',
    example: 'society queue --society sage',
    arguments: [
      {
        name: 'request',
        summary: 'id of a request to anybody, or a unique prefix: was its place honoured',
        optional: true,
      },
    ],
    options: [{ name: 'society', value: 'ID', summary: 'whose queue; our own by default' }],
    run: queue,
  },
]
