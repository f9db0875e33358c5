// What a change makes of the preferences that are shown.
import type { PreferenceChange, PreferenceForm } from './preference-form.ts'

export function applied(
  form: PreferenceForm,
  { groups = {}, subscriptions = {}, ...rest }: PreferenceChange,
): PreferenceForm {
  return {
    ...form,
    ...rest,
    groups: form.groups.map((group) => ({
      ...group,
      channels: group.channels.map((choice) => ({
        ...choice,
        is_on: groups[group.name]?.[choice.channel] ?? choice.is_on,
      })),
    })),
    subscriptions: form.subscriptions.map((one) => ({
      ...one,
      is_on: subscriptions[one.event_type] ?? one.is_on,
    })),
  }
}
