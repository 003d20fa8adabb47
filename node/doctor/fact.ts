/** Something that was looked up, or why it could not be. */
export type Fact<T> = { readonly value: T } | { readonly because: string }

/** The fact that a promise brings, or why it does not. */
export async function factOf<T>(promise: Promise<T>): Promise<Fact<T>> {
  try {
    return { value: await promise }
  } catch (error) {
    return { because: error instanceof Error ? error.message : String(error) }
  }
}
