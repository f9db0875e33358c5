// The HTTP door: one Fastify instance, and the list of everything that can be asked of it.
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import {
  fastify,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyTypeProvider,
} from 'fastify'
import type { Static, TSchema } from 'typebox'
import type { Context } from '../context.ts'
import { newestApiVersion } from '../domain/api-version.ts'
import { createRecentRequests } from '../pipeline/recent-requests.ts'
import { acknowledgeRoutes } from './acknowledge.ts'
import { actRoutes } from './acts.ts'
import {
  authenticationHook,
  createAuthentication,
  createKeyReader,
  decorateRequests,
  requireScope,
} from './auth.ts'
import { bodyLimit, takeBodies } from './bodies.ts'
import { catalogRoutes } from './catalog.ts'
import { channelRoutes } from './channels.ts'
import { clockRoutes } from './clock.ts'
import { cloudEventConstraint, cloudEventRoutes } from './cloud-events.ts'
import { answerOtherOrigins } from './cors.ts'
import { docsRoutes } from './docs.ts'
import { embedRoutes } from './embed.ts'
import { eventTypeRoutes } from './event-types.ts'
import { eventBatchRoutes } from './event-batch.ts'
import { eventRoutes } from './events.ts'
import { explainRoutes } from './explain.ts'
import { feedRoutes } from './feed.ts'
import { healthRoutes } from './health.ts'
import { hookActRoutes } from './hook-acts.ts'
import { hookRoutes } from './hooks.ts'
import { keyRoutes } from './keys.ts'
import { linkRoutes } from './links.ts'
import { meRoutes } from './me.ts'
import { metricsRoutes } from './metrics.ts'
import { answerUnknownPaths } from './not-found.ts'
import { notificationRoutes } from './notifications.ts'
import { describeRoute, takeOpenApi } from './openapi.ts'
import { preferenceFormRoutes } from './preference-form.ts'
import { preferenceRoutes } from './preferences.ts'
import { answerMalformed, createErrorHandler } from './problem.ts'
import { privacyRoutes } from './privacy.ts'
import { providerKindRoutes } from './provider-kinds.ts'
import { providerActRoutes } from './provider-acts.ts'
import { providerTestRoutes } from './provider-test.ts'
import { providerRoutes } from './providers.ts'
import { receiptRoutes } from './receipts.ts'
import { replayRoutes } from './replays.ts'
import { requestIdOf, watchRequests } from './requests.ts'
import { sandboxRoutes } from './sandbox.ts'
import { scheduleRoutes } from './schedules.ts'
import { sourceRequestRoutes } from './source-requests.ts'
import { sourceTestRoutes } from './source-test.ts'
import { sourceRoutes } from './sources.ts'
import { statsRoutes } from './stats.ts'
import { isSocketRequest } from './stream-sockets.ts'
import { streamRoutes } from './streams.ts'
import { subscriberTokenRoutes } from './subscriber-token.ts'
import { subscriberRoutes } from './subscribers.ts'
import { subscriptionRoutes } from './subscriptions.ts'
import { accountLinkRoutes } from './account-links.ts'
import { suppressionRoutes } from './suppressions.ts'
import { templatePartRoutes } from './template-parts.ts'
import { templatePreviewRoutes } from './template-preview.ts'
import { templateVersionRoutes } from './template-versions.ts'
import { templateRoutes } from './templates.ts'
import { topicRoutes } from './topics.ts'
import { createValidatorCompiler, schemaErrorFormatter } from './validation.ts'
import { changes } from './versions/changes.ts'
import { speakVersions, translateVersions, versionHeaders } from './versions/speak.ts'
import { webhookRoutes } from './webhooks.ts'
import { workerRoutes } from './workers.ts'

/**
 * Requests have the types of their schemas. Answers have any: a Date becomes a text on its way out, so
 * the contract test compares answers with their schemas as they arrive.
 */
// Only an interface can refer to `this`.
// oxlint-disable-next-line typescript/consistent-type-definitions
interface SchemaTypes extends FastifyTypeProvider {
  validator: this['schema'] extends TSchema ? Static<this['schema']> : unknown
  serializer: unknown
}

