// What a mail server's account is configured with, and how that becomes options of the mail library.
import { isIP } from 'node:net'
import type { SMTPPoolOptions } from 'nodemailer/lib/smtp-pool'
import { type Static, Type } from 'typebox'
import { asciiEmail, emailProblem } from '../../domain/address.ts'
import type { SettingsProblem } from '../provider.ts'
import { isRelayAllowed, type AllowedAddresses } from '../public-address.ts'
import { hasControls, type Sender } from './mime.ts'

export const SmtpSettings = Type.Object(
  {
    host: Type.String({
      minLength: 1,
      maxLength: 253,
      pattern: '^[A-Za-z0-9.:_-]+$',
      description: 'Name or address of the mail server.',
      examples: ['smtp.example.com'],
    }),
    port: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 65535,
        description: 'Unset: 465 with `secure`, else 587.',
        examples: [587],
      }),
    ),
    secure: Type.Optional(
      Type.Boolean({
        description: 'TLS from the first byte (port 465). Unset: only on port 465.',
        examples: [false],
      }),
    ),
    require_tls: Type.Optional(
      Type.Boolean({
        description:
          'Refuse to send unless the connection becomes encrypted. Unset: true, but for this machine itself.',
        examples: [true],
      }),
    ),
    user: Type.Optional(
      Type.String({ maxLength: 320, description: 'Who signs in.', examples: ['belfry'] }),
    ),
    password: Type.Optional(
      Type.String({ maxLength: 1024, description: 'Their password.', examples: ['correct horse'] }),
    ),
    from: Type.String({
      minLength: 3,
      maxLength: 400,
      description: 'The sender: an address, or a name and an address.',
      examples: ['Acme <no-reply@acme.example>'],
    }),
    connections: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 50,
        default: 5,
        description: 'Connections kept open; each carries one message at a time.',
        examples: [5],
      }),
    ),
  },
  { additionalProperties: false },
)

export type SmtpSettings = Static<typeof SmtpSettings>

export function smtpProblems(settings: SmtpSettings, allowed: AllowedAddresses): SettingsProblem[] {
  const problems: SettingsProblem[] = []
  if (isIP(settings.host) !== 0 && !isRelayAllowed(settings.host, allowed)) {
    const detail = 'is no address of a mail server; BELFRY_ALLOW_PRIVATE_ADDRESSES can allow it'
    problems.push({ pointer: '/host', code: 'address_not_allowed', detail })
  }
  if (!readSender(settings.from)) {
    const detail = 'must be an address, or a name and an address: Acme <no-reply@acme.example>'
    problems.push({ pointer: '/from', code: 'invalid_email', detail })
  }
  const { user, password } = settings
  if ((user === undefined) !== (password === undefined)) {
    const detail = 'user and password go together'
    problems.push({ pointer: '/password', code: 'incomplete_credentials', detail })
  }
  if (user !== undefined && tlsMode(settings) === 'if_offered') {
    const detail = 'a password is only sent over an encrypted connection: leave this true'
    problems.push({ pointer: '/require_tls', code: 'tls_required', detail })
  }
  return problems
}

/** The sender that `from` names; null when it names none, or more than one. */
export function readSender(from: string): Sender | null {
  const match = /^(?:"?([^"<>]*?)"?\s*<([^<>]+)>|([^<>\s]+))$/.exec(from.trim())
  const name = match?.[1]?.trim() ?? ''
  const address = match?.[2] ?? match?.[3] ?? ''
  if (hasControls(name) || emailProblem(address)) return null
  return { name, address: asciiEmail(address) }
}

// The whole of an attempt is bounded by its signal (150 s). RFC 5321 grants a server minutes between
// the end of a message and its answer; giving up earlier makes duplicates.
export const connectionTimeout = 20_000
const greetingTimeout = 30_000
const socketTimeout = 140_000
const dnsTimeout = 10_000

export function poolOptions(settings: SmtpSettings): SMTPPoolOptions {
  const { host, port, user, password, connections = 5 } = settings
  const mode = tlsMode(settings)
  return {
    host,
    ...(port === undefined ? {} : { port }),
    secure: mode === 'from_start',
    requireTLS: mode === 'required',
    ignoreTLS: mode === 'none',
    tls: { minVersion: 'TLSv1.2' },
    ...(user === undefined ? {} : { auth: { user, pass: password } }),
    maxConnections: connections,
    // Each renewal of a connection costs a pause of 100 ms; servers that want fewer messages on
    // one answer 421 before the next message, which moves it to another connection.
    maxMessages: 1_000,
    // Only messages of which not a byte was sent are put back.
    maxRequeues: 1,
    connectionTimeout,
    greetingTimeout,
    socketTimeout,
    dnsTimeout,
  }
}

function tlsMode(settings: SmtpSettings): 'from_start' | 'required' | 'if_offered' | 'none' {
  const { host, port, secure = port === 465, require_tls } = settings
  if (secure) return 'from_start'
  const isLocal = /^(localhost|127(\.\d{1,3}){3}|::1)$/i.test(host)
  if (require_tls ?? !isLocal) return 'required'
  // Nobody listens in between on this machine, and its certificate would be one nobody signed.
  return isLocal ? 'none' : 'if_offered'
}
