package dev.maestro.process;

import java.io.File;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The process table as Linux shows it under {@code /proc}.
 *
 * <p>Files are read through streams and not channels: an interrupt closes a channel, and a process
 * must not look gone because somebody is in a hurry.
 */
final class LinuxProcessTable implements ProcessTable {

  private static final int KERNEL_THREADS = 2;
  private static final int LOOKS = 5;
  private static final long BETWEEN_LOOKS_NANOS = 1_000_000;

  private final File proc;

  LinuxProcessTable(Path proc) {
    this.proc = proc.toFile();
  }

  @Override
  public String bootId() {
    String id = read("sys/kernel/random/boot_id");
    return id == null ? "" : id.strip();
  }

  @Override
  public List<Entry> processes() {
    List<Entry> found = new ArrayList<>();
    String[] names = proc.list();
    for (String name : names == null ? new String[0] : names) {
      if (Character.isDigit(name.charAt(0))) {
        find(Long.parseLong(name)).ifPresent(found::add);
      }
    }
    return found;
  }

  @Override
  public Optional<Entry> find(long pid) {
    String stat = read(pid + "/stat");
    return stat == null ? Optional.empty() : parse(stat);
  }

  @Override
  public Set<String> markersOf(Entry process, Set<String> markers) {
    Set<String> carried = new HashSet<>(Environment.markersIn(environment(process)));
    carried.retainAll(markers);
    return carried;
  }

  @Override
  public boolean readsEnvironments() {
    return true;
  }

  @Override
  public Optional<String> ownMarker(Entry process) {
    List<String> markers = Environment.markersIn(environment(process));
    return markers.isEmpty() ? Optional.empty() : Optional.of(markers.get(markers.size() - 1));
  }

  @Override
  public Optional<String> pipe(long pid, int number) {
    String target = link(new File(proc, pid + "/fd/" + number));
    return target.startsWith("pipe:") ? Optional.of(target) : Optional.empty();
  }

  @Override
  public List<Entry> holders(String pipe) {
    return processes().stream()
        .filter(process -> process.pid() != ProcessHandle.current().pid())
        .filter(process -> !openAs(pipe, String.valueOf(process.pid())).isEmpty())
        .toList();
  }

  @Override
  public void wakeReader(String pipe) {
    for (File end : openAs(pipe, "self").stream().limit(1).toList()) {
      try (FileOutputStream out = new FileOutputStream(end)) {
        out.write('\n');
      } catch (IOException e) {
        // It has been closed by now, so nobody is stuck in it.
      }
    }
  }

  private List<File> openAs(String pipe, String process) {
    File[] files = new File(proc, process + "/fd").listFiles();
    return Stream.ofNullable(files)
        .flatMap(Arrays::stream)
        .filter(file -> link(file).equals(pipe))
        .toList();
  }

  private static String link(File file) {
    try {
      return Files.readSymbolicLink(file.toPath()).toString();
    } catch (IOException e) {
      return ""; // closed, or somebody else's
    }
  }

  /**
   * {@return the process of a line of {@code /proc/<pid>/stat}, or empty when it is dead}
   *
   * <p>The name in brackets may hold anything, brackets and blanks included. A dead leader whose
   * threads live on is alive.
   */
  static Optional<Entry> parse(String stat) {
    int name = stat.indexOf('(');
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).strip().split(" ");
    String state = fields[0];
    boolean dead = state.equals("Z") || state.equals("X");
    if (dead && Long.parseLong(fields[17]) <= 1) {
      return Optional.empty();
    }
    return Optional.of(
        new Entry(
            Long.parseLong(stat.substring(0, name).strip()),
            Long.parseLong(fields[1]),
            Long.parseLong(fields[19])));
  }

  /**
   * {@return the environment a process was started with, entries ended by NUL}
   *
   * <p>In the middle of an {@code exec} it looks empty for a moment, so an empty one is looked at
   * again.
   */
  private String environment(Entry process) {
    if (process.pid() == KERNEL_THREADS || process.parent() == KERNEL_THREADS) {
      return "";
    }
    for (int look = 1; look <= LOOKS; look++) {
      String environment = read(process.pid() + "/environ");
      if (environment == null || !environment.isEmpty() || find(process.pid()).isEmpty()) {
        return environment == null ? "" : environment;
      }
      LockSupport.parkNanos(BETWEEN_LOOKS_NANOS);
    }
    return "";
  }

  private @Nullable String read(String name) {
    try (FileInputStream in = new FileInputStream(new File(proc, name))) {
      return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return null; // gone, or somebody else's
    }
  }
}
