package dev.maestro.attempt;

import dev.maestro.gate.Gate;
import dev.maestro.gate.GateCheck;
import dev.maestro.gate.GateRun;
import dev.maestro.gate.GateRunner;
import dev.maestro.gate.GateSubject;
import dev.maestro.gate.Receipt;
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
import java.util.Optional;

/** Runs the gates of a step on a checkpoint, one after the other, until one fails. */
final class Gates {

  private static final PathGlobs EVERYTHING = PathGlobs.of("**");

  private final Tools tools;
  private final GateRunner runner;

  Gates(Tools tools) {
    this.tools = tools;
    this.runner = new GateRunner(tools.processes(), tools.time());
  }

  List<Receipt> run(Assignment a, Workspace workspace, Checkpoint checkpoint)
      throws InterruptedException {
    Secrets secrets = Secrets.of(a, tools.secrets());
    List<Receipt> receipts = new ArrayList<>();
    for (Gate gate : a.task().step().gates()) {
      GateSubject subject =
          new GateSubject(a.attempt(), workspace.directory(), checkpoint, a.cancellation());
      GateRun run = run(gate, a, subject, secrets);
      tools.store().put(run.output().getBytes(StandardCharsets.UTF_8));
      receipts.add(run.receipt());
      undoWhatTheGateDid(workspace, checkpoint);
      if (!run.receipt().passed()) {
        break;
      }
    }
    return receipts;
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

  /** A receipt names the files it was given for, so the next gate must find those and no others. */
  void undoWhatTheGateDid(Workspace workspace, Checkpoint checkpoint) throws InterruptedException {
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
    String how = receipt.exitCode() == null ? "did not pass" : "exited with " + receipt.exitCode();
    return new Trouble(
        Reason.GATE_FAILED,
        null,
        "the gate '" + receipt.gate() + "' " + how,
        receipt.excerpt(),
        null);
  }
}
