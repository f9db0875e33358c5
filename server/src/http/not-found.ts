// Answers for paths that lead nowhere, and for methods that a path does not have.
import { didYouMean } from '../domain/nearest.ts'
import { ApiError } from '../errors.ts'
import type { App } from './app.ts'
import { pathOf } from './idempotency.ts'

type Known = { methods: Set<string>; segments: string[] }

export function answerUnknownPaths(app: App): void {
  const known = new Map<string, Known>()
  app.addHook('onRoute', ({ url, method }) => {
    const route = known.get(url) ?? { methods: new Set(), segments: url.split('/') }
    for (const name of [method].flat()) route.methods.add(name)
    known.set(url, route)
  })

  app.setNotFoundHandler((request, reply) => {
    const path = pathOf(request)
    const segments = path.split('/')
    const methods = new Set(
      [...known.values()]
        .filter((route) => isMatch(route, segments))
        .flatMap((route) => [...route.methods]),
    )
    // With the method: a file below a wildcard that is not there.
    if (methods.size === 0 || methods.has(request.method)) {
      const paths = [...known.keys()].filter((url) => !url.includes('*'))
      throw new ApiError('not_found', {
        detail: `There is no ${path.slice(0, 200)}.${didYouMean(path, paths)} All paths are in /docs.`,
      })
    }
    const hint = request.method === 'POST' ? creationHint(known, segments) : ''
    const allowed = [...methods].sort().join(', ')
    reply.header('allow', allowed)
    throw new ApiError('method_not_allowed', {
      detail: `${request.method} is not possible here; ${allowed} ${methods.size === 1 ? 'is' : 'are'}.${hint}`,
    })
  })
}

/** Where what somebody wanted to create is created: under the id they give it. */
function creationHint(known: Map<string, Known>, segments: string[]): string {
  for (const [url, route] of known) {
    const isOneOf = route.segments.at(-1)?.startsWith(':') && isMatch(route, [...segments, 'id'])
    if (isOneOf && route.methods.has('PUT'))
      return ` To create one, use PUT ${url.replaceAll(/:(\w+)/g, '{$1}')}.`
  }
  return ''
}

function isMatch({ segments }: Known, given: string[]): boolean {
  if (segments.at(-1) === '*')
    return segments.slice(0, -1).every((segment, i) => segment === given[i])
  return (
    segments.length === given.length &&
    segments.every(
      (segment, i) => segment === given[i] || (segment.startsWith(':') && given[i] !== ''),
    )
  )
}
