package dev.maestro.process;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A child process to be: what to run, where, with which environment, input and limits.
 *
 * @param command the program and its arguments, handed over as they are: no shell reads them
 * @param directory where it works; a relative program with a slash is looked up from here
 * @param environment variables set by name; they win over inherited ones
 * @param inherited names of the host's variables that are passed on; a {@code *} at the end stands
 *     for any rest. No other variable of the host is seen by the child
 * @param input what it reads on stdin, as UTF-8
 * @param keepsInputOpen whether stdin stays open behind the input; otherwise it is at its end then
 * @param limits time and size limits
 */
public record ProcessSpec(
    List<String> command,
    Path directory,
    Map<String, String> environment,
    Set<String> inherited,
    String input,
    boolean keepsInputOpen,
    ProcessLimits limits) {

  /** The variables of the host that a child sees unless told otherwise; no secrets live here. */
  public static final Set<String> INHERITED_BY_DEFAULT =
      Set.of(
          "PATH",
          "HOME",
          "USER",
          "LOGNAME",
          "SHELL",
          "LANG",
          "LC_*",
          "TZ",
          "TMPDIR",
          "TERM",
          "JAVA_HOME",
          "XDG_*");

  /** Check that it can be handed to an operating system, and copy what could change. */
  public ProcessSpec {
    command = List.copyOf(command);
    Objects.requireNonNull(directory, "directory");
    environment = Map.copyOf(environment);
    inherited = Set.copyOf(inherited);
    Objects.requireNonNull(input, "input");
    Objects.requireNonNull(limits, "limits");
    if (command.isEmpty() || command.get(0).isEmpty()) {
      throw new IllegalArgumentException("command must name a program");
    }
    if (command.stream().anyMatch(ProcessSpec::hasNul)) {
      throw new IllegalArgumentException("command must not contain a NUL character");
    }
    environment.forEach(ProcessSpec::checkVariable);
  }

  /** {@return a specification with every default} */
  public static ProcessSpec of(Path directory, String... command) {
    return builder(directory, List.of(command)).build();
  }

  /** {@return a builder for running the command in the directory} */
  public static Builder builder(Path directory, List<String> command) {
    return new Builder(directory, command);
  }

  /** {@return the program's name} */
  public String program() {
    return command.get(0);
  }

  /** {@return the program and its place; arguments, variables and input may be secret} */
  @Override
  public String toString() {
    return "ProcessSpec[%s with %d arguments in %s]"
        .formatted(program(), command.size() - 1, directory);
  }

  private static void checkVariable(String name, String value) {
    if (name.isEmpty() || name.indexOf('=') >= 0 || hasNul(name) || hasNul(value)) {
      throw new IllegalArgumentException("not a name and value of a variable: '" + name + "'");
    }
  }

  private static boolean hasNul(String text) {
    return text.indexOf('\0') >= 0;
  }

  /**
   * Builds a {@link ProcessSpec}.
   *
   * <p>By default the child sees {@link #INHERITED_BY_DEFAULT} of the host's environment, finds
   * stdin at its end, and has {@link ProcessLimits#DEFAULTS}.
   */
  public static final class Builder {

    private final Path directory;
    private final List<String> command;
    private final Map<String, String> environment = new LinkedHashMap<>();
    private Set<String> inherited = new LinkedHashSet<>(INHERITED_BY_DEFAULT);
    private String input = "";
    private boolean keepsInputOpen;
    private @Nullable Duration time;
    private @Nullable Duration inactivity;
    private int lineBytes = ProcessLimits.DEFAULTS.lineBytes();
    private int errorTailBytes = ProcessLimits.DEFAULTS.errorTailBytes();
    private Duration grace = ProcessLimits.DEFAULTS.grace();

    private Builder(Path directory, List<String> command) {
      this.directory = directory;
      this.command = command;
    }

    /** Set one variable of the child's environment. */
    public Builder variable(String name, String value) {
      environment.put(name, value);
      return this;
    }

    /** Set several variables of the child's environment. */
    public Builder environment(Map<String, String> variables) {
      environment.putAll(variables);
      return this;
    }

    /** Pass on more of the host's variables; a {@code *} at the end stands for any rest. */
    public Builder inherit(String... names) {
      inherited.addAll(Arrays.asList(names));
      return this;
    }

    /** Pass on these of the host's variables and no others, not even the defaults. */
    public Builder inheritOnly(String... names) {
      inherited = new LinkedHashSet<>(Arrays.asList(names));
      return this;
    }

    /** Set what the child reads on stdin. */
    public Builder input(String text) {
      input = text;
      return this;
    }

    /** Keep stdin open behind the input and hand it to {@link ProcessListener#opened}. */
    public Builder keepInputOpen() {
      keepsInputOpen = true;
      return this;
    }

    /** Limit how long the child may run in all; by default as long as it likes. */
    public Builder timeLimit(Duration limit) {
      time = limit;
      return this;
    }

    /** Limit how long the child may write nothing; by default for ever. */
    public Builder inactivityLimit(Duration limit) {
      inactivity = limit;
      return this;
    }

    /** Set where longer lines are cut; by default at 1 MiB. */
    public Builder lineLimit(int bytes) {
      lineBytes = bytes;
      return this;
    }

    /** Set how much of the end of stderr is kept; by default 64 KiB. */
    public Builder errorTail(int bytes) {
      errorTailBytes = bytes;
      return this;
    }

    /** Set how long a graceful cancellation waits; by default five seconds. */
    public Builder grace(Duration wait) {
      grace = wait;
      return this;
    }

    /** {@return the specification} */
    public ProcessSpec build() {
      return new ProcessSpec(
          command,
          directory,
          environment,
          inherited,
          input,
          keepsInputOpen,
          new ProcessLimits(time, inactivity, lineBytes, errorTailBytes, grace));
    }
  }
}
