import type { Answer, Command, CommandContext, Given } from '../command.ts'
import { columns } from '../text.ts'

async function changePassphrase(given: Given, context: CommandContext): Promise<Answer> {
  const { directory, tell } = context
  const [{ passphraseFor, passphraseToChangeTo }, { sealKeyAnew }] = await Promise.all([
    import('../passphrase.ts'),
    import('../../keys/key-store.ts'),
  ])
  const before = await passphraseFor(given, directory)
  const id = await sealKeyAnew(directory, before, () => passphraseToChangeTo(given))
  tell('backups and copies that were made before still open with the passphrase before')
  return { value: { id, changed: true }, text: 'changed; the node asks for it when it is started' }
}

/** Commands about the society's key. */
export const keyCommands: readonly Command[] = [
  {
    words: 'key show',
    summary: 'the society’s id and public key',
    example: 'society key show --json',
    async run(_given, { directory }) {
      const { readKeyFile } = await import('../key.ts')
      const { did, publicKey } = await readKeyFile(directory)
      const rows = [
        ['id', did],
        ['public key', publicKey],
      ]
      return { value: { id: did, publicKey }, text: columns(rows) }
    },
  },
  {
    words: 'key change-passphrase',
    summary: 'encrypt the key under another passphrase, or one that was made without',
    example: 'society key change-passphrase',
    options: [
      {
        name: 'passphrase-file',
        value: 'FILE',
        summary: 'read the present passphrase from a file (or set SOCIETY_PASSPHRASE)',
      },
      {
        name: 'new-passphrase-file',
        value: 'FILE',
        summary: 'read the new one from a file; asked for twice otherwise',
      },
    ],
    run: changePassphrase,
  },
]
