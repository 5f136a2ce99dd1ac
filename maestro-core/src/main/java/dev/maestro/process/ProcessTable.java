package dev.maestro.process;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The operating system's list of processes: everything about it that differs between systems. */
sealed interface ProcessTable permits LinuxProcessTable, PortableProcessTable {

  /**
   * One live process.
   *
   * @param pid its id
   * @param parent its parent's id, 0 when unknown
   * @param startTicks when it started; with the pid this names it among all of one boot
   */
  record Entry(long pid, long parent, long startTicks) {

    boolean isSameAs(Entry other) {
      return pid == other.pid && startTicks == other.startTicks;
    }
  }

  /** {@return the table of this machine} */
  static ProcessTable ofThisMachine() {
    Path proc = Path.of("/proc");
    return Files.isReadable(proc.resolve("self/stat"))
        ? new LinuxProcessTable(proc)
        : new PortableProcessTable();
  }

  /** {@return a word that changes with every boot, or an empty one where there is none} */
  String bootId();

  /** {@return every live process; one that only waits to be collected by its parent is not} */
  List<Entry> processes();

  /** {@return the live process of this id} */
  Optional<Entry> find(long pid);

  /**
   * {@return which of the markers the process carries in its environment, as far as can be read}
   */
  Set<String> markersOf(Entry process, Set<String> markers);

  /** {@return whether it can read what other processes carry in their environment} */
  boolean readsEnvironments();

  /** {@return the marker the process itself was started with, the innermost it carries} */
  Optional<String> ownMarker(Entry process);

  /**
   * {@return the name of the pipe behind a child's stdout (1) or stderr (2), where it can be seen}
   */
  default Optional<String> pipe(long pid, int number) {
    return Optional.empty();
  }

  /** {@return who has the pipe open, except for this JVM} */
  default List<Entry> holders(String pipe) {
    return List.of();
  }

  /** Put one byte into a pipe of this JVM, so that whoever is stuck in reading it wakes up. */
  default void wakeReader(String pipe) {}
}
