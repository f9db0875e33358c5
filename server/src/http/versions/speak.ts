// Which version of the API a request speaks, and that it is answered in the same: what `Belfry-Version` asks
// for, or else the version its key is pinned to, or else the newest.
import type { IncomingMessage } from 'node:http'
import type {
  preSerializationHookHandler,
  preValidationHookHandler,
  FastifyRequest,
  RouteOptions,
} from 'fastify'
import {
  apiVersions,
  deprecationOf,
  isApiVersion,
  newestApiVersion,
  type ApiVersion,
} from '../../domain/api-version.ts'
import { ApiError } from '../../errors.ts'
import type { App } from '../app.ts'
import type { Change, Translation } from './change.ts'

declare module 'fastify' {
  // Only an interface can be added to.
  // oxlint-disable-next-line typescript/consistent-type-definitions
  interface FastifyRequest {
    /** Null until somebody has said it: read it with `versionOf`. */
    apiVersion: ApiVersion | null
  }
}

export function versionOf({ apiVersion }: Pick<FastifyRequest, 'apiVersion'>): ApiVersion {
  return apiVersion ?? newestApiVersion
}

export function speakVersions(app: App): void {
  app.decorateRequest('apiVersion', null)
  app.addHook('onRequest', (request, _reply, done) => {
    try {
      request.apiVersion = askedVersion(request)
      done()
    } catch (error) {
      done(error as ApiError) // nothing else is thrown there
    }
  })
  app.addHook('onSend', (request, reply, payload, done) => {
    reply.headers(versionHeaders(versionOf(request)))
    done(null, payload)
  })
}

/**
 * The version that a request asks for by its header; null when it leaves that open.
 *
 * @throws ApiError `unknown_version`.
 */
export function askedVersion({ headers }: Pick<IncomingMessage, 'headers'>): ApiVersion | null {
  const asked = headers['belfry-version']
  if (asked === undefined) return null
  if (!isApiVersion(asked)) throw unknownVersion()
  return asked
}

const headersOf = new Map(apiVersions.map((version) => [version, makeHeaders(version)]))

/**
 * What an answer says of the version it is in. Of an old one also since when it is old (RFC 9745) and
 * until when it is answered (RFC 8594).
 */
export function versionHeaders(version: ApiVersion): Record<string, string> {
  return headersOf.get(version)!
}

function makeHeaders(version: ApiVersion): Record<string, string> {
  const said = { 'belfry-version': version }
  const deprecation = deprecationOf(version)
  if (deprecation === null) return said
  return {
    ...said,
    deprecation: `@${deprecation.since.getTime() / 1_000}`,
    sunset: deprecation.until.toUTCString(),
    link: `</docs/versions>; rel="deprecation"; type="text/html"`,
  }
}

function unknownVersion(): ApiError {
  const [newest, ...older] = apiVersions
  const detail = `must be the date of a version: ${newest} (the newest), ${older.join(', ')}.`
  return new ApiError('unknown_version', {
    errors: [{ pointer: 'Belfry-Version', detail }],
    extra: { versions: apiVersions },
  })
}

/** An `onRoute` hook: bodies and answers of older versions are translated where a change is about the route. */
export function translateVersions(changes: readonly Change[]) {
  return (route: RouteOptions): void => {
    const own = changes.flatMap(({ version, operations }): Step[] => {
      const translation = operations[route.schema?.operationId ?? '']
      return translation ? [{ version, ...translation }] : []
    })
    if (own.length === 0) return
    route.preValidation = [upgradeBodies(own), ...listOf(route.preValidation)]
    route.preSerialization = [...listOf(route.preSerialization), downgradeAnswers(own)]
  }
}

type Step = Translation & { version: ApiVersion }

function upgradeBodies(newestFirst: Step[]): preValidationHookHandler {
  const steps = newestFirst.toReversed()
  return (request, _reply, done) => {
    const spoken = versionOf(request)
    for (const { version, upgradeBody } of steps)
      if (upgradeBody && version > spoken) request.body = upgradeBody(request.body)
    done()
  }
}

function downgradeAnswers(newestFirst: Step[]): preSerializationHookHandler {
  return (request, _reply, payload, done) => {
    const spoken = versionOf(request)
    let answer: unknown = payload
    for (const { version, downgradeAnswer } of newestFirst)
      if (downgradeAnswer && version > spoken) answer = downgradeAnswer(answer)
    done(null, answer)
  }
}

function listOf<Item>(given: Item | Item[] | undefined): Item[] {
  return given === undefined ? [] : ([given].flat() as Item[])
}
