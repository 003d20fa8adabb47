/** What a function of NVML returned: a status, and a value where that is 0. */
export type Answer<T> = { readonly code: number; readonly value?: T }

/** Statuses that a meter tells apart, by the names of `nvml.h` without `NVML_`. */
export const status = {
  success: 0,
  notSupported: 3,
  functionNotFound: 13,
} as const

/** What a status means, and what to do about it; from `nvml.h` of NVIDIA/go-nvml. */
const meanings: Readonly<Record<number, string>> = {
  1: 'is not initialised',
  2: 'takes a question for invalid',
  3: 'does not support this on this GPU',
  4: 'gives the node no permission; add its user to the group of /dev/nvidiactl',
  6: 'finds no such object',
  7: 'has more to say than there is room for',
  8: 'finds the external power cables not attached',
  9: 'is not loaded; run nvidia-smi, and install the driver or reboot if it fails as well',
  10: 'ran out of time',
  11: 'has a trouble with interrupts; see dmesg',
  12: 'lacks its library',
  13: 'is too old for this question; update it',
  14: 'finds the infoROM of the GPU corrupted',
  15: 'has lost the GPU: it has fallen off the bus; see dmesg, then power the machine off and on',
  16: 'wants the GPU reset first: nvidia-smi --gpu-reset',
  17: 'is blocked by the operating system; see the cgroup or container of the node',
  18: 'and its library are of different versions; reboot',
  19: 'says that the GPU is in use',
  20: 'is out of memory',
  21: 'has no data',
  23: 'is out of resources',
  27: 'is not ready; try again',
  28: 'finds no GPU',
  29: 'is in an invalid state; see dmesg',
}

/** The status in words, as the end of a sentence that begins with the driver. */
export function meaningOf(code: number): string {
  return `${meanings[code] ?? 'has an error that it does not name'} (NVML ${code})`
}
