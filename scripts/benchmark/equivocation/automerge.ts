import { importPeer } from '../peers/install.ts'

/** What is used of Automerge. */
type Automerge = {
  readonly init: (options: { readonly actor: string }) => Payment
  readonly change: (document: Payment, change: (draft: Payment) => void) => Payment
  readonly merge: (one: Payment, other: Payment) => Payment
}
type Payment = { to?: string }

const { init, change, merge } = await importPeer<Automerge>(
  'automerge-repo',
  '@automerge/automerge',
)
const paid = (to: string): Payment =>
  change(init({ actor: 'ab'.repeat(16) }), (draft) => {
    draft.to = to
  })
try {
  merge(paid('Alice'), paid('Bob'))
  process.send?.('both pasts merged, nothing noticed')
} catch (error) {
  process.send?.(`the document never merges again: ${(error as Error).message.slice(0, 40)}...`)
}
process.exit()
