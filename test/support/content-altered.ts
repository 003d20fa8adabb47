/** What JSON is made of. */
type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** A value in a tree, and how another takes its place. */
type Leaf = { readonly value: Json; readonly put: (value: Json) => void }

type Parent = Json[] & { [key: string]: Json }

function* leavesOf(value: Json, put: Leaf['put']): Generator<Leaf, void> {
  yield { value, put }
  if (typeof value !== 'object' || value === null) return
  const parent = value as Parent
  for (const [key, each] of Object.entries(value)) {
    yield* leavesOf(each, (other) => {
      parent[key] = other
    })
  }
}

const numbers = [0, 1, 2, 63, 64, 1_000, 2 ** 31, 2 ** 53 - 2, 2 ** 53 - 1]

function another(leaf: Leaf, leaves: readonly Leaf[], draw: (limit: number) => number): Json {
  const { value } = leaf
  const type = typeof value
  if (Array.isArray(value) && draw(3) > 0) {
    const list = [...(value as readonly Json[])]
    const at = draw(list.length + 1)
    const how = draw(3)
    if (how === 0) list.splice(at, 1)
    else if (how === 1 && list.length > 0)
      list.splice(at, 0, structuredClone(list[draw(list.length)] as Json))
    else list.reverse()
    return list
  }
  if (type === 'number' && draw(2) === 0) {
    const change = [1, -1, 1_000][draw(4)]
    return change === undefined
      ? (numbers[draw(numbers.length)] as number)
      : (value as number) + change
  }
  if (type === 'boolean') return value !== true
  const alike = leaves.filter((each) => typeof each.value === type)
  return structuredClone((alike[draw(alike.length)] as Leaf).value)
}

const isState = (value: Json): boolean =>
  typeof value === 'object' && value !== null && 'chain' in value

/** The text of a content in which some things are other than they are. */
export function altered(text: string, draw: (limit: number) => number): string {
  const root = { content: JSON.parse(text) as Json }
  const leaves = [...leavesOf(root.content, (value) => void (root.content = value))]
  const changes = leaves.filter(({ value }) => value !== null).slice(1)
  // Canonical JSON has the changes before the state: of these the outcomes are what others name.
  const outcomes = changes.slice(
    0,
    changes.findIndex(({ value }) => isState(value)),
  )
  for (let times = 1 + draw(3); times > 0; times--) {
    const among = draw(2) === 0 ? outcomes : changes
    const leaf = among[draw(among.length)] as Leaf
    leaf.put(another(leaf, leaves, draw))
  }
  return JSON.stringify(root.content)
}
