// For which workspaces due work is taken: for all but those whose clock stands, or for one of those.

export type Reach = {
  workspaceIds: readonly number[]
  /** True: these and no others. False: all others. */
  isOnly: boolean
}

/** What is due, a batch of it. */
export type DueClaim = { now: Date; limit: number; reach?: Reach }

export const everywhere: Reach = { workspaceIds: [], isOnly: false }
