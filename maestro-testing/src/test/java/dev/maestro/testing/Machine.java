package dev.maestro.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** What the machine under the tests can be asked for, or made to do. */
final class Machine {

  private Machine() {}

  /** A disk of a fixed size, where this user may mount one; elsewhere the test is skipped. */
  static final class SmallDisk implements AutoCloseable {

    private final Path directory;

    private SmallDisk(Path directory) {
      this.directory = directory;
    }

    static SmallDisk mounted(Path directory, String size) throws IOException {
      Files.createDirectories(directory);
      assumeDone("mount", "-t", "tmpfs", "-o", "size=" + size, "maestro", directory.toString());
      return new SmallDisk(directory);
    }

    void resize(String size) throws IOException {
      requireDone("mount", "-o", "remount,size=" + size, directory.toString());
    }

    @Override
    public void close() throws IOException {
      requireDone("umount", directory.toString());
    }
  }

  /** Directories in which nothing can be made or deleted, not even by root. */
  static final class Frozen implements AutoCloseable {

    private final List<String> directories;

    private Frozen(List<String> directories) {
      this.directories = directories;
    }

    static Frozen below(Path directory) throws IOException {
      List<String> all;
      try (Stream<Path> files = Files.walk(directory)) {
        all = files.filter(Files::isDirectory).map(Path::toString).toList();
      }
      assumeDone(command("chattr", "+i", all));
      return new Frozen(all);
    }

    @Override
    public void close() throws IOException {
      requireDone(command("chattr", "-i", directories));
    }

    private static String[] command(String program, String option, List<String> files) {
      List<String> command = new ArrayList<>(List.of(program, option));
      command.addAll(files);
      return command.toArray(String[]::new);
    }
  }

  private static void assumeDone(String... command) {
    String problem;
    try {
      problem = run(command);
    } catch (IOException e) {
      problem = String.valueOf(e.getMessage());
    }
    String why = problem;
    Assumptions.assumeTrue(problem.isEmpty(), () -> "not allowed here: " + why);
  }

  private static void requireDone(String... command) throws IOException {
    String problem = run(command);
    if (!problem.isEmpty()) {
      throw new IllegalStateException(problem);
    }
  }

  /** {@return what is wrong, or nothing} */
  private static String run(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    return process.onExit().join().exitValue() == 0
        ? ""
        : String.join(" ", command) + ": " + output;
  }

  /** Start a program of the tests in a JVM of its own with so much heap. */
  static Process jvm(Class<?> program, String heap, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap,
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  /** {@return those processes at work that carry this word in their environment} */
  static Set<Long> processesWith(String word) throws IOException {
    try (Stream<Path> entries = Files.list(Path.of("/proc"))) {
      return entries
          .map(entry -> entry.getFileName().toString())
          .filter(name -> name.matches("[0-9]+"))
          .map(Long::valueOf)
          .filter(pid -> isAtWork(pid) && environment(pid).contains(word))
          .collect(Collectors.toSet());
    }
  }

  private static String environment(long pid) {
    try {
      byte[] bytes = Files.readAllBytes(Path.of("/proc", Long.toString(pid), "environ"));
      return new String(bytes, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      // it has ended, or is somebody else's
      return "";
    }
  }

  /** {@return whether there is such a process; one that only waits to be buried is none} */
  static boolean isAtWork(long pid) {
    try {
      return !Files.readString(Path.of("/proc", Long.toString(pid), "stat"))
          .matches("(?s).*\\) [ZX] .*");
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      return ProcessHandle.of(pid).isPresent();
    }
  }

  /**
   * {@return the names of those threads of this JVM that begin like this and stay}
   *
   * <p>Whoever has done all its work and has only to end is given the processor for that.
   */
  static List<String> threadsLeft(String prefix) throws InterruptedException {
    List<Thread> found =
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().startsWith(prefix))
            .toList();
    for (Thread thread : found) {
      thread.join(120_000);
    }
    return found.stream().filter(Thread::isAlive).map(Thread::getName).toList();
  }

  /** {@return what the open handles of this JVM lead to} */
  static List<String> handles() throws IOException {
    List<String> handles = new ArrayList<>();
    try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
      for (Path file : files.toList()) {
        target(file).ifPresent(handles::add);
      }
    }
    return handles;
  }

  private static Optional<String> target(Path handle) throws IOException {
    try {
      return Optional.of(Files.readSymbolicLink(handle).toString());
    } catch (NoSuchFileException e) {
      return Optional.empty(); // closed after it was listed, such as the one that lists
    }
  }
}
