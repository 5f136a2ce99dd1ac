package dev.maestro.process;

import dev.maestro.failure.MaestroException;
import dev.maestro.failure.TransientException;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Runs child processes: agents, commands and gates, all of them.
 *
 * <p>A process is started with a fresh marker in its environment, introduced to its listener by its
 * identity, and only then given its input. It is seen to its end: by itself, by a limit, by
 * cancellation, by an interrupt, or because its listener threw. When {@link #run} returns or
 * throws, nothing of it is left: no process that is a descendant or carries the marker, no thread,
 * no open pipe. What could not be ended all the same is in the result.
 *
 * <p>Safe for use by any number of threads, and owns nothing that would have to be closed.
 */
public final class ProcessRunner {

  /** What a system says when it has no room for a process just now: EAGAIN, ENOMEM, ENFILE ... */
  private static final Set<String> NO_ROOM = Set.of("4", "11", "12", "23", "24", "26", "35");

  private static final String NO_SUCH_FILE = "2";

  /** The two forms in which Java tells it: {@code error=2, why} and {@code error: 2 (why)}. */
  private static final Pattern REASON = Pattern.compile("error(?:=|: )(\\d+)(?:, | \\()([^)]*)");

  private final Time time;
  private final String session;
  private final ProcessTable table;

  /** Run processes whose limits are watched by this clock. */
  public ProcessRunner(Time time) {
    this(time, ProcessTable.ofThisMachine());
  }

  /**
   * Run processes whose markers begin with this session, so that {@link Reaper#reap(Session)} finds
   * them even when nobody has written down that they were started.
   *
   * @param session {@link Session#id()}
   */
  public ProcessRunner(Time time, String session) {
    this(time, session, ProcessTable.ofThisMachine());
  }

  ProcessRunner(Time time, ProcessTable table) {
    this(time, Session.newId(), table);
  }

  private ProcessRunner(Time time, String session, ProcessTable table) {
    this.time = Objects.requireNonNull(time, "time");
    this.session = Session.requireSafe(session);
    this.table = table;
  }

  /** {@return what the markers of its processes begin with} */
  public String session() {
    return session;
  }

  /**
   * Run a process and return when nothing is left of it.
   *
   * <p>A graceful cancellation closes its stdin and waits for the grace of the specification; where
   * stdin has ended before, it sends TERM and waits. Then the whole tree gets TERM, and after half
   * a second KILL. An emergency leaves out the waiting, and so do limits. Cancelled before the
   * start, it is not started.
   *
   * @throws InterruptedException when this thread is interrupted; the tree has been ended then
   * @throws ProcessStartException when there is no such program or directory, or an argument cannot
   *     be handed over as it is in the locale of this JVM
   * @throws TransientException when the machine has no room for another process just now
   */
  public ProcessResult run(ProcessSpec spec, ProcessListener listener, Cancellation cancellation)
      throws InterruptedException {
    Objects.requireNonNull(listener, "listener");
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    if (cancellation.isCancelled()) {
      return ProcessResult.neverStarted(time.instant());
    }
    requireWholeArguments(spec);
    String marker = Session.newMarker(session);
    Process process = start(spec, marker);
    try (ChildProcess child = adopt(process, spec, listener, marker)) {
      return child.run(cancellation);
    }
  }

  private ChildProcess adopt(
      Process process, ProcessSpec spec, ProcessListener listener, String marker) {
    try {
      return new ChildProcess(spec, listener, time, table, process, marker);
    } catch (RuntimeException | Error e) {
      process.destroyForcibly();
      throw e;
    }
  }

  /** What the arguments are is not told: one may be a prompt. */
  private static void requireWholeArguments(ProcessSpec spec) {
    Charset charset = ArgumentText.charset();
    if (!Environment.isWindows() && !ArgumentText.isKept(spec.command(), charset)) {
      throw new ProcessStartException(
          spec.program(),
          "cannot start '%s': an argument has characters that cannot be handed over as %s; run Java in a locale of UTF-8, such as LANG=C.UTF-8"
              .formatted(spec.program(), charset),
          null);
    }
  }

  private static Process start(ProcessSpec spec, String marker) {
    ProcessBuilder builder =
        new ProcessBuilder(spec.command()).directory(spec.directory().toFile());
    builder.environment().clear();
    builder.environment().putAll(Environment.of(spec, System.getenv(), marker));
    try {
      return builder.start();
    } catch (IOException e) {
      throw translated(spec, e);
    }
  }

  private static MaestroException translated(ProcessSpec spec, IOException e) {
    Matcher reason = REASON.matcher(String.valueOf(e.getMessage()));
    String code = reason.find() ? reason.group(1) : "";
    String what = "cannot start '" + spec.program() + "': ";
    if (NO_ROOM.contains(code)) {
      return new TransientException(what + reason.group(2), e);
    }
    if (!Files.isDirectory(spec.directory())) {
      what += "there is no directory " + spec.directory();
    } else if (code.equals(NO_SUCH_FILE)) {
      what += "there is no such program; is it installed and on the PATH?";
    } else {
      what += code.isEmpty() ? "the system refused it" : reason.group(2);
    }
    return new ProcessStartException(spec.program(), what, e);
  }
}
