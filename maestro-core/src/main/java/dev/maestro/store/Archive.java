package dev.maestro.store;

import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.Tenant;
import java.io.BufferedOutputStream;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
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
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The runs that have ended, each in a readable file such as {@code runs/default/a.jsonl}.
 *
 * <p>Of them no more is kept in memory than which there are ({@link RunFiles}), so that a file
 * which is lost, or is another than was written, is noticed. A file that stands there for a run
 * which is in the log too is an older copy, and the log counts. For any number of threads.
 *
 * @see RunFile
 */
final class Archive {

  static final String SUFFIX = ".jsonl";
  static final String TEMPORARY = ".tmp";

  // Windows cannot name files like its devices.
  private static final Set<String> DEVICES = Set.of("con", "prn", "aux", "nul");

  private final Path directory;
  // knows which runs have a file
  private final View view;
  // knows of which the log has lost what was written later
  private final Refusals refusals;
  // what was set aside as damaged, whose names stay taken
  private final Path quarantine;
  private final boolean hasQuarantine;
  // whether another process may change the files
  private final boolean looksOn;
  private final Set<Path> known = new HashSet<>();
  private volatile boolean used;
  // where the last reader stopped, so that one who reads on need not begin anew
  private volatile @Nullable Place place;

  private record Place(RunKey run, long sequence, long offset) {}

  /**
   * Keep the files in the directory {@code runs} of a store.
   *
   * @param looksOn whether another process may change them
   */
  Archive(Path store, View view, Refusals refusals, boolean looksOn) {
    this.looksOn = looksOn;
    this.view = view;
    this.refusals = refusals;
    this.directory = store.resolve("runs");
    this.quarantine = new Quarantine(store).place(directory);
    this.used = Files.isDirectory(directory);
    this.hasQuarantine = Files.isDirectory(quarantine);
  }

  // ------------------------------------------------------------------ reading

  boolean has(RunKey run) {
    return isThere(run) || isSetAside(run) || view.file(run).isPresent();
  }

  boolean isThere(RunKey run) {
    return used && Files.exists(file(run));
  }

  private boolean isSetAside(RunKey run) {
    return hasQuarantine && Files.exists(file(quarantine, run)) && Files.notExists(file(run));
  }

  /**
   * Throw when the run's file is missing; {@return whether there is one}
   *
   * <p>The file is looked for before the list: a run that is removed leaves the list first.
   */
  boolean requireFile(RunKey run) {
    if (isThere(run)) {
      return true;
    }
    if (isSetAside(run)) {
      throw new StoreException(
          unusable(run)
              + "its file was damaged and set aside as "
              + file(quarantine, run)
              + "; "
              + wayOut(run));
    }
    if (view.file(run).isPresent()) {
      throw new StoreException(
          unusable(run) + "it has ended, and its file is missing; " + wayOut(run));
    }
    return false;
  }

  private static String unusable(RunKey run) {
    return "run " + run + " cannot be used: ";
  }

  private String wayOut(RunKey run) {
    return (looksOn
            ? "open the store anew, for another process may have written to the run, or removed it,"
                + " since; where that does not help, restore "
            : "restore ")
        + file(run)
        + " from a copy"
        + (isThere(run)
            ? ", have it taken as it is with FileStore.vouch, or delete it and have the run"
            : ", or have the run")
        + " forgotten with FileStore.forget, after which it can be begun anew and paid for again";
  }

  /** {@return the first line of a run's file, if there is one} */
  Optional<RunFile.Head> head(RunKey run) throws IOException {
    return reading(run, (head, reader) -> head);
  }

  List<StoredEvent> read(RunKey run, long fromSequence, int limit) throws IOException {
    return limit <= 0
        ? List.of()
        : reading(run, (head, reader) -> read(run, fromSequence, limit, reader)).orElse(List.of());
  }

  private List<StoredEvent> read(RunKey run, long fromSequence, int limit, RunFileReader reader)
      throws IOException {
    List<StoredEvent> events = new ArrayList<>();
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
    return events;
  }

  /** Reads what comes behind the first line. */
  @FunctionalInterface
  private interface Reading<T> {
    T read(RunFile.Head head, RunFileReader reader) throws IOException;
  }

  /** Read a run's file, if there is one; again when it was replaced or removed meanwhile. */
  private <T> Optional<T> reading(RunKey run, Reading<T> work) throws IOException {
    while (requireFile(run)) {
      OptionalInt listed = view.file(run);
      try (InputStream in = new FileInputStream(file(run).toFile())) {
        RunFileReader reader = new RunFileReader(file(run).toString(), in);
        RunFile.Head head = reader.head();
        Optional<Wrong> wrong = wrong(run, head, reader.checksum(), listed);
        if (wrong.isEmpty()) {
          return Optional.of(work.read(head, reader));
        } else if (listed.equals(view.file(run))) {
          throw new StoreException(unusable(run) + wrong.get().what() + "; " + wayOut(run));
        }
      } catch (FileNotFoundException e) {
        if (isThere(run)) {
          throw e;
        }
      }
    }
    return Optional.empty();
  }

