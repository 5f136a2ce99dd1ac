package dev.maestro.git;

import dev.maestro.failure.PermanentException;
import dev.maestro.failure.TransientException;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The installed {@code git} program.
 *
 * <p>Started without a shell, in the C locale, with an environment free of {@code GIT_*} variables
 * that say where a repository is, never asking at a terminal. The repository's hooks and its file
 * system monitor do not run for what Maestro does: a checkpoint is Maestro's bookkeeping, and gates
 * are its checks. Filters (LFS, say) do run, because without them the bytes would be wrong; so do
 * hooks when an agent itself calls git. No maintenance is ever started.
 *
 * <p>Safe for use by any number of threads.
 */
final class NativeGit {

  /** Older ones lack options used here and count as not installed. */
  private static final Version OLDEST = new Version(2, 26);

  private static final Duration LIMIT = Duration.ofMinutes(15);

  /** What has not ended by then may wait for a pipe; looked for again after twice as long. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /** Says which configuration is the user's; every other GIT_ variable is kept from the program. */
  private static final Set<String> KEPT_VARIABLES =
      Set.of(
          "GIT_CONFIG_GLOBAL",
          "GIT_CONFIG_SYSTEM",
          "GIT_CONFIG_NOSYSTEM",
          "GIT_EXEC_PATH",
          "GIT_SSL_CAINFO",
          "GIT_SSH",
          "GIT_SSH_COMMAND");

  private static final List<String> CONFIGURATION =
      List.of(
          "core.hooksPath=/dev/null",
          "core.fsmonitor=false",
          "core.quotepath=off",
          // a file is unchanged when all that the system says about it is, and not less
          "core.trustctime=true",
          "core.checkStat=default",
          "core.ignoreStat=false",
          "sparse.expectFilesOutsideOfPatterns=false",
          // names and contents are taken as they are; a warning must not become a failure
          "core.safecrlf=false",
          // a checkpoint has to outlive a power cut as much as the journal that names it
          "core.fsync=objects,index",
          "core.fsyncMethod=batch",
          "advice.addEmbeddedRepo=false",
          "advice.graftFileDeprecated=false",
          "checkout.workers=2",
          "gc.auto=0",
          "maintenance.auto=false");

  private final Path program;
  private final Version version;

  private NativeGit(Path program, Version version) {
    this.program = program;
    this.version = version;
  }

  /** Two numbers are all that is asked about. */
  record Version(int major, int minor) {

    private static final Pattern TEXT = Pattern.compile("git version (\\d+)\\.(\\d+).*");

