// Arm ARM C4.1.92: PC-relative addressing
import { define } from '../define.ts';

define(
  'ADR',
  '0 immlo 10000 immhi Rd',
  'adr <Xd>, <pc+offset>',
  ({ immhi, immlo }) => ({ offset: immhi * 4 + immlo }),
  (b, { Rd, offset }) => b.set(Rd, b.add(b.pc(), offset)),
).says('Takes the address <pc+offset>');

define(
  'ADRP',
  '1 immlo 10000 immhi Rd',
  'adrp <Xd>, <page+offset>',
  ({ immhi, immlo }) => ({ offset: BigInt(immhi * 4 + immlo) << 12n }),
  (b, { Rd, offset }) => b.set(Rd, b.add(b.and(b.pc(), ~0xfffn), offset)),
).says('Takes the address of the 4 KiB page at <page+offset>');