  /**
   * Why a file cannot be taken for the one of its run.
   *
   * @param kind what kind of finding that is
   * @param what why
   */
  record Wrong(Verification.Kind kind, String what) {}

  /** {@return why a file with this first line cannot be taken for the one of the run} */
  Optional<Wrong> wrong(RunKey run, RunFile.Head head, int checksum, OptionalInt listed) {
    if (!head.run().equals(run)) {
      return changed(file(run) + " holds run " + head.run());
    }
    Optional<Refusals.Lost> lost = refusals.lost(run);
    if (lost.isPresent() && lost.get().isNewerThan(head)) {
      return changed(
          file(run)
              + " is older than what was written last, which is lost: "
              + lost.get().damage());
    }
    Optional<Damage> doubt = refusals.doubt(run);
    if (doubt.isPresent()) {
      String what = file(run) + " may be older than what was written last: " + doubt.get();
      return Optional.of(new Wrong(Verification.Kind.UNPROVED, what));
    }
    boolean isOther =
        listed.isPresent() && listed.getAsInt() != RunFiles.ANY && listed.getAsInt() != checksum;
    // where the list was lost, how often the run was written tells that it is the latest
    return isOther && lost.isEmpty()
        ? changed(file(run) + " is another or an older file than was written last")
        : Optional.empty();
  }

  private static Optional<Wrong> changed(String what) {
    return Optional.of(new Wrong(Verification.Kind.RUN, what));
  }

  /**
   * Read all of a run's file, whatever the log says of it.
   *
   * @return its first line, and the checksum of that
   * @throws StoreException when there is none, when it is another run's, or damaged
   */
  Whole whole(RunKey run) throws IOException {
    try (InputStream in = new FileInputStream(file(run).toFile())) {
      RunFileReader reader = new RunFileReader(file(run).toString(), in);
      RunFile.Head head = reader.head();
      int checksum = reader.checksum();
      if (!head.run().equals(run)) {
        throw new StoreException(file(run) + " holds run " + head.run());
      }
      RunFile.Line next;
      do {
        next = reader.next();
      } while (next != null);
      return new Whole(head, checksum);
    } catch (FileNotFoundException e) {
      throw new StoreException("there is no " + file(run), e);
    }
  }

  /** What the first line of an intact file says, and its checksum. */
  record Whole(RunFile.Head head, int checksum) {}

  /** {@return the report with what is known only when one looks at the files, too} */
  OpenReport complete(OpenReport report) throws IOException {
    if (report.damages().isEmpty()) {
      return report;
    }
    List<RunKey> refused = new ArrayList<>(report.refusedRuns());
    int lostNames = report.lostNames();
    for (RunKey run : runs()) {
      boolean lost = refusals.lost(run).isPresent();
      if (!view.knows(run) && !refusals.refuses(run) && (lost || refusals.doubt(run).isPresent())) {
        lostNames -= lost ? 1 : 0;
        if (!isUsable(run)) {
          refused.add(run);
        }
      }
    }
    refused.sort(Comparator.comparing(RunKey::toString));
    return new OpenReport(
        report.tornBytes(),
        report.damages(),
        refused,
        report.refusedRecords(),
        lostNames,
        report.newNamesRefused());
  }

  private boolean isUsable(RunKey run) throws IOException {
    try {
      return refusals.doubt(run).isEmpty() && head(run).isPresent();
    } catch (StoreException e) {
      log().debug("a run is refused: {}", e.getMessage());
      return false;
    }
  }

  private void resume(RunKey run, long fromSequence, RunFileReader reader) throws IOException {
    Place last = place;
    if (last != null && last.run().equals(run) && last.sequence() <= fromSequence) {
      reader.skipTo(last.offset(), last.sequence() - 1);
    }
  }

  /** {@return the index entries that match, in no order; what cannot be used is left out} */
  List<RunIndex> find(RunQuery query) throws IOException {
    List<RunIndex> found = new ArrayList<>();
    if (!Boolean.TRUE.equals(query.open())) {
      RunFiles listed = view.files();
      List<Path> files = files();
      int doubtful = 0;
      for (Path file : files) {
        Optional<RunKey> run = run(file);
        if (run.flatMap(refusals::doubt).isPresent()) {
          doubtful++;
        } else if (run.filter(refusals::refuses).isEmpty()) {
          // of a refused run the file is older than what the log has lost
          run.flatMap(this::indexIfIntact).filter(query::matches).ifPresent(found::add);
        }
      }
      if (doubtful > 0) {
        log()
            .warn(
                "left out of a query: runs whose files in {} may be older than damage of the log: {}",
                directory,
                doubtful);
      }
      int missing = missing(listed, files).size();
      if (missing > 0) {
        log()
            .warn(
                "left out of a query: runs whose files in {} are missing: {}", directory, missing);
      }
    }
    return found;
  }

