import { Failure } from '../../../src/index.ts'
import { textOf, type Answer, type Command, type CommandContext, type Given } from '../command.ts'
import { onlyNode } from '../only-node.ts'
import { columns } from '../text.ts'
import { placeOptions } from './node.ts'

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

async function exportKey(given: Given, { directory, tell }: CommandContext): Promise<Answer> {
  const [{ readKeyFile }, { checkReplaceable }, { createFile }] = await Promise.all([
    import('../key.ts'),
    import('../replaceable.ts'),
    import('../../store/durable-file.ts'),
  ])
  const file = textOf(given, 'file') ?? ''
  await checkReplaceable(file)
  const { did, seed, text } = await readKeyFile(directory)
  // A key that is there may be the only copy of another society's.
  if (!(await createFile(file, text))) {
    throw new Failure('file-refused', `${file} is there already; give another name`)
  }
  const encrypted = seed.protection !== 'none'
  if (!encrypted) tell('the key is not encrypted: whoever reads the file can sign')
  tell('the ledger is not in it: society backup keeps all that a node needs')
  return { value: { id: did, file, encrypted }, text: `${file}: the key of ${did}` }
}

async function importKey(given: Given, { directory, tell }: CommandContext): Promise<Answer> {
  const [{ readKeyAt }, { initFromFlags }] = await Promise.all([
    import('../key.ts'),
    import('../init.ts'),
  ])
  const path = textOf(given, 'file') ?? ''
  const file = await readKeyAt(path)
  if (file === undefined) throw new Failure('file-refused', `there is no file ${path}`)
  const key = { type: 'exported', path, text: file.text } as const
  const id = await initFromFlags(given, directory, key)
  const next = `society start --dir ${directory}`
  tell('its node signs nothing until the other members have shown what it signed before')
  const rows = [['id', id], ['directory', directory], onlyNode, ['next', next]]
  return { value: { id, directory, next }, text: columns(rows) }
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
    words: 'key export',
    summary: 'write the key into a file, encrypted as it is',
    example: 'society key export ~/society.key',
    arguments: [{ name: 'file', summary: 'where to write it; nothing may be there' }],
    run: exportKey,
  },
  {
    words: 'key import',
    summary: 'make the directory of a node from a key; the ledger comes from the other members',
    example: 'society key import ~/society.key --federation test-home --bootstrap MULTIADDR',
    arguments: [{ name: 'file', summary: 'what key export wrote' }],
    options: placeOptions,
    run: importKey,
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
