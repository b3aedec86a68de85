/**
 * Power State Coordination Interface (Arm DEN 0022), the firmware behind SMC (HVC where there is no EL2), with the answers of
 * QEMU 7.2's `virt` board: version 1.1, no power-down states.
 */

/** Return codes (DEN 0022, section 5.2.2), as two's complement. */
const codes = {
  SUCCESS: 0n,
  NOT_SUPPORTED: -1n,
  INVALID_PARAMETERS: -2n,
  DENIED: -3n,
  ALREADY_ON: -4n,
  ON_PENDING: -5n,
  INTERNAL_FAILURE: -6n,
  NOT_PRESENT: -7n,
  DISABLED: -8n,
  INVALID_ADDRESS: -9n,
} as const;
const { SUCCESS, NOT_SUPPORTED, INVALID_PARAMETERS, ALREADY_ON } = codes;

export type PowerState = 'on' | 'off' | 'pending';

/** What the machine must do beside writing the result. */
export type PsciEffect =
  | { readonly kind: 'none' }
  | { readonly kind: 'systemOff' }
  | { readonly kind: 'systemReset' }
  /** The calling CPU stops until another one calls CPU_ON for it. */
  | { readonly kind: 'cpuOff' }
  /** The calling CPU waits as in WFI. */
  | { readonly kind: 'cpuSuspend' }
  /** The CPU with this affinity starts at PA `entry` with X0 = `context`. */
  | { readonly kind: 'cpuOn'; readonly affinity: bigint; readonly entry: bigint; readonly context: bigint };

export interface PsciAnswer {
  /** Name of the function called; undefined for an unknown one. */
  readonly name: string | undefined;
  /** X0 on return, unsigned; undefined where the call does not return. */
  readonly result: bigint | undefined;
  readonly effect: PsciEffect;
}

interface PsciFunction {
  readonly name: string;
  /** Identifiers, SMC32 first. The last ones are those of PSCI 0.1, which the device tree used to announce. */
  readonly ids: readonly bigint[];
  /** Not part of the interface on this board: PSCI_FEATURES denies it too. */
  readonly unsupported?: true;
  /** It does not return to who called it. */
  readonly isFinal?: true;
  /** What a result that is no return code means. */
  result?(value: bigint): string | undefined;
  call(args: readonly bigint[], powerState: (affinity: bigint) => PowerState | undefined): bigint | PsciEffect;
}

const functions: readonly PsciFunction[] = [
  {
    name: 'PSCI_VERSION',
    ids: [0x8400_0000n],
    result: (value) => `version ${value >> 16n}.${value & 0xffffn}`,
    call: () => 0x1_0001n,
  },
  {
    name: 'CPU_SUSPEND',
    ids: [0x8400_0001n, 0xc400_0001n, 0x95c1_ba5en],
    // Bits 31..17 of power_state ask for higher affinity levels, which have no states here. Power-down is carried out as standby.
    call: ([state]) => (state & 0xfffe_0000n ? INVALID_PARAMETERS : { kind: 'cpuSuspend' }),
  },
  { name: 'CPU_OFF', ids: [0x8400_0002n, 0x95c1_ba5fn], isFinal: true, call: () => ({ kind: 'cpuOff' }) },
  {
    name: 'CPU_ON',
    ids: [0x8400_0003n, 0xc400_0003n, 0x95c1_ba60n],
    call: ([affinity, entry, context], powerState) => {
      const state = powerState(affinity);
      // An entry point must be aligned to instructions.
      if (!state || entry & 3n) return INVALID_PARAMETERS;
      return state === 'off' ? { kind: 'cpuOn', affinity: affinity, entry: entry, context: context } : ALREADY_ON;
    },
  },
  {
    name: 'AFFINITY_INFO',
    ids: [0x8400_0004n, 0xc400_0004n],
    result: (value) => ['ON', 'OFF', 'ON_PENDING'][Number(value)],
    call: ([affinity, level], powerState) => {
      // Everything above the CPUs is always on.
      if (level !== 0n) return 0n;
      const state = powerState(affinity);
      return state ? { on: 0n, off: 1n, pending: 2n }[state] : INVALID_PARAMETERS;
    },
  },
  { name: 'MIGRATE', ids: [0x8400_0005n, 0xc400_0005n, 0x95c1_ba61n], unsupported: true, call: () => NOT_SUPPORTED },
  // 2: there is no trusted operating system that would have to migrate.
  {
    name: 'MIGRATE_INFO_TYPE',
    ids: [0x8400_0006n],
    result: (value) => (value === 2n ? '2 (no Trusted OS that needs to be migrated)' : undefined),
    call: () => 2n,
  },
  { name: 'SYSTEM_OFF', ids: [0x8400_0008n], isFinal: true, call: () => ({ kind: 'systemOff' }) },
  { name: 'SYSTEM_RESET', ids: [0x8400_0009n], isFinal: true, call: () => ({ kind: 'systemReset' }) },
  {
    name: 'PSCI_FEATURES',
    ids: [0x8400_000an],
    result: (value) => (value === 0n ? 'SUCCESS (implemented, with no optional features)' : undefined),
    call: ([id]) => {
      const asked = byId.get(id);
      return asked && !asked.unsupported ? SUCCESS : NOT_SUPPORTED;
    },
  },
];

