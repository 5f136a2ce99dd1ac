package dev.maestro.run;

import dev.maestro.policy.FailureWindow;
import dev.maestro.task.Amount;
import dev.maestro.task.Cap;
import dev.maestro.task.Reason;
import dev.maestro.task.RunKey;
import dev.maestro.task.RunStatus;
import dev.maestro.task.Usage;
import dev.maestro.workspace.Checkpoint;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a run's state holds that is about no single task. */
final class Header {

  @Nullable Blueprint blueprint;
  RunEvent.@Nullable RunStarted started;
  @Nullable Definition definition;
  @Nullable RunKey forkedFrom;
  // what tasks start from that wait for no other; null for the present state of the place
  @Nullable Checkpoint base;
  // the id of what the first of those started from, once one has
  @Nullable String began;
  RunStatus status = RunStatus.PENDING;
  @Nullable Reason reason;
  @Nullable String detail;
  // since when nothing moves, while the run is paused
  @Nullable Instant pausedAt;
  Instant updatedAt = Instant.EPOCH;
  long sequence;
  long readySequence;
  int questionCount;
  Usage usage = Usage.NONE;
  // attempts of any task that were cut off in a launch, and whose usage has not come in
  int owed;
  // what stands in for the usage of those
  Amount presumed = Amount.NONE;
  // what launches have used up, or are presumed to have, and may still use up that are under way
  Amount spent = Amount.NONE;
  Amount reserved = Amount.NONE;
  Cap granted = Cap.NONE;
  // what the failure window of the run has seen, once it has seen something
  FailureWindow.@Nullable Seen failures;
  // the window that has closed since somebody resumed the run last
  WindowFold.@Nullable Closed closed;
  // where the last receipt stands, once there is one
  @Nullable ReceiptLinks receipts;
  // whether an event of this decision left more of a budget than there was
  boolean madeRoom;
  // whether one told what a launch has used up after all that had been presumed
  boolean corrected;
  // what the decision changed in what attempts have put aside or used up
  List<LedgerLine> ledger = List.of();

  /** Be as another one is. */
  void takeFrom(Header other) {
    blueprint = other.blueprint;
    started = other.started;
    definition = other.definition;
    forkedFrom = other.forkedFrom;
    base = other.base;
    began = other.began;
    status = other.status;
    reason = other.reason;
    detail = other.detail;
    pausedAt = other.pausedAt;
    updatedAt = other.updatedAt;
    sequence = other.sequence;
    readySequence = other.readySequence;
    questionCount = other.questionCount;
    usage = other.usage;
    owed = other.owed;
    presumed = other.presumed;
    spent = other.spent;
    reserved = other.reserved;
    granted = other.granted;
    failures = other.failures;
    closed = other.closed;
    receipts = other.receipts;
    madeRoom = other.madeRoom;
    corrected = other.corrected;
    ledger = other.ledger;
  }

  /** Forget what the decision before this one has changed. */
  void beginDecision() {
    madeRoom = false;
    corrected = false;
    ledger = List.of();
  }
}
