package dev.maestro.attempt;

import dev.maestro.gate.Gate;
import dev.maestro.gate.GateCheck;
import dev.maestro.gate.GateRun;
import dev.maestro.gate.GateRunner;
import dev.maestro.gate.GateSubject;
import dev.maestro.gate.Receipt;
import dev.maestro.gate.TestCount;
import dev.maestro.process.ProcessIdentity;
import dev.maestro.run.RunInput;
import dev.maestro.run.Trouble;
import dev.maestro.task.Reason;
import dev.maestro.workspace.Checkpoint;
import dev.maestro.workspace.PathGlobs;
import dev.maestro.workspace.Workspace;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** Runs the gates of a step on a checkpoint, one after the other, until one fails. */
final class Gates {

  private static final PathGlobs EVERYTHING = PathGlobs.of("**");
  private static final int MOST_SAID = 300;

  private final Tools tools;
  private final GateRunner runner;

  Gates(Tools tools) {
    this.tools = tools;
    this.runner = new GateRunner(tools.processes(), tools.time());
  }

  /**
   * Run them.
   *
   * @param before what the number of tests is compared with, where a gate counts them
   */
  List<Receipt> run(Assignment a, Workspace workspace, Checkpoint before, Checkpoint checkpoint)
      throws InterruptedException {
    Secrets secrets = Secrets.of(a, tools.secrets());
    List<Receipt> receipts = new ArrayList<>();
    for (Gate gate : a.task().step().gates()) {
      Optional<TestCount> tests = testsOn(before, gate, a, workspace, checkpoint, secrets);
      putBack(workspace, checkpoint);
      GateRun run = run(gate, a, subject(a, workspace, checkpoint), secrets);
      tools.store().put(run.output().getBytes(StandardCharsets.UTF_8));
      Receipt receipt = tests.map(run.receipt()::comparedWith).orElse(run.receipt());
      receipts.add(receipt);
      if (!receipt.passed()) {
        break;
      }
    }
    putBack(workspace, checkpoint);
    return receipts;
  }

  private static GateSubject subject(Assignment a, Workspace workspace, Checkpoint checkpoint) {
    return new GateSubject(a.attempt(), workspace.directory(), checkpoint, a.cancellation());
  }

  /**
   * How many tests there were; counted once for each state of the files. Where the gate can count
   * none there, none can get lost.
   */
  private Optional<TestCount> testsOn(
      Checkpoint before,
      Gate gate,
      Assignment a,
      Workspace workspace,
      Checkpoint checkpoint,
      Secrets secrets)
      throws InterruptedException {
    if (!(gate instanceof Gate.CommandGate command) || command.tests() == null) {
      return Optional.empty();
    }
    Optional<TestCount> known = known(a.task().receipts(), gate, before.tree());
    if (known.isPresent()) {
      return known;
    }
    workspace.restore(EVERYTHING, before);
    try {
      GateRun run = run(gate, a, subject(a, workspace, before), secrets);
      TestCount none = new TestCount(0, 0, before.tree());
      return Optional.ofNullable(run.receipt().tests()).or(() -> Optional.of(none));
    } finally {
      workspace.restore(EVERYTHING, checkpoint);
    }
  }

  private static Optional<TestCount> known(List<Receipt> receipts, Gate gate, String tree) {
    return receipts.stream()
        .filter(receipt -> receipt.gate().equals(gate.name()))
        .flatMap(receipt -> Stream.of(receipt.tests(), receipt.before()))
        .filter(Objects::nonNull)
        .filter(count -> count.tree().equals(tree))
        .findFirst();
  }

  private GateRun run(Gate gate, Assignment a, GateSubject subject, Secrets secrets)
      throws InterruptedException {
    if (gate instanceof Gate.CommandGate command) {
      return runner.run(
          command, subject, secrets.environment(), identity -> note(a, identity), secrets);
    }
    Gate.CodeGate code = (Gate.CodeGate) gate;
    GateCheck check =
        tools
            .registered()
            .gate(code.name(), code.version())
            .orElseThrow(() -> Registered.missing("gate", code.name(), code.version()));
    return check(code, check, subject, secrets);
  }

  private GateRun check(Gate.CodeGate gate, GateCheck check, GateSubject subject, Secrets secrets)
      throws InterruptedException {
    try {
      return Interruptible.call(
          subject.cancellation(), () -> runner.run(gate, check, subject, secrets));
    } catch (InterruptedException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("a gate runner throws nothing else", e);
    }
  }

  private void note(Assignment a, ProcessIdentity identity) {
    a.journal()
        .record(
            new RunInput.Launch(
                tools.time().instant(), a.attempt().task(), a.attempt().number(), identity, false));
  }

  /**
   * Undo what a gate did, or a process that has outlived its agent: a receipt names the files it
   * was given for, so each gate must find those and no others.
   */
  void putBack(Workspace workspace, Checkpoint checkpoint) throws InterruptedException {
    if (tools.workspaces().capabilities().checkpoints()
        && !workspace.changesSince(checkpoint).isEmpty()) {
      workspace.restore(EVERYTHING, checkpoint);
    }
  }

  /** {@return why these receipts are not good enough, or empty when they are} */
  static Optional<Trouble> trouble(List<Receipt> receipts) {
    return receipts.stream().filter(receipt -> !receipt.passed()).findFirst().map(Gates::failure);
  }

  private static Trouble failure(Receipt receipt) {
    Integer exit = receipt.exitCode();
    boolean isClean = exit != null && exit == 0;
    if (isClean && receipt.lostTests()) {
      return new Trouble(
          Reason.FEWER_TESTS,
          null,
          "the gate '%s' ran %s; on what the task started from it was %s"
              .formatted(receipt.gate(), receipt.tests(), receipt.before()),
          receipt.excerpt(),
          null);
    }
    String how = exit == null || isClean ? "did not pass" + why(receipt) : "exited with " + exit;
    return new Trouble(
        Reason.GATE_FAILED,
        null,
        "the gate '" + receipt.gate() + "' " + how,
        receipt.excerpt(),
        null);
  }

  /** {@return why a command could not start, had to be stopped, or was not believed} */
  private static String why(Receipt receipt) {
    String said = receipt.excerpt().substring(receipt.excerpt().lastIndexOf('\n') + 1).strip();
    if (receipt.command().isEmpty() || said.isEmpty()) {
      return "";
    }
    return ": " + (said.length() <= MOST_SAID ? said : said.substring(0, MOST_SAID) + "…");
  }
}
