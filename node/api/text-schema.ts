import { Type } from 'typebox'
import { queryTextMax } from './limits.ts'

/** A text in a path, a query or a body: not empty, and no longer than an id. */
export const shortText = (description: string): Type.TString =>
  Type.String({ minLength: 1, maxLength: queryTextMax, description })

/** What names a society; `whose` says what for. */
export const societyText = (whose: string): Type.TString =>
  shortText(`${whose}: id of a society, a unique prefix of it, or its name`)
