// Access tokens of a Google service account: asked for with a signed claim, kept until shortly before they end.
// @see https://developers.google.com/identity/protocols/oauth2/service-account#httprest
import { importPKCS8, SignJWT } from 'jose'
import type { Outcome } from '../../domain/outcome.ts'
import { byStatus, memberText, saidBy, unanswered } from '../http-api.ts'
import type { ProviderContext } from '../provider.ts'

export type ServiceAccount = { clientEmail: string; privateKey: string; tokenUrl: string }

const scope = 'https://www.googleapis.com/auth/firebase.messaging'
const claimSeconds = 3_600 // the longest there is
const spareMs = 5 * 60_000

export type TokenSource = {
  /** A token; or why there is none now. */
  token(signal: AbortSignal): Promise<string | Outcome>
  /** This one was refused: the next message asks for another. */
  drop(token: string): void
}

export function googleTokens(account: ServiceAccount, context: ProviderContext): TokenSource {
  const { outgoing, now } = context
  const { clientEmail, privateKey, tokenUrl } = account
  let kept: { token: string; endsAtMs: number } | null = null
  let asking: Promise<string | Outcome> | null = null

  async function ask(signal: AbortSignal): Promise<string | Outcome> {
    const at = now()
    let assertion: string
    try {
      assertion = await signClaim(account, at)
    } catch {
      const detail = 'private_key is not a private key in PEM (PKCS #8)'
      return { kind: 'retry', code: 'provider_auth', detail }
    }
    const grant = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
    const answer = await outgoing.request({
      method: 'POST',
      url: tokenUrl,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ grant_type: grant, assertion }).toString(),
      signal,
    })
    // Without an answer nobody was told anything: the message has not even been written.
    if (answer.kind !== 'answered') return { ...unanswered(answer), kind: 'retry' } as Outcome
    const said = saidBy(answer, [privateKey, assertion, clientEmail])
    const token = memberText(said.json, 'access_token')
    if (said.status >= 300 || token === undefined) {
      const outcome = byStatus(said, at)
      if (outcome.kind === 'retry' && outcome.code !== 'provider_auth') return outcome
      return { kind: 'retry', code: 'provider_auth', detail: said.detail }
    }
    const seconds = Number(memberText(said.json, 'expires_in') ?? claimSeconds)
    kept = { token, endsAtMs: at.getTime() + seconds * 1_000 - spareMs }
    return token
  }

  return {
    // Many messages at once ask together.
    async token(signal) {
      if (kept && kept.endsAtMs > now().getTime()) return kept.token
      asking ??= ask(signal).finally(() => (asking = null))
      return asking
    },
    drop(token) {
      if (kept?.token === token) kept = null
    },
  }
}

async function signClaim(
  { clientEmail, privateKey, tokenUrl }: ServiceAccount,
  at: Date,
): Promise<string> {
  const seconds = Math.floor(at.getTime() / 1_000)
  return new SignJWT({ scope })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT' })
    .setIssuer(clientEmail)
    .setAudience(tokenUrl)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + claimSeconds)
    .sign(await importPKCS8(privateKey, 'RS256'))
}
