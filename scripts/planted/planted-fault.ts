/** A single fault as it is put into a copy of the checkout: one text takes the place of another. */
export type PlantedFault = {
  /** What is wrong then, in a few words; no two faults have the same. */
  readonly name: string
  /** What would follow if nobody noticed. */
  readonly harm: string
  readonly file: string
  /** As it is in the file, just once. */
  readonly text: string
  readonly replacement: string
  /** Test files that should see it, the likeliest first. */
  readonly tests: readonly string[]
}
