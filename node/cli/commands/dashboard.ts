import type { Answer, Command, CommandContext, Given } from '../command.ts'

type Code = { readonly code: string; readonly access: string; readonly expiresAt: string }

async function open(given: Given, { client, tell }: CommandContext): Promise<Answer> {
  const api = await client()
  const wanted = { access: given['read'] === true ? 'read' : 'write' }
  const { code, access, expiresAt } = await api.ask<Code>('POST', '/v1/dashboard/codes', wanted)
  const url = `${api.address}/#code=${code}`
  tell('open this address in a browser within five minutes; it works once')
  return { value: { url, access, expiresAt }, text: url }
}

/** Commands about the dashboard. */
export const dashboardCommands: readonly Command[] = [
  {
    words: 'dashboard',
    summary: 'an address that opens the dashboard in a browser, once and within five minutes',
    example: 'society dashboard --read',
    options: [{ name: 'read', summary: 'the browser may look, and change nothing' }],
    run: open,
  },
]
