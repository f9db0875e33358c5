// @see https://learn.microsoft.com/connectors/custom-connectors/faq and the workflow's own answers
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { httpVendorSuite, jsonReply } from '../../../test/http-vendor.ts'
import { exampleContext, exampleMessage } from '../conformance.ts'
import { readAllowedAddresses } from '../public-address.ts'
import { teams } from './teams.ts'

const sig = 'Zk3secretsecretsecret'
const path = `/workflows/1/triggers/manual/paths/invoke?api-version=2016-06-01&sig=${sig}`
const content = { body: '**Order** 42 is on its way' }
const message = exampleMessage({ channel: 'teams', address: 'https://unused.example/', content })
const error = (status: number, words = 'x') =>
  jsonReply(status, { error: { code: 'X', message: words } })
const accepted = { status: 202, body: '' }

const { send, stand } = await httpVendorSuite({
  kind: teams,
  message,
  settings: (url) => ({ url: `${url}${path}` }),
  secrets: [sig],
  replies: {
    accept: () => accepted,
    busy: (words) => error(429, words),
    refuse: (words) => error(400, words),
  },
  answers: [
    [accepted, { kind: 'sent' }],
    [error(400), { kind: 'failed', code: 'http_400' }],
    [error(401), { kind: 'retry', code: 'provider_auth' }],
    [error(404), { kind: 'retry', code: 'provider_auth' }],
    [error(413), { kind: 'failed', code: 'message_too_large' }],
    [error(429), { kind: 'retry', code: 'http_429' }],
    [error(502), { kind: 'retry', code: 'http_502' }],
  ],
})

test('a message is an adaptive card', async () => {
  const { request } = await send(accepted)

  assert.deepEqual([request.method, request.path], ['POST', path])
  const { type, attachments } = JSON.parse(request.body)
  assert.equal(type, 'message')
  assert.equal(attachments[0].contentType, 'application/vnd.microsoft.card.adaptive')
  assert.deepEqual(attachments[0].content.body, [
    { type: 'TextBlock', text: content.body, wrap: true },
  ])
})

test('a workflow of the person that is no more is a dead address', async () => {
  const context = exampleContext()
  const provider = teams.create({}, context)
  stand.reply = () => error(404)
  const address = `${stand.url}/workflows/2`
  const outcome = await provider.send({ ...message, address }, new AbortController().signal)
  assert.equal(outcome.kind, 'gone')
  await context.outgoing.close()
})

test('the connectors that Microsoft has shut down are refused, and what to use instead is said', async () => {
  const url = 'https://acme.webhook.office.com/webhookb2/x'
  const problems = teams.problems?.({ url }, readAllowedAddresses([])) ?? []
  assert.match(problems[0]?.detail ?? '', /make a workflow/)
  const context = exampleContext()
  const provider = teams.create({}, context)
  const outcome = await provider.send({ ...message, address: url }, new AbortController().signal)
  assert.equal(outcome.code, 'connector')
  await context.outgoing.close()
})
