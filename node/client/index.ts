/** The door of the typed client, `society/client`: for programs that speak to a node. */
export type * from './answers.ts'
export { Client, type AnswerOf, type Arguments, type Asked, type Operation } from './client.ts'
export { NoAnswer, NoNode, Refusal } from './failures.ts'
export type { Frame } from './frames.ts'
export { operationPlaces, type Operations } from './operations.ts'
export type * from './questions.ts'
export type * from './societies.ts'
export type * from './trust.ts'
