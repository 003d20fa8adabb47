import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { reasonOf } from '../store/file-failure.ts'
import { textOf, type Given } from './command.ts'
import { WrongUsage } from './failures.ts'
import { readKeyFile } from './key.ts'

async function passphraseGiven(flags: Given): Promise<string | undefined> {
  const file = textOf(flags, 'passphraseFile')
  return file === undefined ? process.env['SOCIETY_PASSPHRASE'] : passphraseIn(file)
}

async function passphraseIn(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).replace(/\r?\n$/, '')
  } catch (cause) {
    const message = `the passphrase file ${file} cannot be read: ${reasonOf(cause)}`
    throw new WrongUsage(message, { cause })
  }
}

const newFlag = '--new-passphrase-file'

/** Asks at the terminal without showing what is typed. */
async function prompt(question: string, flag = '--passphrase-file'): Promise<string> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new WrongUsage(
      `there is no terminal to ask for a passphrase at: give it by ${flag} FILE` +
        (flag === newFlag ? '' : ', or in the variable SOCIETY_PASSPHRASE'),
    )
  }
  process.stderr.write(question)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true })
  const closed = new Promise<never>((_resolve, reject) => {
    lines.once('close', () => reject(new WrongUsage('no passphrase was given')))
  })
  try {
    // Ctrl-C fails the question, Ctrl-D leaves it open for ever; both close.
    return await Promise.race([lines.question('').catch(() => closed), closed])
  } finally {
    lines.close()
    process.stderr.write('\n')
  }
}

/** The passphrase for a new key, asked twice where it is asked. */
export async function newPassphrase(flags: Given): Promise<string> {
  return (await passphraseGiven(flags)) ?? promptTwice('passphrase for the new key: ')
}

/** The passphrase that is to be a key's from now on, asked twice where it is asked. */
export async function passphraseToChangeTo(flags: Given): Promise<string> {
  const file = textOf(flags, 'newPassphraseFile')
  return file === undefined ? promptTwice('new passphrase: ', newFlag) : passphraseIn(file)
}

async function promptTwice(question: string, flag?: string): Promise<string> {
  const first = await prompt(question, flag)
  const second = await prompt('once more: ', flag)
  if (first !== second) throw new WrongUsage('the two passphrases differ')
  return first
}

/** The passphrase of the key in a directory; null for one that was made without. */
export async function passphraseFor(flags: Given, directory: string): Promise<string | null> {
  if (flags['insecureNoPassphrase'] === true) return null
  const { seed } = await readKeyFile(directory)
  if (seed.protection === 'none') return null
  return passphraseToRead(flags)
}

/**
 * What a backup of a directory is encrypted with: the passphrase of its key, which is tried, lest a
 * slip of the finger locks the backup for ever. Null where the key is not encrypted and none is
 * given. Fails with `wrong-passphrase`.
 */
export async function passphraseToSeal(flags: Given, directory: string): Promise<string | null> {
  const { seed } = await readKeyFile(directory)
  if (seed.protection === 'none') return (await passphraseGiven(flags)) ?? null
  const passphrase = await passphraseToRead(flags)
  const { openKey } = await import('../keys/key-store.ts')
  await openKey(directory, passphrase)
  return passphrase
}

/** The passphrase of something that is encrypted. */
export async function passphraseToRead(flags: Given): Promise<string> {
  return (await passphraseGiven(flags)) ?? prompt('passphrase: ')
}
