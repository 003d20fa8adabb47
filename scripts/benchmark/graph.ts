import { Author, observation } from './author.ts'
import type { FedReplica } from './fed-replica.ts'

/** Makes societies that have seen `seen` others each, a third of them well known. */
export async function makeGraph(
  fed: FedReplica,
  societies: number,
  seen: number,
): Promise<readonly Author[]> {
  const authors = Array.from({ length: societies }, () => new Author())
  const begin = Date.now() - 86_400_000
  const known = Math.max(1, Math.floor(societies / 100))
  const frames = authors.map((author) => author.found(begin).frame)
  await fed.feed(frames)
  const trusting = authors.map((author, number) => {
    const records = Array.from({ length: seen }, (_, at) => {
      const step = number * 31 + at * 977 + 1
      const other = at % 3 === 0 ? step % known : step % societies
      const subject = authors[other === number ? (other + 1) % societies : other] as Author
      return observation(subject.key, at + 1)
    })
    return author.write('trust', records, begin + 1).frame
  })
  await fed.feed(trusting)
  return authors
}
