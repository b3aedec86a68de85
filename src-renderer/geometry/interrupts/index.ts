/** The way of an interrupt as a scene: where it comes from, what it passes, what holds it; the guest's half below, and the timers. */
import type { InterruptsView } from '../../../emulator/session/views.ts';
import { grouped } from '../numbers.ts';
import { group, line, text, type Scene, type SceneNode } from '../scene.ts';
import { narrowPhysical, narrowVirtual } from './narrow.ts';
import { verdict, type Told } from './parts.ts';
import { decisiveWay, physicalStations, virtualStations } from './stations.ts';
import { timersBlock } from './timers.ts';
import { LEAST_WIDE, physicalHalf, virtualHalf } from './wide.ts';

const PAD = 16;

export interface InterruptsOptions {
  readonly width: number;
  /** Which parts are drawn: on slides the timers stand alone. */
  readonly parts?: 'all' | 'way' | 'timers';
}

export function interruptsScene(view: InterruptsView, { width, parts = 'all' }: InterruptsOptions): Scene {
  const w = width - 2 * PAD;
  const nodes: SceneNode[] = [];
  let y = 0;
  if (parts !== 'timers') {
    // On a slide the sentence above the picture says it.
    const told = parts === 'way' ? null : verdictOf(view);
    const way = width >= LEAST_WIDE ? wideWay(view, w, told) : narrowWay(view, w, told);
    nodes.push(...way.nodes);
    y = way.height;
  }
  if (parts !== 'way') {
    if (y > 0)
      nodes.push(
        line(0, y + 20, width, y + 20, 's-line'),
        text(PAD, y + 40, 'Timers', 'bold'),
        text(PAD + 52, y + 40, 'a tick is 16 ns', 'small f-ink3'),
      );
    const top = y > 0 ? y + 56 : 8;
    const timers = timersBlock(view.timers, PAD, top, w);
    nodes.push(...timers.nodes);
    y = top + timers.height;
  }
  return {
    width,
    height: y + PAD,
    label: `The way of an interrupt. ${view.sentence}`,
    nodes,
    arrangement: `${width >= LEAST_WIDE ? 'wide' : 'narrow'} ${view.interrupts.length} ${view.virtual !== null}`,
    table: table(view),
  };
}

function verdictOf(view: InterruptsView): Told | null {
  const way = decisiveWay(view);
  if (!way) return null;
  const { hold } = way;
  if (!hold) return { lead: `Taken next: ${way.kind} to EL${way.to}`, sentences: [way.rule], tone: 'taken', el: way.to };
  const since = view.history?.since;
  const when =
    way.verdict === 'quiet' || since === null || since === undefined
      ? ''
      : since === view.at
        ? ', since this instant'
        : `, since instant ${grouped(since)}`;
  const verb = way.verdict === 'quiet' ? 'Not pending' : way.verdict === 'active' ? 'Being handled' : 'Held';
  return {
    lead: `${verb}: ${hold.field} = ${hold.value}${when}`,
    sentences: [hold.text, hold.frees],
    origin: view.maskedBy,
    tone: way.verdict === 'held' ? 'held' : 'quiet',
    el: way.to,
  };
}

/** What holds it comes first, so that it is in sight in a low window too. */
function wideWay(view: InterruptsView, w: number, told: Told | null): { nodes: SceneNode[]; height: number } {
  const lead = told && verdict(told, PAD, 4, w);
  const physical = physicalHalf(view, PAD, w);
  const virtual = view.hasEl2 ? virtualHalf(view, PAD, physical.height, w, physical) : undefined;
  const top = lead ? lead.height + 10 : 0;
  return {
    nodes: [
      ...(lead ? [group(lead.nodes, { key: 'verdict' })] : []),
      group([...physical.nodes, ...(virtual?.nodes ?? [])], { key: 'way', dy: top }),
    ],
    height: top + physical.height + (virtual?.height ?? 0),
  };
}

function narrowWay(view: InterruptsView, w: number, told: Told | null): { nodes: SceneNode[]; height: number } {
  const nodes: SceneNode[] = [];
  let y = 12;
  if (told) {
    const { nodes: drawn, height } = verdict(told, PAD, y, w);
    nodes.push(...drawn);
    y += height + 18;
  }
  if (view.physical) {
    const physical = narrowPhysical(view, PAD, y, w);
    nodes.push(...physical.nodes);
    y += physical.height;
  }
  if (view.hasEl2) {
    nodes.push(
      line(PAD, y + 16, PAD + w, y + 16, 's-el1-line dashedLong'),
      text(PAD, y + 38, view.vmid === null ? 'What the guest sees' : `What guest ${view.vmid} sees`, 'bold f-el1-ink'),
    );
    const virtual = narrowVirtual(view, PAD, y + 52, w);
    nodes.push(...virtual.nodes);
    y += 52 + virtual.height;
  }
  return { nodes, height: y };
}

const marks = { past: 'passed', holds: '', ahead: 'not reached', beside: '' } as const;

/** The same as rows of text. */
function table(view: InterruptsView): Scene['table'] {
  const stations = [...physicalStations(view), ...(view.hasEl2 ? virtualStations(view) : [])];
  const told = verdictOf(view);
  return [
    ['Station', 'What', 'Value', 'The interrupt'],
    ...stations.flatMap(({ title, rows, reached }) =>
      rows.map(({ name, value, text: words, holds }) => [
        title,
        name,
        [value, words].filter(Boolean).join(', '),
        holds ? (holds === 'held' ? 'holds it' : 'keeps it quiet') : marks[reached],
      ]),
    ),
    ...(told ? [['Verdict', told.lead, [...told.sentences, told.origin?.sentence].filter(Boolean).join(' '), '']] : []),
    ...view.interrupts.map(({ short, id, verdict: where }) => ['In use', short, String(id), where]),
    ...view.timers.map(({ name, counter, compare, text: words, absent }) => ['Timer', name, absent ?? `${counter} of ${compare}`, words]),
  ];
}
