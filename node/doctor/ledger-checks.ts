import { quorumOf } from '../../protocol/index.ts'
import { otherNameOf } from '../../src/index.ts'
import { counted } from '../counted.ts'
import { given, ill, illIfAny, unknown, well, wellIf, type Check } from './check.ts'
import type { NodeFacts } from './facts.ts'
import { severityMax, staleLeftMsMin } from './limits.ts'

const claimed = ({ sources }: NodeFacts): NodeFacts['sources'] =>
  sources.filter(({ state }) => state !== 'retired')

const schemeOf = (id: string): string => id.split(':')[1] ?? ''

/** Grid sources that different interfaces may have proven of one connection, each with its site. */
function gridsTwice(facts: NodeFacts): readonly string[] {
  const grids = claimed(facts).filter(({ type }) => type === 'grid')
  const twice = grids.filter(({ id, site }) =>
    grids.some((other) => {
      const isApart = site !== null && other.site !== null && site !== other.site
      return schemeOf(other.id) !== schemeOf(id) && !isApart
    }),
  )
  return twice.map(({ id, site }) => (site === null ? id : `${id} at ${site}`))
}

const isOwnMachine = /^(localhost|127\.|::1$)/i

/** Sources that different interfaces have proven of one device: by its serial number or place. */
function devicesTwice(facts: NodeFacts): readonly string[] {
  const devices = claimed(facts).filter(({ type }) => type !== 'grid')
  const twice = devices.filter(({ id, type, renewal }) =>
    devices.some((other) => {
      const isOtherWay = other.type === type && schemeOf(other.id) !== schemeOf(id)
      const host = renewal?.host ?? 'localhost'
      // Behind an address of this machine may be tunnels to many.
      const isThere = host === other.renewal?.host && !isOwnMachine.test(host)
      return isOtherWay && (isThere || otherNameOf(id) === other.id)
    }),
  )
  return twice.map(({ id, renewal }) => (renewal?.host ? `${id} at ${renewal.host}` : id))
}

