import { ToldHistory } from './detector-history.ts'

const numbered = (count: number, name: string): readonly string[] =>
  Array.from({ length: count }, (_, at) => `${name}${at}`)

/** Other people who deal with each other, so that nobody is alone in the federation. */
function crowd(history: ToldHistory, count: number): readonly string[] {
  const people = numbered(count, 'person')
  people.forEach((person, at) => {
    for (let week = 0; week < 13; week++) {
      const other = people[(at + 1 + (week % 6)) % count] as string
      history.jobs(person, other, 7 * week + (at % 7), 1)
    }
  })
  return people
}

/** A household as there are many: sells by day what it charges, works, and fails now and then. */
function live(history: ToldHistory, house: string, at: number, partners: readonly string[]): void {
  history.claim(house, `solar:test:panel-${house}`, 300)
  for (let week = 0; week < 13; week++) {
    partners.forEach((partner, i) => {
      const day = 7 * week + ((at + i) % 7)
      history.trade(house, partner, day)
      // One job in twenty is bad, at no time in particular.
      const turn = week * partners.length + i + at
      history.jobs(house, partner, day, 1, turn % 20 === 0 ? 1 : 0)
    })
  }
}

/** Twelve equal households in a town: each deals with its neighbours and with the works. */
function town(): ToldHistory {
  const history = new ToldHistory()
  const houses = numbered(12, 'house')
  history.society('works')
  houses.forEach((house, at) => {
    const near = [1, 2, 11].map((step) => houses[(at + step) % 12] as string)
    live(history, house, at, [...near, 'works'])
    history.vouch('works', house, 80)
  })
  return history
}

/** Six equal households who all deal with each other, and there is nobody else. */
function hamlet(): ToldHistory {
  const history = new ToldHistory()
  const houses = numbered(6, 'house')
  houses.forEach((house, at) => {
    live(
      history,
      house,
      at,
      houses.filter((other) => other !== house),
    )
  })
  return history
}

/** The same six in a street of a larger federation, each with its supplier outside. */
function street(): ToldHistory {
  const history = hamlet()
  const people = crowd(history, 30)
  numbered(6, 'house').forEach((house, at) => {
    for (let week = 0; week < 13; week++) history.trade('supplier', house, 7 * week + (at % 7))
  })
  for (const person of people) history.trade('supplier', person, 3)
  return history
}

/** Somebody new with two partners and much to do. */
function newcomer(): ToldHistory {
  const history = new ToldHistory()
  const [first = '', second = ''] = crowd(history, 30)
  history.society('newcomer', 5)
  for (let day = 0; day < 5; day++) {
    history.jobs('newcomer', first, day, 2, day === 3 ? 1 : 0)
    history.jobs('newcomer', second, day, 2)
    history.trade(first, 'newcomer', day)
  }
  history.claim('newcomer', 'solar:test:new', 5)
  history.vouch(first, 'newcomer', 4)
  return history
}

/** The same newcomer, some weeks later and still with those two alone. */
function settled(): ToldHistory {
  const history = new ToldHistory()
  const [first = '', second = ''] = crowd(history, 30)
  history.society('settled', 60)
  for (let day = 0; day < 60; day++) {
    history.jobs('settled', day % 3 === 0 ? first : second, day, 1, day % 25 === 0 ? 1 : 0)
  }
  return history
}

/** Years of ordinary dealings, and one week in which everything came at once. */
function busy(): ToldHistory {
  const history = new ToldHistory()
  const partners = crowd(history, 30).slice(0, 8)
  partners.forEach((partner, i) => {
    for (let week = 0; week < 13; week++) {
      const day = 7 * week + (i % 7)
      history.jobs('busy', partner, day, 1, (week + i) % 25 === 0 ? 1 : 0)
      if (week % 2 === 0) history.trade('busy', partner, day)
    }
  })
  for (let day = 14; day < 21; day++) {
    history.jobs('busy', partners[0] as string, day, 22, 1)
    for (let i = 0; i < 10; i++) history.trade('busy', partners[i % 3] as string, day)
  }
  return history
}

/** Histories in which nobody has done anything wrong, by what they are about. */
export const innocentHistories: Readonly<Record<string, () => ToldHistory>> = {
  'identical households in a town': town,
  'identical households with nobody else around': hamlet,
  'identical households in a street': street,
  'a newcomer with two partners': newcomer,
  'a newcomer who stays with its two partners': settled,
  'one very busy week': busy,
}
