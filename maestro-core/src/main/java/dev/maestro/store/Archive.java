package dev.maestro.store;

import dev.maestro.task.RunKey;
import java.io.BufferedOutputStream;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The runs that have ended, each in a readable file such as {@code runs/default/a.jsonl}.
 *
 * <p>Nothing of them is kept in memory. A file that stands there for a run which is in the log too
 * is an older copy, and the log counts. For any number of threads.
 *
 * @see RunFile
 */
final class Archive {

  static final String SUFFIX = ".jsonl";
  static final String TEMPORARY = ".tmp";

  private static final Logger LOG = LoggerFactory.getLogger(FileStore.class);
  // Windows cannot name files like its devices.
  private static final Set<String> DEVICES = Set.of("con", "prn", "aux", "nul");

  private final Path directory;
  // what was set aside as damaged, whose names stay taken
  private final Path quarantine;
  private final boolean hasQuarantine;
  private final Set<Path> known = new HashSet<>();
  private volatile boolean used;
  // where the last reader stopped, so that one who reads on need not begin anew
  private volatile @Nullable Place place;

  private record Place(RunKey run, long sequence, long offset) {}

  /** Keep the files in the directory {@code runs} of a store. */
  Archive(Path store) {
    this.directory = store.resolve("runs");
    this.quarantine = store.resolve("quarantine").resolve("runs");
    this.used = Files.isDirectory(directory);
    this.hasQuarantine = Files.isDirectory(quarantine);
  }

  // ------------------------------------------------------------------ reading

  boolean has(RunKey run) {
    return used && Files.exists(file(run)) || isSetAside(run);
  }

  private boolean isSetAside(RunKey run) {
    return hasQuarantine && Files.exists(file(quarantine, run)) && Files.notExists(file(run));
  }

  private void requireWhole(RunKey run) {
    if (isSetAside(run)) {
      throw new StoreException(
          "run "
              + run
              + " cannot be used: its file was damaged and set aside as "
              + file(quarantine, run)
              + "; restore "
              + file(run)
              + " from a copy");
    }
  }

  /** {@return the first line of a run's file, if there is one} */
  Optional<RunFile.Head> head(RunKey run) throws IOException {
    requireWhole(run);
    return has(run) ? Optional.of(head(file(run))) : Optional.empty();
  }

  List<StoredEvent> read(RunKey run, long fromSequence, int limit) throws IOException {
    requireWhole(run);
    List<StoredEvent> events = new ArrayList<>();
    if (!has(run) || limit <= 0) {
      return events;
    }
    try (InputStream in = new FileInputStream(file(run).toFile())) {
      RunFileReader reader = new RunFileReader(file(run).toString(), in);
      reader.head();
      resume(run, fromSequence, reader);
      for (RunFile.Line line = reader.next();
          line != null && events.size() < limit;
          line = reader.next()) {
        if (line instanceof RunFile.Event event && event.event().sequence() >= fromSequence) {
          events.add(event.event());
          if (events.size() == limit) {
            place = new Place(run, event.event().sequence() + 1, reader.offset());
          }
        }
      }
    }
    return events;
  }

  private void resume(RunKey run, long fromSequence, RunFileReader reader) throws IOException {
    Place last = place;
    if (last != null && last.run().equals(run) && last.sequence() <= fromSequence) {
      reader.skipTo(last.offset(), last.sequence() - 1);
    }
  }

  /** {@return the index entries that match, in no order} */
  List<RunIndex> find(RunQuery query) throws IOException {
    List<RunIndex> found = new ArrayList<>();
    if (!Boolean.TRUE.equals(query.open())) {
      for (Path file : files()) {
        headIfIntact(file).map(RunFile.Head::index).filter(query::matches).ifPresent(found::add);
      }
    }
    return found;
  }

  /** {@return the first line of a file, unless it cannot be read} */
  static Optional<RunFile.Head> headIfIntact(Path file) {
    try {
      return Optional.of(head(file));
    } catch (IOException | StoreException e) {
      LOG.warn("{} is left out: its first line cannot be read", file, e);
      return Optional.empty();
    }
  }