/** What the ledger says of this society and of those it deals with. */
export const ledgerChecks: readonly Check[] = [
  {
    code: 'sources-fresh',
    asks: 'Are all sources proven of late?',
    mend: 'Measure them again with society prove; retire what is gone with society retire.',
    look: ({ node }) =>
      given(node, (facts) => {
        const stale = claimed(facts).filter(({ state }) => state === 'stale')
        const ids = stale.map(({ id }) => id)
        return illIfAny(ids, counted(claimed(facts).length, 'source'), 'stale')
      }),
  },
  {
    code: 'sources-soon-stale',
    asks: 'Will they stay so for the next hours?',
    mend: 'See that their devices answer, or measure them by hand with society prove.',
    look: ({ node, now }) =>
      given(node, (facts) => {
        const near = claimed(facts).filter(({ state, staleAt, renewal }) => {
          const left = Date.parse(staleAt) - now
          const isRenewed = renewal !== null && renewal.failures === 0
          return state !== 'stale' && left < staleLeftMsMin && !isRenewed
        })
        const named = near.map(({ id, staleAt }) => `${id} at ${staleAt}`)
        return illIfAny(named, 'they will', 'they grow stale')
      }),
  },
  {
    code: 'renewals',
    asks: 'Can devices be measured again when that is due?',
    mend: 'Look whether the device is on and reachable from here; the reason is named.',
    look: ({ node }) =>
      given(node, (facts) => {
        const failing = claimed(facts).filter(({ renewal }) => (renewal?.failures ?? 0) > 0)
        const named = failing.map(({ id, renewal }) => `${id}: ${renewal?.failure?.message ?? ''}`)
        return illIfAny(named, 'they can', 'failing')
      }),
  },
  {
    code: 'sources-contested',
    asks: 'Does nobody else claim this society’s sources?',
    mend: 'Prove them with witnesses, which decides; or retire what is not yours.',
    look: ({ node }) =>
      given(node, (facts) => {
        const contested = claimed(facts).filter(({ state }) => state === 'contested')
        return illIfAny(
          contested.map(({ id }) => id),
          'nobody does',
          'contested',
        )
      }),
  },
  {
    code: 'grid-once',
    asks: 'Is each connection to the grid proven by one interface alone?',
    mend:
      'Retire one with society retire, or its watts count twice; if they are two connections, ' +
      'prove each with its --site.',
    look: ({ node }) =>
      given(node, (facts) =>
        illIfAny(gridsTwice(facts), 'as far as their sites tell', 'perhaps one connection'),
      ),
  },
  {
    code: 'device-once',
    asks: 'Is each device proven by one interface alone?',
    mend:
      'Retire one with society retire, or its watts count twice; if they are two devices behind ' +
      'one address, measure both by one interface, each with its --unit.',
    look: ({ node }) =>
      given(node, (facts) =>
        illIfAny(devicesTwice(facts), 'as far as names and addresses tell', 'perhaps one device'),
      ),
  },
  {
    code: 'bond',
    asks: 'Is what is bonded proven?',
    mend: 'Prove the bonded sources again before the grace is over, or the bond breaks.',
    look: ({ node }) =>
      given(node, ({ vitals: { bond } }) => {
        if (bond === null) return well('there is no bond')
        if (bond.state === 'violated') return ill('the bond is broken')
        if (bond.breaksAt !== null) return ill(`it breaks at ${bond.breaksAt}`)
        return well(`${bond.state}, until ${bond.until}`)
      }),
  },
  {
    code: 'witnesses',
    asks: 'Are this society’s witnesses reached?',
    mend: 'Connect to them: without enough of them nothing new of the pool becomes final.',
    look: ({ node }) =>
      given(node, ({ vitals: { witnesses } }) => {
        if (witnesses.length === 0) return well('none are appointed')
        const away = witnesses.filter((each) => !each.connected).map(({ name }) => name)
        const reached = witnesses.length - away.length
        const needed = quorumOf(witnesses.length)
        if (reached >= needed) return well(`${reached} of ${witnesses.length}`)
        return illIfAny(away, '', `needed: ${needed}; away`)
      }),
  },
  {
    code: 'own-past',
    asks: 'Has this society signed one past only?',
    mend: 'Stop this node and every copy of it: two of them signed with one key. Start anew.',
    look: ({ node }) =>
      given(node, ({ status }) =>
        wellIf(status.standing === 'good', 'it has', 'it has signed two, and others know'),
      ),
  },
  {
    code: 'equivocations',
    asks: 'Have all others?',
    mend: 'Deal no further with those, and see in society backing what of them you hold.',
    look: ({ node }) =>
      given(node, ({ status, vitals: { equivocated } }) => {
        const others = equivocated.filter(({ society }) => society !== status.id)
        return illIfAny(
          others.map(({ name, society }) => name || society),
          'they have',
          'two pasts',
        )
      }),
  },
  {
    code: 'detectors',
    asks: 'Do detectors find nothing bad about this society?',
    mend: 'society why SELF names the records; trust falls until they are old.',
    look: ({ node }) =>
      given(node, ({ status: { flags } }) => {
        const bad = flags.filter(({ severity }) => severity >= severityMax)
        return illIfAny(
          bad.map(({ name, severity }) => `${name} ${severity}`),
          'nothing',
          'found',
        )
      }),
  },
  {
    code: 'waste',
    asks: 'Is what is charged also used?',
    mend: 'Charge less at a time, offer it in trade, or let it expire later.',
    look: ({ node }) =>
      given(node, ({ status: { alerts } }) => {
        const named = alerts.map(({ amount, source }) => `${amount} ATP of ${source}`)
        return illIfAny(named, 'it is', 'expired unused')
      }),
  },
  {
    code: 'accounts',
    asks: 'Do the sums of the ledger agree?',
    mend: 'Keep a copy of the directory and tell the makers: this is a fault of the program.',
    look: ({ node }) =>
      given(node, ({ status: { atp, adp, supply } }) => {
        const { available, reserved, escrowed, lent, borrowed } = atp
        const sum = available + reserved + escrowed + lent - borrowed + adp.pool + adp.escrowed
        if (Number.isNaN(sum)) return unknown('not all sums are known')
        const isEqual = Math.abs(sum - supply) < 0.001
        return wellIf(isEqual, `${supply} in all`, `${supply} in all, and ${sum} in parts`)
      }),
  },
]
