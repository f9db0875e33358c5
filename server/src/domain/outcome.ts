// What one attempt came to.

/** Providers return this; they throw only on bugs. `code` is short and stable, `detail` for people. */
export type Outcome =
  // Taken. `reference`: what the vendor calls the message when it says more of it later.
  | { kind: 'sent'; code?: string; detail?: string; reference?: string }
  | { kind: 'delivered'; code?: string; detail?: string } // taken by the recipient itself
  | { kind: 'retry'; code: string; detail?: string; retryAfterMs?: number } // could work later
  | { kind: 'failed'; code: string; detail?: string } // cannot work for this message
  | { kind: 'gone'; code: string; detail?: string } // cannot work for this address again
  // The message was (partly) written and no answer came: it may have been taken.
  | { kind: 'ambiguous'; code: string; detail?: string }

export type OutcomeKind = Outcome['kind']
