/** The GICv2, joined: four windows of registers. */
import { Gic, type GicNames, type GicOptions } from '../gic/gic.ts';
import type { Device } from '../device.ts';
import { CpuInterface } from './cpu-interface.ts';
import { Distributor } from './distributor.ts';
import { VirtualControl } from './virtual-control.ts';

export { MsiFrame } from './msi-frame.ts';

/** Of an array of registers with a bit for each interrupt, the one that has it. */
const bitmap =
  (register: string) =>
  (intid: number): string =>
    `${register}${intid >>> 5}`;

const names: GicNames = {
  listRegister: (n) => `GICH_LR${n}`,
  control: 'GICH_HCR',
  maintenanceStatus: 'GICH_MISR',
  sendSgi: () => 'GICD_SGIR',
  pendingSgi: (intid) => `GICD_SPENDSGIR${intid >> 2} SGI${intid & 3}`,
  setPending: bitmap('GICD_ISPENDR'),
  enable: bitmap('GICD_ISENABLER'),
  active: bitmap('GICD_ISACTIVER'),
  acknowledge: 'GICC_IAR',
  end: 'GICC_EOIR',
  deactivate: 'GICC_DIR',
  endMode: 'GICC_CTLR.EOImode',
  priorityMask: 'GICC_PMR',
};

export class GicV2 extends Gic {
  readonly version = 2;
  readonly names = names;
  readonly distributor: Distributor;
  readonly cpuInterface: CpuInterface;
  readonly virtualControl: VirtualControl;
  readonly virtualCpuInterface: CpuInterface;
  readonly devices: readonly Device[];

  constructor(options: GicOptions) {
    super(options);
    const onChange = (): void => this.update();
    this.distributor = new Distributor(names, onChange);
    this.cpuInterface = new CpuInterface({ kind: 'physical', source: this.distributor, onChange });
    this.virtualControl = new VirtualControl((intid) => this.distributor.deactivatePhysical(intid), onChange);
    this.virtualCpuInterface = new CpuInterface({ kind: 'virtual', source: this.virtualControl, onChange });
    this.virtualControl.cpuInterface = this.virtualCpuInterface;
    this.devices = [this.distributor, this.cpuInterface, this.virtualControl, this.virtualCpuInterface];
  }
}
