// Amazon SES: e-mail over its v2 API. It knows no keys: a message that got no answer may come twice.
// @see https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html
import aws4 from 'aws4'
import { type Static, Type } from 'typebox'
import type { EmailContent } from '../../domain/content.ts'
import type { Outcome } from '../../domain/outcome.ts'
import {
  apiBaseProblems,
  httpApi,
  memberText,
  taken,
  type ApiRequest,
  type Said,
} from '../http-api.ts'
import type { ProviderKind } from '../provider.ts'
import { EmailFrom, fromProblems, unsubscribeHeaders } from './api-email.ts'
import { sesReceipts } from './ses-receipts.ts'

const SesSettings = Type.Object(
  {
    region: Type.String({
      pattern: '^[a-z]{2}(-[a-z]+)+-[0-9]$',
      description: 'Where the account sends from.',
      examples: ['eu-west-1'],
    }),
    access_key_id: Type.String({
      minLength: 16,
      maxLength: 128,
      pattern: '^\\w+$',
      description: 'A key that may do ses:SendEmail.',
      examples: ['AKIAIOSFODNN7EXAMPLE'],
    }),
    secret_access_key: Type.String({
      minLength: 16,
      maxLength: 200,
      description: 'Its secret.',
      examples: ['wJalrXUtnFEMI…'],
    }),
    from: EmailFrom,
    configuration_set: Type.Optional(
      Type.String({
        maxLength: 64,
        pattern: '^[A-Za-z0-9_-]+$',
        description: 'The configuration set by which SES tells what became of a message.',
        examples: ['belfry'],
      }),
    ),
    receipts_topic: Type.Optional(
      Type.String({
        maxLength: 300,
        pattern: '^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+$',
        description:
          'The SNS topic by which the configuration set tells what became of messages. Unset: nothing is taken.',
        examples: ['arn:aws:sns:eu-west-1:123456789012:belfry'],
      }),
    ),
    api_base: Type.Optional(
      Type.String({
        maxLength: 2048,
        description: "Where its API is; without a slash at the end. Unset: the region's own.",
        examples: ['https://email.eu-west-1.amazonaws.com'],
      }),
    ),
  },
  { additionalProperties: false },
)

type Settings = Static<typeof SesSettings>

export const ses: ProviderKind = {
  kind: 'ses',
  channels: ['email'],
  title: 'Amazon SES',
  settings: SesSettings,
  secrets: ['secret_access_key'],
  receipts: sesReceipts,
  budgetMs: 20_000,
  problems: (settings, allowed) => [
    ...apiBaseProblems(settings, allowed),
    ...fromProblems(settings),
  ],
  create(given, context) {
    const settings = given as Settings
    return httpApi(context, {
      hidden: [settings.secret_access_key],
      request(message) {
        const { subject, html, text } = message.content as EmailContent
        const headers = Object.entries(unsubscribeHeaders(message))
        const body = {
          FromEmailAddress: settings.from,
          Destination: { ToAddresses: [message.address] },
          Content: {
            Simple: {
              Subject: utf8(subject),
              Body: { Html: utf8(html), Text: utf8(text) },
              Headers: headers.map(([Name, Value]) => ({ Name, Value })),
            },
          },
          EmailTags: [{ Name: 'delivery_id', Value: message.deliveryId }],
          ConfigurationSetName: settings.configuration_set,
        }
        return signed(settings, 'POST', '/v2/email/outbound-emails', JSON.stringify(body))
      },
      read,
      check: { request: () => signed(settings, 'GET', '/v2/email/account') },
    })
  },
}

const utf8 = (text: string) => ({ Data: text, Charset: 'UTF-8' })

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html */
function signed(
  { region, access_key_id, secret_access_key, api_base }: Settings,
  method: 'GET' | 'POST',
  path: string,
  body?: string,
): ApiRequest {
  const base = api_base ?? `https://email.${region}.amazonaws.com`
  const request = {
    service: 'ses',
    region,
    method,
    host: new URL(base).host,
    path,
    headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
    ...(body !== undefined && { body }),
  }
  const { headers = {} } = aws4.sign(request, {
    accessKeyId: access_key_id,
    secretAccessKey: secret_access_key,
  })
  // The library counts the body, and so does the client that sends it.
  const own = Object.entries(headers).filter(([name]) => name !== 'Content-Length')
  return {
    method,
    url: `${base}${path}`,
    headers: Object.fromEntries(own.map(([name, value]) => [name, String(value)])),
    ...(body !== undefined && { body }),
  }
}

function read({ status, headers, json, detail }: Said): Outcome | null {
  if (status < 300) return taken(memberText(json, 'MessageId'))
  const header = headers['x-amzn-errortype']
  const type = typeof header === 'string' ? header : (memberText(json, '__type') ?? '')
  const name = /\w+(?=:|$)/.exec(type.replace(/^.*#/, ''))?.[0] ?? ''
  if (accountErrors.has(name)) return { kind: 'retry', code: 'provider_auth', detail }
  if (busy.has(name)) return { kind: 'retry', code: name, detail }
  if (name !== 'MessageRejected') return null
  // Also what an account gets that is still in SES's own sandbox, or whose sender is not verified.
  return /not verified/i.test(detail)
    ? { kind: 'retry', code: 'provider_auth', detail }
    : { kind: 'failed', code: name, detail }
}

const accountErrors: ReadonlySet<string> = new Set([
  'AccountSuspendedException',
  'ConfigurationSetDoesNotExistException',
  'MailFromDomainNotVerifiedException',
  'NotFoundException',
  'SendingPausedException',
])
const busy: ReadonlySet<string> = new Set([
  'LimitExceededException',
  'ThrottlingException',
  'TooManyRequestsException',
])
