import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  attributesIn,
  eventOf,
  extensionProblems,
  modeOf,
  placeIn,
  type CloudEventMode,
} from './cloud-event.ts'

const modes: [string, Record<string, string>, CloudEventMode | undefined][] = [
  ['JSON', { 'content-type': 'application/json' }, undefined],
  ['nothing', {}, undefined],
  ['one', { 'content-type': 'application/cloudevents+json; charset=utf-8' }, 'structured'],
  ['one in capitals', { 'content-type': 'Application/CloudEvents+JSON' }, 'structured'],
  ['one in a form nobody knows', { 'content-type': 'application/cloudevents+avro' }, 'structured'],
  [
    'one, repeated in headers',
    { 'content-type': 'application/cloudevents+json', 'ce-id': '1' },
    'structured',
  ],
  ['many', { 'content-type': 'application/cloudevents-batch+json' }, 'batch'],
  ['headers', { 'content-type': 'application/json', 'ce-specversion': '1.0' }, 'binary'],
  ['one of the headers that are needed', { 'ce-type': 'a' }, 'binary'],
  ['headers that mean something else', { 'ce-ment': 'wet' }, undefined],
]
for (const [name, headers, mode] of modes)
  test(`the form of a CloudEvent: ${name}`, () => assert.equal(modeOf(headers), mode))

const headerValues: [string, string, string | null][] = [
  ['plain', '/shop/stock', '/shop/stock'],
  ['percent-encoded', 'Euro%20%E2%82%AC%20%F0%9F%98%80', 'Euro € 😀'],
  ['in lower case', '%e2%82%ac', '€'],
  ['encoded without need', '%41', 'A'],
  ['encoded twice is decoded once', '%2541', '%41'],
  ['quoted', '"a \\"b\\" \\\\ c"', 'a "b" \\ c'],
  ['an overlong space', '%C0%A0', null],
  ['a lone percent sign', '100%', null],
  ['raw bytes', 'Ã¼', null],
  ['a NUL', '%00', null],
]
for (const [name, value, text] of headerValues)
  test(`an attribute in a header: ${name}`, () => {
    const { attributes, problems } = attributesIn({ 'ce-subject': value, accept: '*/*' })

    assert.deepEqual(attributes, text === null ? {} : { subject: text })
    assert.deepEqual(
      problems.map(({ pointer }) => pointer),
      text === null ? ['ce-subject'] : [],
    )
  })

test('the data of an event in headers is the body, and nothing else', () => {
  const { attributes, problems } = attributesIn({ 'ce-data': '{}', 'ce-data_base64': 'e30=' })

  assert.deepEqual(attributes, {})
  assert.equal(problems.length, 2)
})

const extensions: [string, unknown, string[]][] = [
  ['those of the sender', { sequence: '7', sampledrate: 3, partial: false }, []],
  ['data of any form', { data: { A_b: [1] } }, []],
  ['base64', { data_base64: 'e30=' }, ['/data_base64']],
  ['a name in capitals', { Type: 'a' }, ['/Type']],
  ['a name with a slash', { 'a/b': 'a' }, ['/a~1b']],
  ['a list', { labels: ['a'] }, ['/labels']],
  ['no event', 'text', []],
]
for (const [name, given, pointers] of extensions)
  test(`extension attributes: ${name}`, () => {
    const found = extensionProblems(given).map(({ pointer }) => pointer)

    assert.deepEqual(found, pointers)
  })

const audiences: [string, string, unknown[]][] = [
  ['one', 'ana', ['ana']],
  ['several', 'ana, ben ,topic:team', ['ana', 'ben', { topic: 'team' }]],
  ['a relation', 'topic:shop:1#staff', [{ topic: 'shop:1#staff' }]],
  ['a gap, which is refused later', 'ana,', ['ana', '']],
]
for (const [name, to, members] of audiences)
  test(`whom a CloudEvent names: ${name}`, () => {
    const event = eventOf({ specversion: '1.0', type: 'a', source: '/', id: '1', to })

    assert.deepEqual(event, { type: 'a', params: {}, to: members })
  })

const places: [CloudEventMode, string, string][] = [
  ['structured', '/params/left', '/data/left'],
  ['structured', '/params', '/data'],
  ['structured', '/paramsets', '/paramsets'],
  ['structured', '/to/3/topic', '/to'],
  ['structured', '/type', '/type'],
  ['binary', '/params/left/0', '/left/0'],
  ['binary', '/data', ''],
  ['binary', '/datacontenttype', 'ce-datacontenttype'],
  ['binary', '/to/0', 'ce-to'],
  ['binary', '/type', 'ce-type'],
]
for (const [mode, pointer, place] of places)
  test(`in a ${mode} CloudEvent, ${pointer} is ${place || 'the body'}`, () =>
    assert.equal(placeIn(mode, pointer), place))
