// Which headers of their own people may add to a webhook: all but those that HTTP or Belfry sets.

/** What is wrong with a header, in one sentence; null when it may be sent. */
export function headerProblem(name: string, value: string): string | null {
  if (!tokenPattern.test(name)) return 'not a header name'
  const lower = name.toLowerCase()
  if (reserved.has(lower) || reservedPrefixes.some((prefix) => lower.startsWith(prefix))) {
    return 'this header is set by Belfry or by HTTP itself'
  }
  if (value.length > 4096) return 'longer than 4096 characters'
  // Line breaks would start another header; what is not ASCII arrives differently everywhere.
  if (!/^[\x20-\x7e\t]*$/.test(value)) return 'only printable ASCII characters can be sent'
  return null
}

const tokenPattern = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/

const reserved: ReadonlySet<string> = new Set([
  'accept-encoding',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'cookie',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'te',
  'traceparent',
  'tracestate',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'via',
])

const reservedPrefixes = ['proxy-', 'webhook-', ':']
