import type { AnyMessage } from './api-keys.ts'
import { defaultValuesOf } from './default-value.ts'

/** The response with `errorCode` at its top and nothing else; `undefined` for an API that has no error there. */
export function errorAtTop({ fields }: Pick<AnyMessage, 'fields'>, errorCode: number): object | undefined {
  return 'errorCode' in fields ? { ...defaultValuesOf(fields), errorCode } : undefined
}
