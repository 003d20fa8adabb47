/** A number and what it counts, for people: `1 peer`, `3 peers`; `many` where no s makes it. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`
