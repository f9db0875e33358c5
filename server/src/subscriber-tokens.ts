// Tokens for one subscriber, for use in a browser or an app: JWTs that live for minutes and reach only
// what is below /me. The customer's own server asks for them with a secret key.

import { isApiVersion, newestApiVersion, type ApiVersion } from './domain/api-version.ts'

/** A subscriber of a workspace, and the version of the API that is spoken with them. */
export type TokenOwner = { workspaceId: number; subscriberId: string; apiVersion: ApiVersion }

export type SubscriberTokens = {
  /** `now` and `lifeMs` in whole seconds, as the standard has it. */
  mint(owner: TokenOwner, now: Date, lifeMs: number): Promise<string>
  /** Whose token this is, and how long it is taken; null for any that we have not made for this use, or that is over. */
  read(token: string, now: Date): Promise<(TokenOwner & { expiresAt: Date }) | null>
}

const audience = 'inbox'
const keyId = '1'
const leewaySeconds = 30 // clocks differ
const longestToken = 4_096

export function createSubscriberTokens(key: Uint8Array): SubscriberTokens {
  // Loaded when the first token is: most processes never see one.
  const load = () => import('jose')

  return {
    async mint({ workspaceId, subscriberId, apiVersion }, now, lifeMs) {
      const { SignJWT } = await load()
      const issuedAt = Math.floor(now.getTime() / 1_000)
      return new SignJWT({ workspace: workspaceId, version: apiVersion })
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid: keyId })
        .setSubject(subscriberId)
        .setAudience(audience)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + Math.floor(lifeMs / 1_000))
        .sign(key)
    },
    async read(token, now) {
      if (token.length > longestToken) return null
      const { jwtVerify, errors } = await load()
      try {
        const { payload, protectedHeader } = await jwtVerify(token, key, {
          algorithms: ['HS256'],
          audience,
          requiredClaims: ['sub', 'exp', 'iat', 'workspace'],
          clockTolerance: leewaySeconds,
          currentDate: now,
        })
        const { sub, workspace, version, exp } = payload
        if (protectedHeader.kid !== keyId || !Number.isInteger(workspace)) return null
        const expiresAt = new Date((exp! + leewaySeconds) * 1_000)
        const apiVersion = isApiVersion(version) ? version : newestApiVersion
        return { workspaceId: workspace as number, subscriberId: sub!, apiVersion, expiresAt }
      } catch (error) {
        if (error instanceof errors.JOSEError || error instanceof TypeError) return null
        throw error
      }
    },
  }
}
