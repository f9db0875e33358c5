// The parts of a preference centre.
import { html, nothing, type TemplateResult } from 'lit-html'
import { live } from 'lit-html/directives/live.js'
import type { PreferenceChange, PreferenceForm, PreferenceGroup } from './preference-form.ts'
import type { Strings } from './strings-english.ts'
import type { Words } from './words.ts'

type Save = (change: PreferenceChange) => void

const channelOrder = 'in_app email sms push telegram slack discord teams webhook'.split(' ')
const byOrder = (a: string, b: string) => channelOrder.indexOf(a) - channelOrder.indexOf(b)

// Channels that a newer server knows are shown by their own name.
function channelName(words: Words, channel: string): string {
  const isKnown = channelOrder.includes(channel)
  return isKnown ? words.text(channel as keyof Strings & ('in_app' | 'email')) : channel
}

export function levelGroup(words: Words, form: PreferenceForm, save: Save): TemplateResult {
  const choice = (level: PreferenceForm['level'], key: 'levelStandard' | 'levelCritical') =>
    html`<label class="choice"
      ><input
        type="radio"
        name="level"
        .checked=${live(form.level === level)}
        @change=${() => save({ level })}
      /><span>${words.text(key)}</span></label
    >`
  return html`<div class="section" part="group" role="radiogroup" aria-labelledby="level">
    <h3 id="level">${words.text('level')}</h3>
    ${choice('standard', 'levelStandard')} ${choice('critical', 'levelCritical')}
  </div>`
}

/** Categories by channels, and what one can subscribe to. */
export function switchGroup(words: Words, form: PreferenceForm, save: Save): TemplateResult {
  const groups = form.groups.filter((group) => !form.subscriptions.some(isOf(group)))
  const used = new Set(groups.flatMap(({ channels }) => channels.map(({ channel }) => channel)))
  const columns = [...used].sort(byOrder)
  return html`<section
    part="group"
    aria-labelledby="where"
    class=${form.level === 'critical' ? 'is-muted' : ''}
  >
    <h3 id="where">${words.text('where')}</h3>
    <div class="grid" data-columns=${columns.length}>
      <div class="row heads" aria-hidden="true">
        <span></span>${columns.map((channel) => html`<span>${channelName(words, channel)}</span>`)}
      </div>
      ${groups.map(
        ({ name, title, channels }, i) =>
          html`<div class="row" role="group" aria-labelledby="g-${i}">
            <span class="name" id="g-${i}">${title}</span>
            ${columns.map((channel) => {
              const choice = channels.find((one) => one.channel === channel)
              if (!choice) return html`<span class="none"></span>`
              const onChange = (isOn: boolean) => save({ groups: { [name]: { [channel]: isOn } } })
              return toggle(channelName(words, channel), choice.is_on, onChange)
            })}
          </div>`,
      )}
    </div>
    ${subscriptionsOf(words, form, save)}
  </section>`
}

type Subscription = PreferenceForm['subscriptions'][number]

/** Whether a group is nothing but this event type, which has no category. */
const isOf =
  ({ name }: PreferenceGroup) =>
  ({ event_type }: Subscription) =>
    name === `type ${event_type}`

/** Where it reaches one is asked where one subscribes, and only of those who do. */
function subscriptionsOf(words: Words, { groups, subscriptions }: PreferenceForm, save: Save) {
  if (subscriptions.length === 0) return nothing
  return html`<div role="group" aria-labelledby="subscriptions">
    <h4 id="subscriptions">${words.text('subscriptions')}</h4>
    ${subscriptions.map((one) => {
      const { event_type, title, is_on } = one
      const onChange = (isOn: boolean) => save({ subscriptions: { [event_type]: isOn } })
      const own = is_on ? groups.find((group) => isOf(group)(one)) : undefined
      return html`${toggle(title, is_on, onChange, { isWide: true })}
      ${
        own
          ? html`<div class="own" role="group" aria-label=${title}>
              ${own.channels.map(({ channel, is_on }) =>
                toggle(channelName(words, channel), is_on, (isOn) =>
                  save({ groups: { [own.name]: { [channel]: isOn } } }),
                ),
              )}
            </div>`
          : nothing
      }`
    })}
  </div>`
}

function toggle(
  label: string,
  isOn: boolean,
  onChange: ((isOn: boolean) => void) | null,
  { isWide = false, about = '' } = {},
): TemplateResult {
  return html`<label class="toggle ${isWide ? 'is-wide' : ''}"
    ><span class="label">${label}</span
    ><input
      type="checkbox"
      role="switch"
      part="switch"
      .checked=${live(isOn)}
      ?disabled=${onChange === null}
      aria-describedby=${about || nothing}
      @change=${(event: Event) => onChange?.((event.target as HTMLInputElement).checked)}
  /></label>`
}

export function mandatoryGroup(words: Words, { mandatory }: PreferenceForm) {
  if (mandatory.length === 0) return nothing
  return html`<section part="group" aria-labelledby="mandatory">
    <h3 id="mandatory">${words.text('mandatory')}</h3>
    <p class="about" id="why">${words.text('mandatoryText')}</p>
    ${mandatory.map(({ title, channels }) => {
      const names = channels.toSorted(byOrder).map((channel) => channelName(words, channel))
      return html`<div class="mandatory">
        ${toggle(title, true, null, { isWide: true, about: 'why' })}
        <span class="about">${names.join(', ')}</span>
      </div>`
    })}
  </section>`
}

const usualHours = { start: '22:00', end: '08:00' }

export function quietGroup(words: Words, form: PreferenceForm, save: Save): TemplateResult {
  const { quiet_hours: hours } = form
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone
  const zone = form.timezone ?? here
  const turn = (isOn: boolean) =>
    // Who turns them on means the hours of the place where this is.
    save(isOn ? { quiet_hours: usualHours, timezone: zone } : { quiet_hours: null })
  const time = (end: 'start' | 'end', key: 'from' | 'to') =>
    html`<label class="field"
      ><span>${words.text(key)}</span
      ><input
        type="time"
        required
        .value=${live(hours?.[end] ?? usualHours[end])}
        @change=${({ target }: Event) => {
          const { value } = target as HTMLInputElement
          if (value) save({ quiet_hours: { ...(hours ?? usualHours), [end]: value.slice(0, 5) } })
        }}
    /></label>`
  return html`<section part="group" aria-labelledby="quiet">
    <h3 id="quiet" class="unseen">${words.text('quietHours')}</h3>
    ${toggle(words.text('quietHours'), hours !== null, turn, { isWide: true, about: 'quiet-text' })}
    <p class="about" id="quiet-text">${words.text('quietHoursText')}</p>
    ${
      hours
        ? html`<div class="fields">
            ${time('start', 'from')} ${time('end', 'to')}
            <label class="field is-long"
              ><span>${words.text('timeZone')}</span
              ><select
                @change=${({ target }: Event) =>
                  save({ timezone: (target as HTMLSelectElement).value })}
              >
                ${zonesWith(form.timezone ?? 'UTC').map(
                  (name) =>
                    html`<option value=${name} ?selected=${name === (form.timezone ?? 'UTC')}>
                      ${name.replaceAll('_', ' ')}
                    </option>`,
                )}
              </select></label
            >
          </div>`
        : nothing
    }
  </section>`
}

function zonesWith(current: string): string[] {
  return [...new Set([current, 'UTC', ...Intl.supportedValuesOf('timeZone')])].sort()
}
