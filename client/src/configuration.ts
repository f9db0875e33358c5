// What is said, how, and who may ask: event types, templates and what they share, providers, sources, hooks and keys.
import type { Call, CallOptions } from './call.ts'
import { createList } from './pages.ts'
import type { Operations } from './schema.ts'

/** `locale` is a BCP 47 tag, or `default`. */
export type TemplateKey = Operations['getTemplate']['path']

export function createConfiguration(call: Call) {
  return {
    eventTypes: createEventTypes(call),
    templates: createTemplates(call),
    layouts: createLayouts(call),
    partials: createPartials(call),
    translations: createTranslations(call),
    providers: createProviders(call),
    sources: createSources(call),
    schedules: createSchedules(call),
    hooks: createHooks(call),
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
    version: (key: TemplateKey, version: number, options?: CallOptions) =>
      call('getTemplateVersion', { path: { ...key, version } }, options),
    /** The content of that version becomes the newest one. */
    restore: (key: TemplateKey, version: number, options?: CallOptions) =>
      call('restoreTemplate', { path: { ...key, version } }, options),
    /** Its versions stay. */
    delete: (key: TemplateKey, options?: CallOptions) =>
      call('deleteTemplate', { path: key }, options),
    /** What it would look like. Nothing is stored or sent. */
    preview: (preview: Operations['previewTemplate']['body'], options?: CallOptions) =>
      call('previewTemplate', { body: preview }, options),
  }
}

function createLayouts(call: Call) {
  return {
    /** HTML with a place for `{{ content }}`. A change makes a new version. */
    put: (name: string, layout: Operations['putLayout']['body'], options?: CallOptions) =>
      call('putLayout', { path: { name }, body: layout }, options),
    get: (name: string, options?: CallOptions) => call('getLayout', { path: { name } }, options),
    list: (query: Operations['listLayouts']['query'] = {}, options?: CallOptions) =>
      createList(call, 'listLayouts', { query }, options),
    /** Newest first. */
    versions: (
      name: string,
      query: Operations['listLayoutVersions']['query'] = {},
      options?: CallOptions,
    ) => createList(call, 'listLayoutVersions', { path: { name }, query }, options),
    restore: (name: string, version: number, options?: CallOptions) =>
      call('restoreLayout', { path: { name, version } }, options),
    delete: (name: string, options?: CallOptions) =>
      call('deleteLayout', { path: { name } }, options),
  }
}

function createPartials(call: Call) {
  return {
    /** A piece of text for `{% render "name" %}`. A change makes a new version. */
    put: (name: string, partial: Operations['putPartial']['body'], options?: CallOptions) =>
      call('putPartial', { path: { name }, body: partial }, options),
    get: (name: string, options?: CallOptions) => call('getPartial', { path: { name } }, options),
    list: (query: Operations['listPartials']['query'] = {}, options?: CallOptions) =>
      createList(call, 'listPartials', { query }, options),
    /** Newest first. */
    versions: (
      name: string,
      query: Operations['listPartialVersions']['query'] = {},
      options?: CallOptions,
    ) => createList(call, 'listPartialVersions', { path: { name }, query }, options),
    restore: (name: string, version: number, options?: CallOptions) =>
      call('restorePartial', { path: { name, version } }, options),
    delete: (name: string, options?: CallOptions) =>
      call('deletePartial', { path: { name } }, options),
  }
}

