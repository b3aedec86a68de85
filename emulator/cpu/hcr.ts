/** Bits of HCR_EL2 that the CPU looks at, all in its low half (Arm ARM D17.2.48). */
export const HCR = {
  VM: 1 << 0,
  FMO: 1 << 3,
  IMO: 1 << 4,
  AMO: 1 << 5,
  VF: 1 << 6,
  VI: 1 << 7,
  VSE: 1 << 8,
  TWI: 1 << 13,
  TWE: 1 << 14,
  TSC: 1 << 19,
  TIDCP: 1 << 20,
  TGE: 1 << 27,
  TDZ: 1 << 28,
  HCD: 1 << 29,
  RW: 1 << 31,
} as const;
