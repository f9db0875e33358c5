// Firebase Cloud Messaging, HTTP v1: push to Android, and to what else Firebase reaches.
// @see https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages/send
import { type Static, Type } from 'typebox'
import type { InAppContent } from '../../domain/content.ts'
import type { Outcome } from '../../domain/outcome.ts'
import {
  apiBase,
  apiBaseProblems,
  httpApi,
  member,
  memberText,
  taken,
  tooLong,
  type ApiRequest,
  type Said,
} from '../http-api.ts'
import type { Limit, ProviderKind } from '../provider.ts'
import { googleTokens } from './google-token.ts'

const vendorUrl = 'https://fcm.googleapis.com'
const tokenUrl = 'https://oauth2.googleapis.com/token'
const limits: readonly Limit[] = [{ what: 'payload', most: 4_096, unit: 'bytes' }]

const FcmSettings = Type.Object(
  {
    project_id: Type.String({
      pattern: '^[a-z][a-z0-9-]{4,61}$',
      description: 'The Firebase project: `project_id` of its service account file.',
      examples: ['acme-shop'],
    }),
    client_email: Type.String({
      minLength: 3,
      maxLength: 320,
      description: '`client_email` of the file.',
      examples: ['belfry@acme-shop.iam.gserviceaccount.com'],
    }),
    private_key: Type.String({
      minLength: 100,
      maxLength: 8_192,
      description: '`private_key` of the file.',
      examples: ['-----BEGIN PRIVATE KEY-----\n…'],
    }),
    api_base: apiBase(vendorUrl),
    token_url: Type.Optional(
      Type.String({
        maxLength: 2048,
        default: tokenUrl,
        description: 'Where access tokens are had: `token_uri` of the file.',
        examples: [tokenUrl],
      }),
    ),
  },
  { additionalProperties: false },
)

type Settings = Static<typeof FcmSettings>

export const fcm: ProviderKind = {
  kind: 'fcm',
  channels: ['push'],
  devices: ['fcm'],
  title: 'Firebase Cloud Messaging',
  settings: FcmSettings,
  secrets: ['private_key'],
  budgetMs: 20_000,
  limits,
  problems: (settings, allowed) => [
    ...apiBaseProblems(settings, allowed),
    ...apiBaseProblems({ api_base: settings['token_url'] }, allowed).map((problem) => ({
      ...problem,
      pointer: '/token_url',
    })),
  ],
  create(given, context) {
    const settings = given as Settings
    const { project_id: project, api_base: base = vendorUrl } = settings
    const account = {
      clientEmail: settings.client_email,
      privateKey: settings.private_key,
      tokenUrl: settings.token_url ?? tokenUrl,
    }
    const tokens = googleTokens(account, context)
    let last = ''

    async function asked(body: string, signal: AbortSignal): Promise<ApiRequest | Outcome> {
      const token = await tokens.token(signal)
      if (typeof token !== 'string') return token
      last = token
      return {
        method: 'POST',
        url: `${base}/v1/projects/${project}/messages:send`,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body,
      }
    }

    function heard(said: Said): Outcome | null {
      if (said.status === 401) tokens.drop(last)
      return read(said)
    }

    return httpApi(context, {
      hidden: [settings.private_key],
      request(message, signal) {
        const { title, body, url } = message.content as InAppContent
        const payload = { notification: { title, body }, ...(url && { data: { url } }) }
        const tooMuch = tooLong(limits, { payload: JSON.stringify(payload) })
        const asking = { message: { token: message.address, ...payload } }
        return tooMuch ?? asked(JSON.stringify(asking), signal)
      },
      read: heard,
      // Asked to look at a message for nobody, and to send nothing.
      check: {
        request: (signal) =>
          asked(JSON.stringify({ validate_only: true, message: { token: 'x' } }), signal),
        read: (said) => (said.status === 400 ? { kind: 'sent', code: 'verified' } : heard(said)),
      },
    })
  },
}

/** @see https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode */
function read({ status, json, detail }: Said): Outcome | null {
  if (status < 300) return taken(memberText(json, 'name'))
  const code = errorCode(json)
  switch (code) {
    case 'UNREGISTERED':
      return { kind: 'gone', code, detail }
    // Firebase's own word on the token; what is wrong with the rest of a message has other details.
    case 'INVALID_ARGUMENT':
      return { kind: 'gone', code, detail }
    case 'SENDER_ID_MISMATCH': // the token is of another project
      return { kind: 'failed', code, detail }
    case 'THIRD_PARTY_AUTH_ERROR':
      return { kind: 'retry', code: 'provider_auth', detail }
    default:
      return null
  }
}

function errorCode(json: unknown): string {
  const details = member(json, 'error', 'details')
  if (!Array.isArray(details)) return ''
  const codes = details
    .filter((part) => String(memberText(part, '@type')).endsWith('fcm.v1.FcmError'))
    .map((part) => memberText(part, 'errorCode'))
  return codes[0] ?? ''
}
