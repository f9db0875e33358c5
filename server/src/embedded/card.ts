// What a person reads when the embedded PostgreSQL cannot run: what is wrong, then the ways out.

/** An error whose message is complete by itself: no stack is needed to act on it. */
export function card(problem: string, waysOut: string[]): Error {
  const numbered = waysOut.map((way, at) => `  ${at + 1}. ${way}`)
  return new Error([problem, ...numbered].join('\n'))
}

export const useAnotherDatabase =
  'Set BELFRY_DATABASE_URL to a PostgreSQL of yours (15 or later): postgres://user:password@host/belfry'
