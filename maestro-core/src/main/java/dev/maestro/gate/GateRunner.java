package dev.maestro.gate;

import dev.maestro.process.ProcessIdentity;
import dev.maestro.process.ProcessListener;
import dev.maestro.process.ProcessResult;
import dev.maestro.process.ProcessRunner;
import dev.maestro.process.ProcessSpec;
import dev.maestro.process.ProcessStartException;
import dev.maestro.process.Time;
import dev.maestro.store.BlobId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Runs gates and writes their receipts. Safe for use by any number of threads. */
public final class GateRunner {

  /** The most characters of output that are kept of one gate. */
  public static final int MAX_OUTPUT = 4 * 1024 * 1024;

  /** The most characters of output that a receipt shows. */
  public static final int MAX_EXCERPT = 2_000;

  private final ProcessRunner processes;
  private final Time time;

  /** Make a runner on these. */
  public GateRunner(ProcessRunner processes, Time time) {
    this.processes = Objects.requireNonNull(processes, "processes");
    this.time = Objects.requireNonNull(time, "time");
  }

  /**
   * Run a program as a gate.
   *
   * @param environment variables to add, such as secrets
   * @param started hears of the process before it gets any input; may block
   * @param redact takes secrets out of what was printed
   */
  public GateRun run(
      Gate.CommandGate gate,
      GateSubject subject,
      Map<String, String> environment,
      Consumer<ProcessIdentity> started,
      UnaryOperator<String> redact)
      throws InterruptedException {
    ProcessSpec spec =
        ProcessSpec.builder(subject.directory(), gate.command())
            .environment(environment)
            .timeLimit(gate.timeout())
            .build();
    Printed printed = new Printed(started);
    Instant begun = time.instant();
    TestCounting counting = gate.tests();
    try {
      if (counting != null) {
        counting.begin(subject.directory());
      }
      ProcessResult result = processes.run(spec, printed, subject.cancellation());
      String output = printed.text() + ending(gate, result);
      TestCount tests =
          counting == null
              ? null
              : counting
                  .count(subject.directory(), output, subject.checkpoint().tree())
                  .orElse(null);
      boolean isUncounted = counting != null && tests == null;
      return finish(
          gate,
          gate.command(),
          subject,
          begun,
          result.isCleanExit() && !isUncounted,
          result.exitCode(),
          redact.apply(isUncounted ? output + "no tests were counted\n" : output),
          tests);
    } catch (ProcessStartException | IOException e) {
      return finish(
          gate,
          gate.command(),
          subject,
          begun,
          false,
          null,
          redact.apply(String.valueOf(e.getMessage())),
          null);
    }
  }

  /** Run a check in code as a gate. */
  public GateRun run(
      Gate.CodeGate gate, GateCheck check, GateSubject subject, UnaryOperator<String> redact)
      throws InterruptedException {
    Instant begun = time.instant();
    try {
      GateCheck.Finding finding = check.check(subject);
      return finish(
          gate,
          List.of(),
          subject,
          begun,
          finding.passed(),
          null,
          redact.apply(finding.output()),
          null);
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      return finish(gate, List.of(), subject, begun, false, null, redact.apply(e.toString()), null);
    }
  }

  private GateRun finish(
      Gate gate,
      List<String> command,
      GateSubject subject,
      Instant begun,
      boolean passed,
      @Nullable Integer exitCode,
      String output,
      @Nullable TestCount tests) {
    Receipt receipt =
        new Receipt(
            gate.name(),
            command,
            passed,
            exitCode,
            subject.checkpoint().tree(),
            BlobId.of(output.getBytes(StandardCharsets.UTF_8)).hex(),
            excerpt(output),
            begun,
            Duration.between(begun, time.instant()),
            tests,
            null);
    return new GateRun(receipt, output);
  }

  private static String ending(Gate.CommandGate gate, ProcessResult result) {
    return switch (result.ending()) {
      case EXITED -> "";
      case TIMED_OUT, INACTIVE -> "stopped after its time limit of " + gate.timeout() + "\n";
      case CANCELLED -> "cancelled\n";
    };
  }

  /** {@return the end of the text, from the start of a line where possible} */
  public static String excerpt(String text) {
    String stripped = text.stripTrailing();
    if (stripped.length() <= MAX_EXCERPT) {
      return stripped;
    }
    String end = stripped.substring(stripped.length() - MAX_EXCERPT);
    int line = end.indexOf('\n');
    return "…\n" + (line < 0 ? end : end.substring(line + 1));
  }

  /** Both streams of a program as it printed them, as far as they are kept. */
  private static final class Printed implements ProcessListener {

    private final Consumer<ProcessIdentity> started;
    // guarded by this
    private final StringBuilder text = new StringBuilder();
    // guarded by this
    private boolean cut;

    Printed(Consumer<ProcessIdentity> started) {
      this.started = started;
    }

    @Override
    public void started(ProcessIdentity identity) {
      started.accept(identity);
    }

    @Override
    public void line(String line) {
      append(line);
    }

    @Override
    public void errorLine(String line) {
      append(line);
    }

    private synchronized void append(String line) {
      int overflow = text.length() + line.length() + 1 - MAX_OUTPUT;
      if (overflow > 0) {
        text.delete(0, Math.min(text.length(), Math.max(overflow, MAX_OUTPUT / 4)));
        cut = true;
      }
      text.append(line, 0, Math.min(line.length(), MAX_OUTPUT / 2)).append('\n');
    }

    /** A mark tells where something was cut off, which may be half of a secret. */
    synchronized String text() {
      return cut ? "…" + text : text.toString();
    }
  }
}
