// What codes and reasons mean, for the trace.

/** Codes of attempts that never came to a conversation. */
export const unreachable: ReadonlySet<string> = new Set([
  'aborted',
  'bad_certificate',
  'blocked_address',
  'connect_failed',
  'connection_lost',
  'connection_refused',
  'dns_failed',
  'timeout',
  'tls_failed',
])

export const whyHeld: Record<string, string> = {
  provider_paused:
    'its provider is paused, and no other one can take it; it goes on as soon as one can',
  rate_limited:
    'its channel or its provider has as much as it may be given; it goes on when it is its turn',
}

export const whyEnded: Record<string, string> = {
  cancelled: 'it was cancelled before an attempt began',
  answered: 'somebody answered before an attempt began',
  superseded: 'a newer message of its thread came before an attempt began',
  expired: 'its time was over before an attempt could begin',
  no_provider: 'no provider is configured for the channel',
  no_provider_for_device: 'no provider of the channel carries this kind of device',
  provider_gone:
    'the provider that may have taken it is there no more, and another one would send it twice',
}
