// The contract as a document: OpenAPI 3.1, generated from the schemas of the routes.
import { fastifySwagger } from '@fastify/swagger'
import { fastifySwaggerUi } from '@fastify/swagger-ui'
import type { FastifySchema, RouteOptions } from 'fastify'
import type { Context } from '../context.ts'
import { apiVersions, newestApiVersion } from '../domain/api-version.ts'
import type { App } from './app.ts'
import { ProblemBody } from './problem.ts'
import { closed } from './validation.ts'

const tags = [
  { name: 'Trigger', description: 'Say what happened, or send a message.' },
  { name: 'Recur', description: 'Say it again and again, at its time.' },
  { name: 'Follow', description: 'What became of it.' },
  { name: 'Audience', description: 'Who can be told.' },
  { name: 'Me', description: 'What a subscriber sees and does with a token of their own.' },
  { name: 'Hooks', description: 'Who is told what became of it, by webhook.' },
  { name: 'Configure', description: 'What is said, how, and who may ask.' },
  { name: 'Watch', description: 'How the system is doing.' },
]

const contentSecurityPolicy = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self' 'unsafe-inline'",
  'img-src': "'self' data:",
  'connect-src': "'self'",
  'frame-ancestors': "'none'",
  'base-uri': "'none'",
  'form-action': "'self'",
}

export function takeOpenApi(app: App, { version }: Context): void {
  app.addSchema({ ...ProblemBody, $id: 'Problem' })
  app.register(fastifySwagger, {
    transformObject: withVersions,
    transform: ({ schema, url, route }) => ({ schema: withOtherBodies(schema, route), url }),
    refResolver: {
      buildLocalReference: (schema) => schema.$id as string,
    },
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Belfry',
        version,
        description:
          'Say what happened; Belfry decides who hears about it, when and how. This describes version ' +
          `${newestApiVersion} of the API; /docs/versions tells of older ones.`,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      tags,
      components: {
        securitySchemes: {
          token: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'JWT',
            description: 'The token of a subscriber, from `POST /subscribers/{id}/token`.',
          },
          key: { type: 'http', scheme: 'bearer', description: 'A secret key: `bf_sk_…`.' },
        },
      },
    },
  })
  app.register(fastifySwaggerUi, {
    routePrefix: '/docs',
    staticCSP: contentSecurityPolicy,
    uiConfig: { persistAuthorization: true, tryItOutEnabled: true, deepLinking: true },
    theme: { title: 'Belfry API' },
  })
}

const versionParameter = {
  in: 'header',
  name: 'Belfry-Version',
  description:
    'The version of the API to speak, instead of the one that the key is pinned to since its first ' +
    'use. Every answer says in which it is.',
  schema: { type: 'string', enum: [...apiVersions], default: newestApiVersion },
} as const

/** Every operation takes the header. */
function withVersions(described: object): object {
  // Ours alone: the plugin makes it from the options above.
  const document = (described as { openapiObject: OpenApiDocument }).openapiObject
  const parameter = { $ref: '#/components/parameters/Version' }
  for (const methods of Object.values(document.paths))
    for (const operation of Object.values(methods))
      operation.parameters = [...(operation.parameters ?? []), parameter]
  const components = { ...document.components, parameters: { Version: versionParameter } }
  return { ...document, components }
}

type OpenApiDocument = {
  paths: Record<string, Record<string, { parameters?: object[] }>>
  components: object
}

/** The schema of a route with the bodies that others on its path take. */
function withOtherBodies(schema: FastifySchema, { config }: RouteOptions): FastifySchema {
  if (!config?.alsoDescribes) return schema
  const bodies = { 'application/json': schema.body, ...config.alsoDescribes }
  const content = Object.entries(bodies).map(([type, schema]) => [type, { schema }])
  return { ...schema, body: { content: Object.fromEntries(content) as object } }
}

/**
 * An `onRoute` hook: gives each route what all have in common. Fields and query parameters that its
 * schema does not name are refused, it answers problem documents, and it needs a key.
 */
export function describeRoute(route: RouteOptions): void {
  const schema: FastifySchema = route.schema ?? {}
  const problem = (description: string) => ({
    description,
    content: { 'application/problem+json': { schema: { $ref: 'Problem#' } } },
  })
  route.schema = {
    ...schema,
    querystring: closed(schema.querystring ?? { type: 'object', properties: {} }),
    ...(schema.body !== undefined && { body: closed(schema.body) }),
    security: securityOf(route),
    description: describe(route, schema.description),
    response: {
      ...(schema.response as object),
      '4xx': problem('The request was refused: `code` tells why.'),
      '5xx': problem('It could not be done now; with an `Idempotency-Key`, trying again is safe.'),
    },
  }
}

function securityOf({ config }: RouteOptions): Record<string, string[]>[] {
  if (config?.scope === 'public') return []
  return config?.scope === 'me' ? [{ token: [] }] : [{ key: [] }]
}

function describe({ config }: RouteOptions, description = ''): string {
  const scope = config?.scope
  const needs =
    scope === undefined || scope === 'public'
      ? 'Needs no key.'
      : scope === 'me'
        ? 'Needs a token of the subscriber.'
        : `Scope: \`${scope}\`.`
  return [description, needs].filter(Boolean).join('\n\n')
}
