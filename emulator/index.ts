/** The one door of the emulator for shells: everything they may use of it. */
export { PA, VA } from './base/addresses.ts';
export { InputError, NotBuilt } from './base/errors.ts';
export { hex } from './base/hex.ts';
export { visible, visibleJson, visibleLines } from './base/names.ts';
export { assembleProgram, elfOf } from './assembler/index.ts';
export { verifyEl2Traps } from './cpu/verify/el2-traps.ts';
export { verifySystemRegisters } from './cpu/verify/system-registers.ts';
export { verifyIsa, type IsaOptions, type IsaResult } from './machine/verify/isa.ts';
export { verifyMmu, verifyWalks } from './mmu/verify.ts';
export { errno, failed, succeeded, type HostAnswer, type HostCall, type HostFiles } from './machine/host-files.ts';
export { elfPieces, type BoardFile } from './machine/loader.ts';
export { mostCpus } from './machine/machine.ts';
export type { Walk } from './mmu/walk-types.ts';
export { leastBudget } from './time/budget.ts';
export { isRecording } from './time/chunks.ts';
export { cutOff, endingOf, readRecording, RecordingWriter, writeRecording, type Recording } from './time/recording-file.ts';
export { KeyframeJournal } from './time/stored-keyframe.ts';
export { trapLine, type TrapFields, type TrapLine } from './time/trap-line.ts';
export { encodingOf, encodingText } from './explain/encoding.ts';
export { boardWith, namedRegister, registerText } from './explain/named-register.ts';
export { assemble, mnemonics } from './isa/index.ts';
export { isLinkAddress, linkScheme, textOfAddress } from './session/link.ts';
export { interruptIdOf } from './session/interrupt-id.ts';
export { interruptsText } from './explain/interrupts-text.ts';
export { eventText, levelsText, placeText } from './explain/levels-text.ts';
export { diagnose, diagnosing } from './explain/doctor/diagnose.ts';
export { quickReach, wholeReach } from './explain/doctor/history.ts';
export type { Diagnosis, Finding } from './explain/doctor/finding.ts';
export { runUntilSilent, SilenceWatch } from './explain/doctor/run.ts';
export { diagnosisText, findingLine } from './explain/doctor/text.ts';
export { exceptionLoopSentence } from './explain/exception-loop.ts';
export { placeOf } from './explain/subject.ts';
export { nowView } from './explain/now.ts';
export { plain } from './explain/words.ts';
export type { Place } from './explain/views.ts';
export { explainSyndrome, syndromeText, type Syndrome } from './explain/syndrome.ts';
export { fieldLines } from './explain/decoded-register.ts';
export { firstDifferenceOf, type PlaceOfStep, type Side } from './explain/difference/first.ts';
export { compareFiles, finished, type RunDifference } from './explain/difference/run-difference.ts';
export { sequenceOfFile, type TrapSequence } from './explain/difference/sequence.ts';
export { differenceSentence, type RunNames } from './explain/difference/words.ts';
export { trapFormats, type TrapFormat } from './explain/trap-formats.ts';
export { allTraps, isOneDiagram, missingTraps, trapText } from './explain/trap-forms.ts';
export { trapRow } from './explain/trap-story.ts';
export { walkText } from './explain/walk-text.ts';
export { limits, type MachineOptions, type Reply } from './session/contract.ts';
export { lanesBetween } from './session/lanes.ts';
export { encodeMessage } from './session/codec.ts';
export { Journal, RepeatedRun, type JournalEntry, type LostRun } from './session/journal.ts';
export { messagePort, webSocketPort, type Port, type WebSocketLike } from './session/port.ts';
export { breakpointFrom } from './session/breakpoint-text.ts';
export { SessionBreakpoints } from './session/breakpoints.ts';
export { comparedRun, comparisonOf } from './session/comparison.ts';
export { compareRuns, differenceDocument, differenceText, saidOf, type Compared, type ComparedSide } from './session/difference-text.ts';
export type { ReadSource } from './session/source-line.ts';
export {
  bothFutures,
  compareFutures,
  differingRegisters,
  futuresDocument,
  futuresText,
  makeChanges,
  otherFuture,
  parseChange,
  type Change,
  type Futures,
  type WantedChange,
} from './session/what-if.ts';
export { addRecordedSymbols, addSymbols, openProgram, replay, runStart, type Program } from './session/program.ts';
export { demoPace, serveSession, type SessionOptions, type ShellProgram } from './session/serve.ts';
export {
  isWorthKeeping,
  keepsNothing,
  noHost,
  nowhere,
  type AttachPlace,
  type KeptRun,
  type Scenario,
  type SessionHost,
  type SourceText,
} from './session/host.ts';
export type { SymbolSource } from './debug/symbol-file.ts';
export type { SourceFile } from './debug/dwarf-lines.ts';
export { sourceFile } from './session/sources.ts';
export { locate } from './session/expression.ts';
export { badFile, grade, type Report, type Verdict } from './grading/grade.ts';
export { junitXml, reportText, tableText, withoutHidden, worst } from './grading/report.ts';
export { AttachedQemu, type AttachOptions, type LogFile, type QemuLines, type Receiver } from './remote/qemu/attached.ts';
export type { Line } from './remote/qemu/line.ts';
export { isInterruptLog, loggedFields, trapsOfLog } from './remote/qemu/logged-traps.ts';
export { snapshotBytes, type Snapshot } from './machine/snapshot.ts';
export type { ToldTrap } from './session/target.ts';
export { toldText } from './session/told-traps.ts';
export { readTask, type Task } from './grading/task.ts';
export { explainInstant, instantText, type Instant } from './session/instant.ts';
export { views } from './session/views/index.ts';

export type { TablesParams } from './session/views/tables.ts';
export { decodedOf, stateOf, stateText } from './session/state-text.ts';
export { reachText, tablesText } from './session/tables-text.ts';
export { allRows, translatingTables } from './session/translating-tables.ts';
export { DapAdapter, type DapMessage, type DapRequest, type DapShell } from './remote/dap/adapter.ts';
export { GdbConnection } from './remote/gdb/connection.ts';
export type { OpenDoor } from './session/gdb-door.ts';
export { Session } from './session/session.ts';
export {
  tableRegisters,
  type DecodedRegister,
  type EntryFilter,
  type EntryTrait,
  type Level,
  type ReachView,
  type TableRegister,
  type TablesView,
} from './session/views.ts';
export { entryTraitNames } from './mmu/table-filter.ts';
export { mapsText } from './session/maps-text.ts';
export { checkLesson, type LessonReport } from './lessons/check.ts';
export { parseLesson, type Lesson } from './lessons/format.ts';
export { labsOf, noTeaching, type Teaching } from './session/teaching.ts';
export { lessonWorlds } from './session/lesson-world.ts';
