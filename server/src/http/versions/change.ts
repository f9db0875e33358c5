// A change of the API that callers would notice: how to take what was said before it, and how to say it as
// before. Routes know only the newest shapes; what is older is translated at the door.
import type { ApiVersion } from '../../domain/api-version.ts'

export type Change = {
  /** The version that brought it. */
  version: ApiVersion
  /** Sentences for the reference: what is different, and what to do. */
  description: string
  /** By operationId. */
  operations: Record<string, Translation>
}

export type Translation = {
  /** A body as it was before the change, as it is now. It has not been checked: it may be anything. */
  upgradeBody?: (body: unknown) => unknown
  /** An answer as it is now, as it was before. Refusals are not translated. */
  downgradeAnswer?: (answer: unknown) => unknown
}

/** The value with a member under another name, in its place; as it is when it has no such member. */
export function renamed(value: unknown, { from, to }: { from: string; to: string }): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, from)) return value
  const members = Object.entries(value).map(([name, member]) => [name === from ? to : name, member])
  return Object.fromEntries(members)
}