    static Optional<Version> parse(String text) {
      Matcher matcher = TEXT.matcher(text.lines().findFirst().orElse(""));
      return matcher.matches()
          ? Optional.of(
              new Version(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2))))
          : Optional.empty();
    }

    boolean atLeast(Version other) {
      return major > other.major || major == other.major && minor >= other.minor;
    }
  }

  /**
   * What a program said.
   *
   * @param exitCode 0 for success
   * @param out its standard output
   * @param err its standard error
   */
  record Output(int exitCode, byte[] out, String err) {

    String text() {
      return new String(out, StandardCharsets.UTF_8).strip();
    }

    /** {@return the output of a command that was given {@code -z}} */
    List<String> fields() {
      List<String> fields = new ArrayList<>();
      int start = 0;
      for (int i = 0; i < out.length; i++) {
        if (out[i] == 0) {
          fields.add(new String(out, start, i - start, StandardCharsets.UTF_8));
          start = i + 1;
        }
      }
      return fields;
    }
  }

  /** {@return the git that is found on the path, if there is one that is new enough} */
  static Optional<NativeGit> find() throws InterruptedException {
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
    for (String directory : path.split(File.pathSeparator)) {
      // a relative entry would find whatever lies in the working directory
      if (Path.of(directory).isAbsolute()) {
        for (String name : List.of("git", "git.exe")) {
          Path program = Path.of(directory, name);
          if (Files.isExecutable(program) && !Files.isDirectory(program)) {
            return probe(program);
          }
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<NativeGit> probe(Path program) throws InterruptedException {
    Output output = start(List.of(program.toString(), "version"), null, Map.of(), new byte[0]);
    return Version.parse(output.text())
        .filter(version -> version.atLeast(OLDEST))
        .map(version -> new NativeGit(program, version));
  }

  boolean isAtLeast(int major, int minor) {
    return version.atLeast(new Version(major, minor));
  }

  /** {@return git at work in one working tree, named outright so that none other can be found} */
  Repository in(Worktree tree) {
    return new Repository(tree.gitDirectory(), tree.directory(), Map.of());
  }

  /** {@return git at work on a repository's objects, with no working tree} */
  Repository on(Path gitDirectory) {
    return new Repository(gitDirectory, null, Map.of());
  }

  /** {@return what git says when it looks for a repository by itself, from here upwards} */
  Output discover(Path directory) throws InterruptedException {
    return start(
        List.of(program.toString(), "rev-parse", "--git-dir"), directory, Map.of(), new byte[0]);
  }

  /** One repository, maybe with a working tree, to run commands in. */
  final class Repository {

    private final Path gitDirectory;
    private final @Nullable Path tree;
    private final Map<String, String> environment;

    private Repository(Path gitDirectory, @Nullable Path tree, Map<String, String> environment) {
      this.gitDirectory = gitDirectory;
      this.tree = tree;
      this.environment = environment;
    }

    /** {@return the same, with another index than the working tree's own} */
    Repository withIndex(Path index) {
      return new Repository(gitDirectory, tree, Map.of("GIT_INDEX_FILE", index.toString()));
    }

    /** Run a command and have its answer, whatever the exit code. */
    Output ask(String... arguments) throws InterruptedException {
      return ask(new byte[0], arguments);
    }

    /** Run a command that reads paths, and have its answer, whatever the exit code. */
    Output askWith(List<String> paths, String... arguments) throws InterruptedException {
      return ask(String.join("\0", paths).concat("\0").getBytes(StandardCharsets.UTF_8), arguments);
    }

    private Output ask(byte[] input, String... arguments) throws InterruptedException {
      List<String> command = new ArrayList<>();
      command.add(program.toString());
      command.add("--git-dir=" + gitDirectory);
      if (tree != null) {
        command.add("--work-tree=" + tree);
      }
      command.add("--literal-pathspecs");
      for (String setting : CONFIGURATION) {
        command.add("-c");
        command.add(setting);
      }
      command.addAll(List.of(arguments));
      return start(command, tree == null ? gitDirectory : tree, tree, environment, input);
    }

    /** Run a command that must succeed. */
    Output run(String... arguments) throws InterruptedException {
      return successful(ask(arguments), arguments);
    }

    /** Run a command that reads paths and must succeed. */
    Output runWith(List<String> paths, String... arguments) throws InterruptedException {
      return successful(askWith(paths, arguments), arguments);
    }
  }

  private static Output successful(Output output, String... arguments) {
    if (output.exitCode() != 0) {
      throw failure(output, arguments);
    }
    return output;
  }

  /** {@return the exception for a command that should have succeeded} */
  static RuntimeException failure(Output output, String... arguments) {
    String message =
        "git %s failed with exit code %d in one of Maestro's own steps: %s"
            .formatted(arguments[0], output.exitCode(), shortened(output.err()));
    boolean mayPass =
        output.err().contains(".lock'") || output.err().contains("No space left on device");
    return mayPass ? new TransientException(message) : new PermanentException(message);
  }

  private static String shortened(String text) {
    String stripped = text.strip();
    return stripped.length() <= 1000 ? stripped : stripped.substring(0, 1000) + " ...";
  }

  /**
   * Start the program and wait for its end. The one place where a process is started.
   *
   * <p>Output goes through files: nothing can block on a full pipe, and waiting can be interrupted.
   */
  private static Output start(
      List<String> command, @Nullable Path directory, Map<String, String> extra, byte[] input)
      throws InterruptedException {
    return start(command, directory, null, extra, input);
  }

  private static Output start(
      List<String> command,
      @Nullable Path directory,
      @Nullable Path tree,
      Map<String, String> extra,
      byte[] input)
      throws InterruptedException {
    try {
      Path out = Files.createTempFile("maestro-git", ".out");
      Path err = Files.createTempFile("maestro-git", ".err");
      try {
        ProcessBuilder builder = new ProcessBuilder(command);
        if (directory != null) {
          builder.directory(directory.toFile());
        }
        builder.redirectOutput(out.toFile()).redirectError(err.toFile());
        clean(builder.environment());
        builder.environment().putAll(extra);
        int exitCode = await(builder.start(), input, command, tree);
        return new Output(
            exitCode, Files.readAllBytes(out), Files.readString(err, StandardCharsets.ISO_8859_1));
      } finally {
        Files.deleteIfExists(out);
        Files.deleteIfExists(err);
      }
    } catch (IOException e) {
      throw new TransientException("cannot run " + command.get(0), e);
    }
  }

  private static void clean(Map<String, String> environment) {
    environment
        .keySet()
        .removeIf(name -> name.startsWith("GIT_") && !KEPT_VARIABLES.contains(name));
    environment.put("LC_ALL", "C");
    environment.put("GIT_TERMINAL_PROMPT", "0");
    // whoever works in a repository can say in these files that its history is another
    environment.put("GIT_NO_REPLACE_OBJECTS", "1");
    environment.put("GIT_GRAFT_FILE", "/dev/null");
  }

  private static int await(Process process, byte[] input, List<String> command, @Nullable Path tree)
      throws IOException, InterruptedException {
    try {
      try (OutputStream in = process.getOutputStream()) {
        in.write(input);
      } catch (IOException endedEarly) {
        // it says why in its output, and its exit code tells
      }
      Duration waited = Duration.ZERO;
      Duration patience = PATIENCE;
      while (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        waited = waited.plus(patience);
        patience = patience.multipliedBy(2);
        requireProgress(command, tree, waited);
      }
      return process.exitValue();
    } finally {
      end(process);
    }
  }

  private static void requireProgress(List<String> command, @Nullable Path tree, Duration waited) {
    Optional<PermanentException> pipe = tree == null ? Optional.empty() : Pipes.amongRules(tree);
    if (pipe.isPresent()) {
      throw pipe.get();
    } else if (waited.compareTo(LIMIT) >= 0) {
      throw new TransientException(
          command.get(0) + " was still running after " + waited.toMinutes() + " minutes");
    }
  }

  /** TERM lets git take its lock files with it, which KILL does not. */
  private static void end(Process process) {
    if (!process.isAlive()) {
      return;
    }
    List<ProcessHandle> tree = process.descendants().toList();
    process.destroy();
    try {
      process.waitFor(2, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    tree.forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
