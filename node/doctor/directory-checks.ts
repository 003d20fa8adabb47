import { isTestFederation } from '../../protocol/index.ts'
import { given, ill, unknown, well, wellIf, type Check } from './check.ts'
import type { Fact } from './fact.ts'
import type { Place } from './facts.ts'

const othersMay = 0o077

/** A check that a file is its owner's alone. */
const isPrivate = (code: string, what: string, of: (name: Files) => Fact<Place>): Check => ({
  code,
  asks: `May nobody else read ${what}?`,
  mend: `Run chmod go= on it, as the user that the node runs as.`,
  look: ({ directory }) =>
    given(of(directory), ({ mode, isOwn }) => {
      if (!isOwn) return ill(`${what} belongs to another user`)
      const bits = (mode & 0o777).toString(8)
      return wellIf((mode & othersMay) === 0, `mode ${bits}`, `mode ${bits} lets others in`)
    }),
})

type Files = Parameters<Check['look']>[0]['directory']

/** A look at what a node keeps: unknown where there is no directory of a node at all. */
const within =
  (look: Check['look']): Check['look'] =>
  (facts) =>
    given(facts.directory.directory, () => look(facts))

/** The node's directory and what is in it. */
export const directoryChecks: readonly Check[] = [
  {
    code: 'directory',
    asks: 'Is there a directory of a node?',
    mend: 'Make one with society init, or name the right one with --dir or SOCIETY_DIR.',
    look: ({ directory: { path, directory } }) =>
      'value' in directory ? well(path) : ill(`${path}: ${directory.because}`),
  },
  isPrivate('directory-mode', 'the directory', ({ directory }) => directory),
  {
    code: 'config',
    asks: 'Is config.yaml in order?',
    mend: 'Correct the lines that are named; society init writes a commented one elsewhere.',
    look: within(({ directory: { config } }) =>
      'value' in config ? well(`federation ${config.value.federation}`) : ill(config.because),
    ),
  },
  {
    code: 'key',
    asks: 'Is the society’s key there and whole?',
    mend: 'Bring it back from a backup with society restore; a new key is a new society.',
    look: within(({ directory: { key } }) =>
      'value' in key ? well(key.value.did) : ill(key.because),
    ),
  },
  isPrivate('key-mode', 'key.json', ({ keyFile }) => keyFile),
  {
    code: 'key-encrypted',
    asks: 'Is the key encrypted?',
    mend: 'Run society key change-passphrase: whoever reads a bare key can sign for the society.',
    look: ({ directory: { key, config } }) =>
      given(key, ({ isEncrypted }) => {
        if (isEncrypted) return well('under a passphrase')
        if (!('value' in config)) return unknown(config.because)
        const isTest = isTestFederation(config.value.federation)
        return wellIf(isTest, 'in clear, in a test federation', 'the key lies there in clear')
      }),
  },
  isPrivate('node-key-mode', 'node-key.json', ({ nodeKeyFile }) => nodeKeyFile),
  {
    code: 'token',
    asks: 'Is there a token for the API?',
    mend: 'Write 64 hex digits into the file token (openssl rand -hex 32), then restart the node.',
    look: within(({ directory: { token } }) =>
      'value' in token ? well('64 hex digits') : ill(token.because),
    ),
  },
  isPrivate('token-mode', 'the file token', ({ tokenFile }) => tokenFile),
  isPrivate('read-token-mode', 'the file token-read', ({ readTokenFile }) => readTokenFile),
  {
    code: 'api-local',
    asks: 'Does the API listen on this machine alone?',
    mend: 'Set api.host to 127.0.0.1 and reach it by ssh or a proxy that speaks TLS.',
    look: ({ directory: { config } }) =>
      given(config, ({ api: { host } }) => {
        const isLoopback = host === 'localhost' || host === '::1' || host.startsWith('127.')
        return wellIf(isLoopback, host, `it listens at ${host}, where tokens pass in clear`)
      }),
  },
  {
    code: 'lock',
    asks: 'Is the directory free, or held by a node that answers?',
    mend: 'Wait a minute, then stop the process that is named. Never delete node.lock.',
    look: ({ directory: { lock }, node }) =>
      given(lock, (held) => {
        if (held.state !== 'held') {
          const left = 'left by a node that ended; the next takes it over'
          return well(held.state === 'free' ? 'no node runs' : left)
        }
        const { pid, startedAt } = held
        if ('value' in node) return well(`process ${pid}, since ${startedAt}`)
        return ill(`process ${pid} holds it since ${startedAt}, and no node answers`)
      }),
  },
  {
    code: 'store',
    asks: 'Is there a store?',
    mend:
      'Bring it back with society restore into an empty directory; without a backup have society ' +
      'key import make a node of key.json elsewhere, which gets its past from the others.',
    look: within(({ directory: { store } }) => {
      if (!('value' in store)) return ill(store.because)
      return wellIf(store.value, 'made, and of this program’s format', 'there is none')
    }),
  },
]