export type App = FastifyInstance<
  Server,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  SchemaTypes
>

// A path segment of 255 characters, each of them up to twelve when URL-encoded.
const maxParamLength = 4_000
const routerOptions = {
  ignoreTrailingSlash: true,
  maxParamLength,
  constraints: { cloudEvent: cloudEventConstraint },
}

const http = {
  headersTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16 * 1024,
  shouldUpgradeCallback: isSocketRequest,
}

export function createApp(ctx: Context): App {
  const answerError = createErrorHandler(ctx.log)
  const app: App = fastify({
    bodyLimit,
    requestTimeout: 30_000,
    http,
    routerOptions,
    genReqId: requestIdOf,
    requestIdHeader: false,
    logger: false, // the log has what `watchRequests` puts there: a line per request costs too much
    // No hook sees these requests.
    frameworkErrors: (error, request, reply) =>
      void answerError(error, request, reply.headers(versionHeaders(newestApiVersion))),
    clientErrorHandler: answerMalformed,
    schemaErrorFormatter,
  })
  app.setValidatorCompiler(createValidatorCompiler())
  // JSON.stringify is as fast as generated serializers, and nothing has to be generated at start.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data))
  app.setErrorHandler(answerError)
  decorateRequests(app)
  takeBodies(app)
  watchRequests(app, ctx)
  speakVersions(app)
  answerUnknownPaths(app)
  answerOtherOrigins(app)
  takeOpenApi(app, ctx)

  app.register((api: App, _options, done) => {
    registerRoutes(api, ctx)
    done()
  })
  return app
}

function registerRoutes(api: App, ctx: Context): void {
  api.addHook('onRoute', requireScope)
  api.addHook('onRoute', translateVersions(changes))
  api.addHook('onRoute', describeRoute)
  const readKey = createKeyReader(ctx)
  const authenticate = createAuthentication(readKey)
  const recent = createRecentRequests(ctx)
  api.addHook('onClose', () => recent.flush())
  api.addHook('onRequest', authenticationHook(ctx, authenticate))

  actRoutes(api, ctx)
  acknowledgeRoutes(api, ctx)
  eventRoutes(api, ctx)
  eventBatchRoutes(api, ctx)
  cloudEventRoutes(api, ctx)
  replayRoutes(api, ctx)
  notificationRoutes(api, ctx)
  explainRoutes(api, ctx)
  feedRoutes(api, ctx)
  privacyRoutes(api, ctx)
  subscriberRoutes(api, ctx)
  subscriptionRoutes(api, ctx)
  accountLinkRoutes(api, ctx)
  suppressionRoutes(api, ctx)
  preferenceRoutes(api, ctx)
  subscriberTokenRoutes(api, ctx)
  meRoutes(api, ctx)
  preferenceFormRoutes(api, ctx)
  streamRoutes(api, ctx, readKey)
  linkRoutes(api, ctx)
  topicRoutes(api, ctx)
  eventTypeRoutes(api, ctx)
  templateRoutes(api, ctx)
  templateVersionRoutes(api, ctx)
  templatePreviewRoutes(api, ctx)
  templatePartRoutes(api, ctx)
  providerKindRoutes(api)
  providerRoutes(api, ctx)
  providerTestRoutes(api, ctx)
  providerActRoutes(api, ctx)
  hookRoutes(api, ctx)
  hookActRoutes(api, ctx)
  scheduleRoutes(api, ctx)
  sourceRoutes(api, ctx)
  webhookRoutes(api, ctx, { authenticate, recent })
  receiptRoutes(api, ctx)
  sourceTestRoutes(api, ctx)
  sourceRequestRoutes(api, ctx, recent)
  catalogRoutes(api, ctx)
  keyRoutes(api, ctx)
  sandboxRoutes(api, ctx)
  statsRoutes(api, ctx)
  clockRoutes(api, ctx)
  workerRoutes(api, ctx)
  channelRoutes(api, ctx)
  metricsRoutes(api, ctx)
  healthRoutes(api, ctx)
  docsRoutes(api)
  embedRoutes(api)
}
