import { fileFailure } from '../store/file-failure.ts'

/** Something that was looked up, or why it could not be. */
export type Fact<T> = { readonly value: T } | Missing

/** Why something could not be looked up. */
export type Missing = { readonly because: string }

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)

/** The fact that a promise brings, or why it does not. */
export async function factOf<T>(promise: Promise<T>): Promise<Fact<T>> {
  try {
    return { value: await promise }
  } catch (error) {
    return { because: fileFailure(error)?.message ?? messageOf(error) }
  }
}
