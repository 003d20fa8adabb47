import type { Answer, Command, CommandContext, Given } from '../command.ts'

async function open(given: Given, { client, tell }: CommandContext): Promise<Answer> {
  const api = await client()
  const body = { access: given['read'] === true ? ('read' as const) : ('write' as const) }
  const { code, access, expiresAt } = await api.call('makeDashboardCode', { body })
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
