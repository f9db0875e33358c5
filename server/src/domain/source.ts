// A source: what an inbound webhook looks like, who may send it, and the event it becomes.

/** Who may send. What is secret in it is kept apart: see SourceSecrets. */
export type SourceAuth =
  | { kind: 'none' }
  | { kind: 'key'; header: string | null } // null: Authorization: Bearer …
  | { kind: 'basic'; username: string }
  | { kind: 'standard_webhooks' }
  | HmacAuth

export type HmacAuth = {
  kind: 'hmac'
  header: string // where the signature stands
  algorithm: 'sha256' | 'sha1' | 'sha512'
  encoding: 'hex' | 'base64'
  prefix: string // in front of the signature: 'sha256=', 'v1='
  signed: string // what is signed: {body} and {timestamp} stand for themselves
  timestamp: { header: string; prefix: string } | null
}

/** By name, as the API takes them. */
export type SourceSecrets = { secret?: string; previous_secret?: string; password?: string }

/** Liquid in every text; nobody is meant by one that comes out empty. */
export type SourceTo = string | { topic: string } | ({ id: string } & Record<string, unknown>)

/** The event, in Liquid over `body`, `headers` and `query`. Null: left out. */
export type SourceEvent = {
  type: string
  params: Record<string, unknown> | null // null: the body itself
  to: SourceTo[]
  when: string | null // comes out as false or empty: there is no event
  dedupe_key: string | null
  level: string | null
  thread_key: string | null
  scheduled_time: string | null
  timezone: string | null
  expires_at: string | null
  /** Refuse what nobody would hear about; a text: the JSON Pointer to blame in the body. */
  require_audience: boolean | string
}

/** As it is stored (one JSON document) and shown. */
export type SourceDefinition = {
  schema: Record<string, unknown> | null // JSON Schema 2020-12; null: anything goes
  auth: SourceAuth
  event: SourceEvent
  response: { status: number; body: unknown } | null // null: as POST /events
}

export type Source = SourceDefinition & {
  workspaceId: number
  workspace: string // its key
  key: string
  secrets: Buffer | null
  createdAt: Date
  updatedAt: Date
}

/** What arrived, as the mapping sees it. Header names are in lower case. */
export type WebhookRequest = {
  body: unknown
  headers: Record<string, string>
  query: Record<string, unknown>
}

const credentials = ['authorization', 'proxy-authorization', 'cookie']

/** The headers that prove who sent it: no mapping sees them. */
export function credentialHeaders(auth: SourceAuth): string[] {
  switch (auth.kind) {
    case 'none':
    case 'basic':
      return credentials
    case 'key':
      return auth.header === null ? credentials : [...credentials, auth.header.toLowerCase()]
    case 'standard_webhooks':
      return [...credentials, 'webhook-signature']
    case 'hmac':
      return [...credentials, auth.header.toLowerCase()]
  }
}
