import {
  policyNames,
  policyRules,
  witnessesMax,
  type PolicyName,
  type SocietyKey,
} from '../../protocol/index.ts'
import { Failure } from '../failure.ts'
import { mayAdmit } from '../membership/membership.ts'
import { finestStep, refuse, scaledExactly, type Input } from './input.ts'
import type { Resolver, Resolving } from './resolver.ts'

const choices: Partial<Record<PolicyName, readonly string[]>> = {
  acceptFinality: ['signed', 'certified'],
  admission: ['invited', 'open'],
}

/** Policy values of a caller's `policy` map as wire fields. */
function policyValues(given: unknown): Record<string, number> {
  if (given === undefined || given === null) return {}
  if (typeof given !== 'object' || Array.isArray(given)) {
    return refuse('malformed', 'policy must be a map')
  }
  const values: Record<string, number> = {}
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(policyRules, name)) {
      return refuse('malformed', `no policy '${name}'; there are ${policyNames.join(', ')}`)
    }
    if (typeof value !== 'number' && (typeof value !== 'string' || value.trim() === '')) {
      return refuse('malformed', `policy ${name} must be a number or a word`)
    }
    const rule = policyRules[name as PolicyName]
    const choice = choices[name as PolicyName]?.indexOf(String(value)) ?? -1
    const wire = choice >= 0 ? choice : scaledExactly(value, rule.factor)
    if (wire === undefined || wire < rule.minimum || wire > rule.maximum) {
      const bounds = `${rule.minimum / rule.factor} to ${rule.maximum / rule.factor}`
      const step = finestStep(rule.factor)
      return refuse('malformed', `policy ${name} must be from ${bounds}, ${step}`)
    }
    values[`policy.${name}`] = wire
  }
  return values
}

const witnessesOf = (input: Input, { find }: Resolving): readonly string[] =>
  input.optionalList('witnesses').map(find)

/** Refuses witnesses that no society can have, or that could not do their work, and says why. */
function checkWitnesses(named: readonly string[], resolving: Resolving): readonly SocietyKey[] {
  const { self, find, membership } = resolving
  const witnesses = named.map(find)
  for (const [i, witness] of witnesses.entries()) {
    const name = named[i] ?? ''
    if (witness === self) {
      return refuse('malformed', `${name} is this society itself; others witness for it`)
    }
    const first = witnesses.indexOf(witness)
    if (first < i) {
      return refuse('malformed', `${named[first]} and ${name} are one society; name each once`)
    }
    if (!membership.members.has(witness)) {
      return refuse('unknown-society', `${name} is no member here, and would not be heard`)
    }
  }
  const count = witnesses.length
  if (count > witnessesMax || (count > 0 && count % 3 !== 1)) {
    const form = `1, 4, 7 and so on up to ${witnessesMax}: 3f + 1, of which f may be away or lie`
    return refuse('malformed', `witnesses are ${form}, and not ${count}`)
  }
  return witnesses
}

function amend(input: Input, resolving: Resolving): object {
  const replaced = input.has('witnesses') ? true : undefined
  const witnesses = checkWitnesses(input.optionalList('witnesses'), resolving)
  const policy = policyValues(input.raw('policy'))
  return replaced === undefined && Object.keys(policy).length === 0
    ? refuse('malformed', 'an amendment changes policy or witnesses: give one of them')
    : { replaceWitnesses: replaced, witnesses, ...policy }
}

/** How founding, amending and the society's nodes and federation are written. */
export const societyResolvers: Readonly<Record<string, Resolver>> = {
  'society.found': {
    document: 'trust',
    fields: ['name', 'federation', 'adp', 'policy', 'witnesses'],
    resolve: (input, resolving) => ({
      name: input.text('name'),
      federation: input.text('federation'),
      adp: input.optionalAmount('adp', true) ?? 0,
      witnesses: witnessesOf(input, resolving),
      ...policyValues(input.raw('policy')),
    }),
  },
  'society.amend': { document: 'trust', fields: ['witnesses', 'policy'], resolve: amend },
  'pool.open': {
    document: 'pool',
    fields: [],
    resolve: (_input, { held, self }) => ({
      founding:
        held.trust(self).founding?.id ?? refuse('unknown-reference', 'found the society first'),
    }),
  },
  'node.certify': {
    document: 'trust',
    fields: ['peerId', 'until', 'signature'],
    resolve: (input) => ({
      peerId: input.text('peerId'),
      until: input.optionalInstant('until') ?? refuse('malformed', 'until is missing'),
      signature: input.raw('signature'),
    }),
  },
  'federation.join': {
    document: 'trust',
    fields: ['federation'],
    resolve: (input, { held, self }) => ({
      federation: input.optionalText('federation') ?? held.trust(self).founding?.federation ?? '',
    }),
  },
  'federation.admit': {
    document: 'trust',
    fields: ['society'],
    resolve: (input, { find, held }) => {
      const society = input.party('society', find)
      const join = held.trust(society).joined
      return {
        society,
        join: join ?? refuse('unknown-reference', 'the society has not asked to join'),
      }
    },
    refusal: (_value, { self, membership, held }) =>
      mayAdmit(self, membership, held.trusts())
        ? undefined
        : new Failure('not-authorised', 'only members admit others; have one admit you first'),
  },
}
