// What people want to hear, and on which channels.
import type { Call, CallOptions } from './call.ts'
import { createList } from './pages.ts'
import type { Operations } from './schema.ts'

export function createPreferences(call: Call) {
  return {
    preferences: {
      get: (subscriberId: string, options?: CallOptions) =>
        call('getPreferences', { path: { subscriber_id: subscriberId } }, options),
      /** Fields that are absent stay as they are; null removes. Holds for all that begins afterwards. */
      update: (
        subscriberId: string,
        fields: Operations['patchPreferences']['body'],
        options?: CallOptions,
      ) =>
        call('patchPreferences', { path: { subscriber_id: subscriberId }, body: fields }, options),
      /** `STANDARD`: everything. `CRITICAL`: only critical events. */
      setLevel: (subscriberId: string, level: string, options?: CallOptions) =>
        call('putPreferences', { body: { user_id: subscriberId, level } }, options),
      /** Newest first. */
      changes: (
        subscriberId: string,
        query: Operations['listPreferenceChanges']['query'] = {},
        options?: CallOptions,
      ) =>
        createList(
          call,
          'listPreferenceChanges',
          { path: { subscriber_id: subscriberId }, query },
          options,
        ),
      /** What holds for everybody who has said nothing about it. */
      defaults: {
        get: (options?: CallOptions) => call('getPreferenceDefaults', {}, options),
        put: (defaults: Operations['putPreferenceDefaults']['body'], options?: CallOptions) =>
          call('putPreferenceDefaults', { body: defaults }, options),
      },
    },

    subscriptions: {
      get: (id: string, eventType: string, options?: CallOptions) =>
        call('getSubscription', { path: { id, event_type: eventType } }, options),
      subscribe: (id: string, eventType: string, options?: CallOptions) =>
        call('putSubscription', { path: { id, event_type: eventType } }, options),
      unsubscribe: (id: string, eventType: string, options?: CallOptions) =>
        call('deleteSubscription', { path: { id, event_type: eventType } }, options),
    },
  }
}
