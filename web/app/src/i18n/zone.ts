import { readonly, ref } from 'vue'

const state = ref<string | undefined>(undefined)

/** The city's time zone (an IANA name); times are shown in it, wherever the browser is. */
export const cityZone = readonly(state)

export function setCityZone(zone: string | undefined): void {
  state.value = zone
}
