/** How each kind of memory looks, and what it is called. */
import type { RegionKind } from '../../../emulator/session/views.ts';

interface Look {
  readonly region: string;
  readonly outline: string;
  readonly bar: string;
  readonly barPattern: string | null;
  readonly ribbon: string;
  readonly ribbonPattern: string | null;
}

export const looks: Readonly<Record<RegionKind, Look>> = {
  normal: {
    region: 'f-m-normal-tint',
    outline: 's-m-normal-line',
    bar: 'f-m-normal',
    barPattern: null,
    ribbon: 'f-m-normal',
    ribbonPattern: null,
  },
  readOnly: {
    region: 'f-m-ro-tint',
    outline: 's-m-ro-line',
    bar: 'f-m-ro',
    barPattern: 'p-rules',
    ribbon: 'f-m-ro',
    ribbonPattern: 'p-rules',
  },
  executable: {
    region: 'f-m-exec-tint',
    outline: 's-m-exec-line',
    bar: 'f-m-exec',
    barPattern: 'p-dots-on',
    ribbon: 'f-m-exec',
    ribbonPattern: 'p-dots',
  },
  device: {
    region: 'f-m-device-tint',
    outline: 's-m-device-line',
    bar: 'f-m-device',
    barPattern: 'p-hatch-on',
    ribbon: 'f-m-device',
    ribbonPattern: 'p-hatch',
  },
  unmapped: {
    region: 'f-m-fault-tint',
    outline: 's-m-fault-line dashed',
    bar: 'f-m-fault-tint',
    barPattern: 'p-cross',
    ribbon: 'f-m-fault',
    ribbonPattern: 'p-cross',
  },
  nothing: {
    region: 'f-surface',
    outline: 's-line2 dashed',
    bar: 'f-sunken',
    barPattern: null,
    ribbon: 'f-m-fault',
    ribbonPattern: null,
  },
  hypervisor: { region: 'f-el2-tint', outline: 's-el2-line', bar: 'f-el2', barPattern: null, ribbon: 'f-el2', ribbonPattern: null },
};
export const kindNames: Readonly<Record<RegionKind, string>> = {
  normal: 'Normal',
  readOnly: 'Read-only',
  executable: 'Executable',
  device: 'Device',
  unmapped: 'Not mapped, traps',
  hypervisor: 'Hypervisor only',
  nothing: 'Nothing answers',
};