const byId = new Map(functions.flatMap((entry) => entry.ids.map((id) => [id, entry] as const)));

/** The name of the function with this identifier; undefined where it is unknown. */
export const psciName = (id: bigint): string | undefined => byId.get(id)?.name;
/** What X0 says after a call of the function with this identifier: "SUCCESS", "version 1.1", "OFF". Undefined where it means nothing. */
export function psciResult(id: bigint, value: bigint): string | undefined {
  const signed = BigInt.asIntN(64, value);
  // A caller of the 32-bit convention looks at W0 only; an error has all bits above set too.
  const code = Object.keys(codes).find((name) => codes[name as keyof typeof codes] === signed);
  return signed < 0n ? code : (byId.get(id)?.result?.(value) ?? code);
}
/** What a function identifier that is not known here asks for (Arm DEN 0028, SMC Calling Convention, table 6-2). */
export function callOwner(id: bigint): string {
  if ((id & 0x8000_0000n) === 0n) return 'a yielding call';
  const owner = Number((id >> 24n) & 0x3fn);
  if (owner === 4 && (id & 0xffffn) < 0x20n) return 'a PSCI function that this firmware does not implement';
  if (owner >= 50) return 'a Trusted OS call';
  if (owner >= 48) return 'a Trusted Application call';
  return `${owners[owner] ?? 'a reserved call'}`;
}
const owners = [
  'an Arm Architecture call',
  'a CPU service call',
  'a SiP (silicon partner) call',
  'an OEM call',
  'a standard secure service call',
  'a standard hypervisor service call',
  'a vendor-specific hypervisor service call',
];
/** Whether the function with this identifier answers who called it, if only that it is unknown. */
export const psciReturns = (id: bigint): boolean => byId.get(id)?.isFinal !== true;

/**
 * Answers a call: `id` is X0, all 64 bits of it; `args` are X1 to X3. `powerState` gives the state of a CPU by its affinity (MPIDR_EL1.Aff3..Aff0),
 * undefined where there is none.
 */
export function callPsci(
  id: bigint,
  args: readonly [bigint, bigint, bigint],
  powerState: (affinity: bigint) => PowerState | undefined,
): PsciAnswer {
  const called = byId.get(id);
  const answer = called ? called.call(args, powerState) : NOT_SUPPORTED;
  if (typeof answer === 'bigint') return { name: called?.name, result: BigInt.asUintN(64, answer), effect: { kind: 'none' } };
  return { name: called?.name, result: called?.isFinal ? undefined : SUCCESS, effect: answer };
}
