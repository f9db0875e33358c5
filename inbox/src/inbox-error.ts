// Why a request of the inbox came to nothing.

/** `signed_out`: the token is over and there is no new one. `offline`: there was no answer. */
export type InboxErrorKind = 'signed_out' | 'offline' | 'refused' | 'server'

export class InboxError extends Error {
  override readonly name = 'InboxError'
  readonly kind: InboxErrorKind
  /** The code of the API's answer, when there was one. */
  readonly code: string | null

  constructor(
    kind: InboxErrorKind,
    message: string,
    { code = null, cause }: { code?: string | null; cause?: unknown } = {},
  ) {
    super(message, { cause })
    this.kind = kind
    this.code = code
  }
}

export function asInboxError(error: unknown): InboxError {
  return error instanceof InboxError
    ? error
    : new InboxError('server', String(error), { cause: error })
}