function createTranslations(call: Call) {
  return {
    /** All messages of a language. A change makes a new version. */
    put: (locale: string, bundle: Operations['putTranslations']['body'], options?: CallOptions) =>
      call('putTranslations', { path: { locale }, body: bundle }, options),
    get: (locale: string, options?: CallOptions) =>
      call('getTranslations', { path: { locale } }, options),
    list: (query: Operations['listAllTranslations']['query'] = {}, options?: CallOptions) =>
      createList(call, 'listAllTranslations', { query }, options),
    /** Newest first. */
    versions: (
      locale: string,
      query: Operations['listTranslationsVersions']['query'] = {},
      options?: CallOptions,
    ) => createList(call, 'listTranslationsVersions', { path: { locale }, query }, options),
    restore: (locale: string, version: number, options?: CallOptions) =>
      call('restoreTranslations', { path: { locale, version } }, options),
    delete: (locale: string, options?: CallOptions) =>
      call('deleteTranslations', { path: { locale } }, options),
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
    /** It gets nothing until it is resumed: what is due goes to the next one of its channel, or waits. */
    pause: (id: string, body: { reason?: string } = {}, options?: CallOptions) =>
      call('pauseProvider', { path: { id }, body }, options),
    /** It gets everything again, whether a person or its breaker has paused it. */
    resume: (id: string, options?: CallOptions) =>
      call('resumeProvider', { path: { id } }, options),
    /** One that its breaker has paused is tried now. */
    probe: (id: string, options?: CallOptions) => call('probeProvider', { path: { id } }, options),
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
    /** What it would make of a body, and answer. Nothing is stored. */
    test: (key: string, request: Operations['testSource']['body'], options?: CallOptions) =>
      call('testSource', { path: { key }, body: request }, options),
    /** What it got lately and what became of it, newest first. */
    requests: (
      key: string,
      query: Operations['listSourceRequests']['query'] = {},
      options?: CallOptions,
    ) => createList(call, 'listSourceRequests', { path: { key }, query }, options),
  }
}

function createSchedules(call: Call) {
  return {
    /** The whole definition: what is left out gets its default. Answers when it comes next. */
    put: (key: string, definition: Operations['putSchedule']['body'], options?: CallOptions) =>
      call('putSchedule', { path: { key }, body: definition }, options),
    /** With what has come of it. */
    get: (key: string, options?: CallOptions) => call('getSchedule', { path: { key } }, options),
    list: (query: Operations['listSchedules']['query'] = {}, options?: CallOptions) =>
      createList(call, 'listSchedules', { query }, options),
    /** Nothing comes of it after the answer. */
    pause: (key: string, options?: CallOptions) =>
      call('pauseSchedule', { path: { key } }, options),
    resume: (key: string, options?: CallOptions) =>
      call('resumeSchedule', { path: { key } }, options),
    /** Once, now, for everybody. */
    run: (key: string, options?: CallOptions) => call('runSchedule', { path: { key } }, options),
    delete: (key: string, options?: CallOptions) =>
      call('deleteSchedule', { path: { key } }, options),
  }
}

function createHooks(call: Call) {
  return {
    /** Its secret is in the answer and nowhere else. */
    create: (hook: Operations['createHook']['body'], options?: CallOptions) =>
      call('createHook', { body: hook }, options),
    get: (id: string, options?: CallOptions) => call('getHook', { path: { id } }, options),
    change: (id: string, changes: Operations['patchHook']['body'], options?: CallOptions) =>
      call('patchHook', { path: { id }, body: changes }, options),
    delete: (id: string, options?: CallOptions) => call('deleteHook', { path: { id } }, options),
    list: (query: Operations['listHooks']['query'] = {}, options?: CallOptions) =>
      createList(call, 'listHooks', { query }, options),
    /** Another secret; the old one signs, too, until `overlap` is over. */
    rotate: (id: string, body: Operations['rotateHook']['body'] = null, options?: CallOptions) =>
      call('rotateHook', { path: { id }, body }, options),
    /** Tells again, under the old ids: one message, or all of a range that have ended. */
    replay: (id: string, range: Operations['replayHook']['body'], options?: CallOptions) =>
      call('replayHook', { path: { id }, body: range }, options),
    /** Calls it once, now, and says what it answered. */
    test: (id: string, options?: CallOptions) => call('testHook', { path: { id } }, options),
    /** Newest first. */
    attempts: (
      id: string,
      query: Operations['listHookAttempts']['query'] = {},
      options?: CallOptions,
    ) => createList(call, 'listHookAttempts', { path: { id }, query }, options),
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
