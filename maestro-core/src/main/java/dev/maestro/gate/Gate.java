package dev.maestro.gate;

import dev.maestro.task.TimeBound;
import dev.maestro.workspace.PathGlobs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A check that Maestro itself runs on a checkpoint; data, so that it can be written to a file. */
public sealed interface Gate {

  /** How long a command gate may take unless it says otherwise. */
  Duration DEFAULT_TIMEOUT = Duration.ofMinutes(5);

  /** {@return what receipts and messages call it} */
  String name();

  /** {@return files that are put back to what the task started from before this gate runs} */
  PathGlobs protectedPaths();

  /** {@return a gate that passes when this program exits with 0; no shell is involved} */
  static CommandGate command(String program, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(program);
    command.addAll(List.of(arguments));
    return new CommandGate(
        String.join(" ", command), command, new PathGlobs(List.of()), DEFAULT_TIMEOUT);
  }

  /** {@return a gate whose check is registered on the builder under this name and version} */
  static CodeGate code(String name, String version) {
    return new CodeGate(name, version, new PathGlobs(List.of()));
  }

  /**
   * Passes when a program exits with 0.
   *
   * @param name what receipts call it; the command itself unless named
   * @param command the program and its arguments, handed over as they are
   * @param protectedPaths put back before it runs
   * @param timeout after which it has failed
   * @param tests how the tests that it runs are counted, whose number may not fall below that on
   *     what the task started from; null, unless stated, when they are not counted
   */
  record CommandGate(
      String name,
      List<String> command,
      PathGlobs protectedPaths,
      Duration timeout,
      @Nullable TestCounting tests)
      implements Gate {

    /** A gate that counts no tests. */
    public CommandGate(
        String name, List<String> command, PathGlobs protectedPaths, Duration timeout) {
      this(name, command, protectedPaths, timeout, null);
    }

    /** Check that there is a program and a positive limit. */
    public CommandGate {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(protectedPaths, "protectedPaths");
      command = List.copyOf(command);
      if (command.isEmpty() || command.get(0).isBlank()) {
        throw new IllegalArgumentException("a command gate needs a program");
      }
      TimeBound.check("the time limit of gate '" + name + "'", timeout);
    }

    /** {@return the same gate under this name} */
    public CommandGate named(String name) {
      return new CommandGate(name, command, protectedPaths, timeout, tests);
    }

    /** {@return the same gate, with these files put back before it runs} */
    public CommandGate protects(String... globs) {
      return new CommandGate(name, command, PathGlobs.of(globs), timeout, tests);
    }

    /** {@return the same gate with this time limit} */
    public CommandGate timeout(Duration limit) {
      return new CommandGate(name, command, protectedPaths, limit, tests);
    }

    /**
     * {@return the same gate, which does not pass when fewer tests ran, or more were skipped, than
     * on what the task started from}
     *
     * <p>For that it runs on those files too, once for each state of them. It needs workspaces that
     * keep checkpoints.
     */
    public CommandGate keepsTests(TestCounting counting) {
      return new CommandGate(
          name, command, protectedPaths, timeout, Objects.requireNonNull(counting, "counting"));
    }
  }

  /**
   * Runs a check that the application registered.
   *
   * @param name under which it is registered
   * @param version of the check
   * @param protectedPaths put back before it runs
   */
  record CodeGate(String name, String version, PathGlobs protectedPaths) implements Gate {

    /** Check that nothing is missing. */
    public CodeGate {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(version, "version");
      Objects.requireNonNull(protectedPaths, "protectedPaths");
    }

    /** {@return the same gate, with these files put back before it runs} */
    public CodeGate protects(String... globs) {
      return new CodeGate(name, version, PathGlobs.of(globs));
    }
  }
}
