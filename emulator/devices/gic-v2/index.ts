/** The GICv2, joined: four windows of registers, behind three of which each CPU has its own. */
import { Banked } from '../gic/banked.ts';
import { Gic, type GicNames, type GicOptions, type GicSide } from '../gic/gic.ts';
import type { Device } from '../device.ts';
import { CpuInterface } from './cpu-interface.ts';
import { Distributor, Port } from './distributor.ts';
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

interface Side extends GicSide {
  readonly cpuInterface: CpuInterface;
  readonly virtualControl: VirtualControl;
  readonly virtualCpuInterface: CpuInterface;
}

export class GicV2 extends Gic<Side> {
  readonly version = 2;
  readonly names = names;
  readonly distributor: Distributor;
  readonly sides: readonly Side[];
  readonly inCpu: readonly Device[];

  constructor(options: GicOptions) {
    super(options);
    const onChange = (): void => this.update();
    const distributor = new Distributor(names, options.outputs.length, onChange);
    this.distributor = distributor;
    this.sides = distributor.views.map((interrupts, cpu) => {
      const port = new Port(distributor, cpu);
      const cpuInterface = new CpuInterface({ kind: 'physical', source: port, onChange });
      const virtualControl = new VirtualControl((intid) => port.deactivatePhysical(intid), onChange);
      const virtualCpuInterface = new CpuInterface({ kind: 'virtual', source: virtualControl, onChange });
      virtualControl.cpuInterface = virtualCpuInterface;
      return { interrupts, cpuInterface, virtualControl, virtualCpuInterface };
    });
    this.inCpu = [...distributor.otherBanks, ...(distributor.sharing ? [distributor.sharing] : [])];
  }

  get devices(): readonly Device[] {
    return [this.distributor, this.cpuInterface, this.virtualControl, this.virtualCpuInterface, ...this.inCpu];
  }

  /** What is on the bus of a part that each CPU has for itself. */
  window(part: 'cpuInterface' | 'virtualControl' | 'virtualCpuInterface'): Device {
    const [first, ...others] = this.sides.map((side) => side[part]);
    return others.length === 0 ? first : new Banked([first, ...others], () => this.side[part]);
  }
}
