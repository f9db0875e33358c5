// @see https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html for the answers
import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { test } from 'node:test'
import { httpVendorSuite, jsonReply } from '../../../test/http-vendor.ts'
import type { HttpReply, SunkRequest } from '../../../test/sinks.ts'
import { exampleMessage } from '../conformance.ts'
import { ses } from './ses.ts'

const secret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
const keyId = 'AKIAIOSFODNN7EXAMPLE'
const region = 'eu-west-1'
const from = 'Acme <no-reply@acme.example>'
const content = { subject: 'Order 42', html: '<p>Zoë</p>', text: 'Zoë' }
const message = exampleMessage({ channel: 'email', address: 'ana@example.com', content })
const error = (status: number, type: string, words = 'x'): HttpReply =>
  jsonReply(status, { message: words }, { 'x-amzn-errortype': type })
const accepted = jsonReply(200, { MessageId: '0100018f-000000' })

const { send, provider, stand } = await httpVendorSuite({
  kind: ses,
  message,
  settings: (url) => ({
    region,
    access_key_id: keyId,
    secret_access_key: secret,
    from,
    api_base: url,
  }),
  secrets: [secret],
  replies: {
    accept: () => accepted,
    busy: (words) => error(429, 'TooManyRequestsException', words),
    refuse: (words) => error(400, 'BadRequestException', words),
  },
  answers: [
    [accepted, { kind: 'sent', reference: '0100018f-000000' }],
    [error(400, 'AccountSuspendedException'), { kind: 'retry', code: 'provider_auth' }],
    [error(400, 'SendingPausedException'), { kind: 'retry', code: 'provider_auth' }],
    [error(400, 'MailFromDomainNotVerifiedException'), { kind: 'retry', code: 'provider_auth' }],
    [error(404, 'NotFoundException'), { kind: 'retry', code: 'provider_auth' }],
    [error(400, 'BadRequestException'), { kind: 'failed', code: 'http_400' }],
    [error(400, 'MessageRejected', 'a virus'), { kind: 'failed', code: 'MessageRejected' }],
    [
      error(400, 'MessageRejected', 'Email address is not verified.'),
      { kind: 'retry', code: 'provider_auth' },
    ],
    [
      error(400, 'LimitExceededException:http://internal.amazon.com/'),
      { kind: 'retry', code: 'LimitExceededException' },
    ],
    [error(429, 'TooManyRequestsException'), { kind: 'retry', code: 'TooManyRequestsException' }],
    [error(403, 'SignatureDoesNotMatch'), { kind: 'retry', code: 'provider_auth' }],
    [
      jsonReply(400, { __type: 'com.amazonaws.ses#ThrottlingException' }),
      { kind: 'retry', code: 'ThrottlingException' },
    ],
    [
      { status: 500, body: '' },
      { kind: 'retry', code: 'http_500' },
    ],
  ],
})

test('an e-mail is asked for with its parts, its delivery and a good signature', async () => {
  const { request } = await send(accepted, { unsubscribeUrl: 'https://belfry.example/u/x' })

  assert.deepEqual([request.method, request.path], ['POST', '/v2/email/outbound-emails'])
  assert.equal(signatureOf(request), signatureBy(request))
  assert.deepEqual(JSON.parse(request.body), {
    FromEmailAddress: from,
    Destination: { ToAddresses: ['ana@example.com'] },
    Content: {
      Simple: {
        Subject: { Data: 'Order 42', Charset: 'UTF-8' },
        Body: {
          Html: { Data: '<p>Zoë</p>', Charset: 'UTF-8' },
          Text: { Data: 'Zoë', Charset: 'UTF-8' },
        },
        Headers: [
          { Name: 'List-Unsubscribe', Value: '<https://belfry.example/u/x>' },
          { Name: 'List-Unsubscribe-Post', Value: 'List-Unsubscribe=One-Click' },
        ],
      },
    },
    EmailTags: [{ Name: 'delivery_id', Value: message.deliveryId }],
  })
})

test('a check asks for the account, signed as well', async () => {
  stand.reply = () => jsonReply(200, { SendingEnabled: true })
  const outcome = await provider.verify?.(new AbortController().signal)
  assert.deepEqual(outcome, { kind: 'sent', code: 'verified' })
  const request = stand.requests.at(-1)!
  assert.deepEqual([request.method, request.path], ['GET', '/v2/email/account'])
  assert.equal(signatureOf(request), signatureBy(request))
})

function signatureOf({ headers }: SunkRequest): string | undefined {
  return /Signature=([0-9a-f]{64})$/.exec(headers['authorization'] ?? '')?.[1]
}

/** As AWS works it out from what has arrived. */
function signatureBy({ method, path, headers, body }: SunkRequest): string {
  const names = /SignedHeaders=([^,]+)/.exec(headers['authorization'] ?? '')![1]!
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
  const hmac = (key: string | Buffer, text: string) =>
    createHmac('sha256', key).update(text).digest()
  const canonical = [
    method,
    path,
    '',
    ...names.split(';').map((name) => `${name}:${String(headers[name])}`),
    '',
    names,
    sha256(body),
  ].join('\n')
  const at = String(headers['x-amz-date'])
  const scope = `${at.slice(0, 8)}/${region}/ses/aws4_request`
  const toSign = ['AWS4-HMAC-SHA256', at, scope, sha256(canonical)].join('\n')
  const key = [region, 'ses', 'aws4_request'].reduce<Buffer>(
    (made, part) => hmac(made, part),
    hmac(`AWS4${secret}`, at.slice(0, 8)),
  )
  return createHmac('sha256', key).update(toSign).digest('hex')
}
