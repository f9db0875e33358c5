// Every error the API can answer with. Codes are public: stable, never reused, and explained in
// docs/reference/errors.md (a test compares the two).

export const errorCodes = {
  malformed_request: { status: 400, title: 'This is not a well-formed HTTP request' },
  invalid_json: { status: 400, title: 'The body is not acceptable JSON' },
  invalid_payload: { status: 400, title: 'The body is not what this source takes' },
  invalid_cursor: { status: 400, title: 'The cursor is not one of ours' },
  invalid_idempotency_key: { status: 400, title: 'The Idempotency-Key is not acceptable' },
  unknown_level: { status: 400, title: 'There is no such level' },
  unknown_version: { status: 400, title: 'There is no such version of the API' },
  unauthenticated: { status: 401, title: 'A valid API key is needed' },
  not_authentic: { status: 401, title: 'The signature or the password is missing or wrong' },
  insufficient_scope: { status: 403, title: 'This key may not do that' },
  not_found: { status: 404, title: 'There is nothing here' },
  method_not_allowed: { status: 405, title: 'This method is not possible here' },
  not_a_test_workspace: { status: 409, title: 'Only the clock of a test workspace can be moved' },
  wrong_status: { status: 409, title: 'It is too late or too early for that' },
  idempotency_in_progress: {
    status: 409,
    title: 'The first request with this key is still running',
  },
  dedupe_key_reused: { status: 409, title: 'This came before with a different body' },
  already_exists: { status: 409, title: 'There is one already' },
  changed_meanwhile: { status: 412, title: 'It was changed in the meantime' },
  payload_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'Send JSON' },
  invalid_request: { status: 422, title: 'The request has fields that cannot be accepted' },
  idempotency_key_reused: { status: 422, title: 'This key came with a different request before' },
  unknown_event_type: { status: 422, title: 'No such event type is registered' },
  invalid_params: { status: 422, title: 'The parameters do not fit the event type' },
  unknown_recipient: { status: 422, title: 'There is no such recipient' },
  no_recipients: { status: 422, title: 'Nobody would hear about it' },
  invalid_template: { status: 422, title: 'The template cannot be used' },
  invalid_catalog: { status: 422, title: 'The catalog cannot be used' },
  invalid_schema: { status: 422, title: 'The JSON Schema cannot be used' },
  invalid_provider_settings: { status: 422, title: 'The provider cannot work with these settings' },
  cannot_be_muted: { status: 422, title: 'What is critical is heard by everybody' },
  data_source_failed: { status: 422, title: 'A data source did not give what is needed' },
  rate_limited: { status: 429, title: 'Too many requests' },
  internal_error: { status: 500, title: 'Something went wrong on our side' },
  overloaded: { status: 503, title: 'More work is waiting than can be taken now' },
  data_source_unavailable: { status: 503, title: 'A data source cannot be reached' },
  unavailable: { status: 503, title: 'The database cannot be reached' },
} as const

export type ErrorCode = keyof typeof errorCodes

/** A field that was refused: an RFC 6901 pointer into the body, `?name` for a query parameter, `ce-name` for a header. */
export type FieldError = { pointer: string; detail: string }

export type ErrorDetails = {
  /** What was tried, on what, and what to do about it. */
  detail?: string
  errors?: FieldError[]
  retryAfterSeconds?: number
  /** More members of the problem document, such as the current status. */
  extra?: Record<string, unknown>
}

/** A refusal: one place (http/problem.ts) turns it into an RFC 9457 answer. */
export class ApiError extends Error {
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, details: ErrorDetails = {}, options?: ErrorOptions) {
    super(details.detail ?? errorCodes[code].title, options)
    this.code = code
    this.details = details
  }
}
