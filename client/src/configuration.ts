// What is said, how, and who may ask: event types, templates, providers, sources and keys.
import type { Call, CallOptions } from './call.ts'
import { createList } from './pages.ts'
import type { Operations } from './schema.ts'

/** `locale` is a BCP 47 tag, or `default`. */
export type TemplateKey = Operations['getTemplate']['path']

export function createConfiguration(call: Call) {
  return {
    eventTypes: createEventTypes(call),
    templates: createTemplates(call),
    providers: createProviders(call),
    sources: createSources(call),
    keys: createKeys(call),
  }
}

function createEventTypes(call: Call) {
  return {
    /** The whole definition: what is left out gets its default. A change makes a new version. */
    put: (key: string, definition: Operations['putEventType']['body'], options?: CallOptions) =>
      call('putEventType', { path: { key }, body: definition }, options),
    get: (key: string, options?: CallOptions) => call('getEventType', { path: { key } }, options),
    /** Refuses new events. What is under way goes on, what happened stays; `put` brings it back. */
    delete: (key: string, options?: CallOptions) =>
      call('deleteEventType', { path: { key } }, options),
    list: (query: Operations['listEventTypes']['query'] = {}, options?: CallOptions) =>
      createList(call, 'listEventTypes', { query }, options),
    /** Newest first. */
    versions: (
      key: string,
      query: Operations['listEventTypeVersions']['query'] = {},
      options?: CallOptions,
    ) => createList(call, 'listEventTypeVersions', { path: { key }, query }, options),
  }
}

function createTemplates(call: Call) {
  return {
    /** The whole template. A change makes a new version. */
    put: (key: TemplateKey, content: Operations['putTemplate']['body'], options?: CallOptions) =>
      call('putTemplate', { path: key, body: content }, options),
    get: (key: TemplateKey, options?: CallOptions) => call('getTemplate', { path: key }, options),
    list: (query: Operations['listTemplates']['query'] = {}, options?: CallOptions) =>
      createList(call, 'listTemplates', { query }, options),
    /** Newest first. */
    versions: (
      key: TemplateKey,
      query: Operations['listTemplateVersions']['query'] = {},
      options?: CallOptions,
    ) => createList(call, 'listTemplateVersions', { path: key, query }, options),
  }
}

function createProviders(call: Call) {
  return {
    create: (provider: Operations['createProvider']['body'], options?: CallOptions) =>
      call('createProvider', { body: provider }, options),
    update: (id: string, fields: Operations['patchProvider']['body'], options?: CallOptions) =>
      call('patchProvider', { path: { id }, body: fields }, options),
    get: (id: string, options?: CallOptions) => call('getProvider', { path: { id } }, options),
    list: (query: Operations['listProviders']['query'] = {}, options?: CallOptions) =>
      createList(call, 'listProviders', { query }, options),
    delete: (id: string, options?: CallOptions) =>
      call('deleteProvider', { path: { id } }, options),
    /** Whether it works; with `to`, by sending one real message there. */
    test: (id: string, message: { to?: string } = {}, options?: CallOptions) =>
      call('testProvider', { path: { id }, body: message }, options),
    /** Which kinds there are, and the JSON Schema of the settings of each. */
    kinds: (options?: CallOptions) => call('listProviderKinds', {}, options),
  }
}

function createSources(call: Call) {
  return {
    /** The whole definition. Secrets that are left out stay as they were. */
    put: (key: string, definition: Operations['putSource']['body'], options?: CallOptions) =>
      call('putSource', { path: { key }, body: definition }, options),
    get: (key: string, options?: CallOptions) => call('getSource', { path: { key } }, options),
    list: (query: Operations['listSources']['query'] = {}, options?: CallOptions) =>
      createList(call, 'listSources', { query }, options),
    delete: (key: string, options?: CallOptions) =>
      call('deleteSource', { path: { key } }, options),
  }
}

function createKeys(call: Call) {
  return {
    /** The answer has the key itself. It is never shown again. */
    create: (key: Operations['createKey']['body'], options?: CallOptions) =>
      call('createKey', { body: key }, options),
    /** Revoked ones included. */
    list: (query: Operations['listKeys']['query'] = {}, options?: CallOptions) =>
      createList(call, 'listKeys', { query }, options),
    /** At once, everywhere. */
    revoke: (id: string, options?: CallOptions) => call('revokeKey', { path: { id } }, options),
  }
}