  private Optional<RunIndex> indexIfIntact(RunKey run) {
    try {
      return head(run).map(RunFile.Head::index);
    } catch (IOException | StoreException e) {
      log().warn("left out of a query: {}", e.getMessage());
      return Optional.empty();
    }
  }

  /** {@return the runs that have to have a file and have none} */
  RunFiles missing() throws IOException {
    RunFiles listed = view.files();
    return missing(listed, files());
  }

  /** {@return what is listed, was not among these files, and is listed still} */
  private RunFiles missing(RunFiles listed, List<Path> files) {
    files.forEach(file -> run(file).map(Slot::hash).ifPresent(listed::remove));
    RunFiles missing = new RunFiles(true);
    if (listed.size() > 0) {
      RunFiles now = view.files();
      listed.forEach(
          (hash, checksum) -> {
            if (now.has(hash)) {
              missing.put(hash, checksum);
            }
          });
    }
    return missing;
  }

  /** {@return the first line of a file, unless it cannot be read} */
  static Optional<RunFile.Head> headIfIntact(Path file) {
    try {
      return Optional.of(head(file));
    } catch (IOException | StoreException e) {
      log().warn("{} is left out: its first line cannot be read", file, e);
      return Optional.empty();
    }
  }

  private static RunFile.Head head(Path file) throws IOException {
    try (InputStream in = new FileInputStream(file.toFile())) {
      return new RunFileReader(file.toString(), in).head();
    }
  }

  /** {@return the run that a file stands for by its name} */
  Optional<RunKey> run(Path file) {
    String name = file.getFileName().toString();
    String tenant = file.resolveSibling("").getFileName().toString();
    try {
      RunKey run =
          new RunKey(
              Tenant.of(id(tenant)),
              RunId.of(id(name.substring(0, name.length() - SUFFIX.length()))));
      return Optional.of(run).filter(key -> file(key).endsWith(Path.of(tenant, name)));
    } catch (IllegalArgumentException e) {
      // nothing of a store's
      return Optional.empty();
    }
  }

  /** {@return every run that a file stands for} */
  List<RunKey> runs() throws IOException {
    return files().stream().flatMap(file -> run(file).stream()).toList();
  }

  /** {@return every run whose file was set aside} */
  List<RunKey> setAside() throws IOException {
    return files(quarantine).stream().flatMap(file -> run(file).stream()).toList();
  }

  /** {@return every run's file} */
  List<Path> files() throws IOException {
    return files(directory);
  }

  private static List<Path> files(Path in) throws IOException {
    List<Path> files = new ArrayList<>();
    for (Path tenant : list(in, "*")) {
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
  record Draft(RunFile.Head head, int checksum, Path temporary, Path file) {}

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
    int checksum;
    try (FileOutputStream out = new FileOutputStream(temporary.toFile());
        OutputStream buffered = new BufferedOutputStream(out, 1 << 16)) {
      RunFileWriter writer = new RunFileWriter(buffered);
      checksum = writer.head(head);
      events.writeTo(writer);
      writer.end();
      buffered.flush();
      out.getFD().sync();
    }
    return new Draft(head, checksum, temporary, file);
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

  /** Give up what was set aside of a run, so that its name is no longer taken. */
  void forget(RunKey run) throws IOException {
    Path aside = file(quarantine, run);
    if (Files.exists(aside)) {
      Files.move(
          aside,
          aside.resolveSibling(aside.getFileName() + Quarantine.FORGOTTEN),
          StandardCopyOption.REPLACE_EXISTING);
      Durably.forceDirectory(aside.resolveSibling(""));
    }
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

  /** {@return the id that becomes this name} */
  private static String id(String name) {
    StringBuilder id = new StringBuilder(name.length());
    for (int i = name.startsWith("^_") ? 2 : 0; i < name.length(); i++) {
      boolean capital = name.charAt(i) == '^' && i + 1 < name.length();
      id.append(capital ? (char) (name.charAt(++i) - ('a' - 'A')) : name.charAt(i));
    }
    return id.toString();
  }

  private static boolean isDevice(String id) {
    int dot = id.indexOf('.');
    String stem = (dot < 0 ? id : id.substring(0, dot)).toLowerCase(Locale.ROOT);
    return DEVICES.contains(stem) || stem.matches("(com|lpt)[0-9]");
  }

  private static Logger log() {
    return LoggerFactory.getLogger(FileStore.class);
  }
}