  private static RunFile.Head head(Path file) throws IOException {
    try (InputStream in = new FileInputStream(file.toFile())) {
      return new RunFileReader(file.toString(), in).head();
    }
  }

  /** {@return every run's file} */
  List<Path> files() throws IOException {
    List<Path> files = new ArrayList<>();
    for (Path tenant : list(directory, "*")) {
      files.addAll(list(tenant, "*" + SUFFIX));
    }
    files.sort(null);
    return files;
  }

  /** {@return what lies in a directory now, though files may come and go meanwhile} */
  private static List<Path> list(Path parent, String glob) throws IOException {
    List<Path> files = new ArrayList<>();
    if (Files.isDirectory(parent)) {
      try (DirectoryStream<Path> all = Files.newDirectoryStream(parent, glob)) {
        all.forEach(files::add);
      } catch (DirectoryIteratorException e) {
        throw e.getCause();
      }
    }
    return files;
  }

  // ------------------------------------------------------------------ writing

  /** A run's file that has been written and is not yet in its place. */
  record Draft(RunFile.Head head, Path temporary, Path file) {}

  /** What writes the events of a run. */
  @FunctionalInterface
  interface Events {
    void writeTo(RunFileWriter file) throws IOException;
  }

  /** Write the file of a run and bring it to the disk, but not in its place yet. */
  Draft draft(RunFile.Head head, Events events) throws IOException {
    Path file = file(head.run());
    Path parent = file.resolveSibling("");
    createDirectory(parent);
    Path temporary = file.resolveSibling(file.getFileName() + TEMPORARY);
    try (FileOutputStream out = new FileOutputStream(temporary.toFile());
        OutputStream buffered = new BufferedOutputStream(out, 1 << 16)) {
      RunFileWriter writer = new RunFileWriter(buffered);
      writer.head(head);
      events.writeTo(writer);
      writer.end();
      buffered.flush();
      out.getFD().sync();
    }
    return new Draft(head, temporary, file);
  }

  /** Put files into their places, so that they stay there. */
  void place(List<Draft> drafts) throws IOException {
    Set<Path> directories = new HashSet<>();
    for (Draft draft : drafts) {
      Files.move(
          draft.temporary(),
          draft.file(),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
      directories.add(draft.file().resolveSibling(""));
    }
    for (Path parent : directories) {
      Durably.forceDirectory(parent);
    }
    used = true;
    place = null;
  }

  void delete(RunKey run) throws IOException {
    Files.deleteIfExists(file(run));
    place = null;
  }

  /** Remove what a crash has left of files that were being written. */
  void removeTemporaries() throws IOException {
    for (Path tenant : list(directory, "*")) {
      for (Path file : list(tenant, "*" + TEMPORARY)) {
        Files.deleteIfExists(file);
      }
    }
  }

  private synchronized void createDirectory(Path parent) throws IOException {
    if (known.add(parent)) {
      Durably.createDirectories(parent);
    }
  }

  // ------------------------------------------------------------------ names

  Path file(RunKey run) {
    return file(directory, run);
  }

  private static Path file(Path in, RunKey run) {
    return in.resolve(name(run.tenant().value())).resolve(name(run.run().value()) + SUFFIX);
  }

  /** Names that differ in case only are one on some systems: {@code Ab} becomes {@code ^ab}. */
  static String name(String id) {
    StringBuilder name = new StringBuilder(id.length() + 8);
    for (char c : id.toCharArray()) {
      if (c >= 'A' && c <= 'Z') {
        name.append('^').append((char) (c + ('a' - 'A')));
      } else {
        name.append(c);
      }
    }
    return isDevice(id) ? "^_" + name : name.toString();
  }

  private static boolean isDevice(String id) {
    int dot = id.indexOf('.');
    String stem = (dot < 0 ? id : id.substring(0, dot)).toLowerCase(Locale.ROOT);
    return DEVICES.contains(stem) || stem.matches("(com|lpt)[0-9]");
  }
}
