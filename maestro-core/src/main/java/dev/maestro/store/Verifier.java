package dev.maestro.store;

import dev.maestro.store.Verification.Finding;
import dev.maestro.store.Verification.Kind;
import dev.maestro.task.RunKey;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads everything in a store and compares it with its checksums and hashes; changes nothing. */
final class Verifier {

  private final Path directory;
  private final Path logDirectory;
  private final Log.Settings settings;
  private final List<Finding> findings = new ArrayList<>();
  // what the log says; nothing when it cannot be read
  private Replay replay = new Replay(LogBase.FIRST, new RunFiles(true));

  Verifier(Path directory, Log.Settings settings) {
    this.directory = directory;
    this.logDirectory = directory.resolve("log");
    this.settings = settings;
  }

  Verification verify() {
    StoreOpener.requireKnownFormat(directory);
    try {
      long[] log = log();
      long runs = checkRuns();
      long blobs = blobs();
      Audit audit = new Audit(directory);
      int lines = audit.check((offset, what) -> add(Kind.AUDIT, audit.file(), offset, what));
      return new Verification(log[0], log[1], runs, blobs, lines, findings);
    } catch (IOException e) {
      throw new StoreException("the store in " + directory + " cannot be read: " + e, e);
    }
  }

  private void add(Kind kind, Path file, long offset, String what) {
    findings.add(new Finding(kind, file, offset, what));
  }

  // ------------------------------------------------------------------ log

  /** {@return how many segments and batches there are} */
  private long[] log() throws IOException {
    if (LogBase.read(logDirectory).isEmpty()) {
      add(
          Kind.LOG,
          LogBase.path(logDirectory),
          0,
          "it has changed, so that nobody knows where the log begins");
    }
    Path snapshot = Snapshot.path(logDirectory);
    Optional<Snapshot> known = Snapshot.read(logDirectory);
    if (known.isEmpty() && Files.exists(snapshot)) {
      add(Kind.DERIVED, snapshot, 0, "the snapshot is damaged");
    }
    Log log = Log.open(logDirectory, settings, false);
    try {
      LogOpening.Found all = LogOpening.openAll(log);
      replay = all.replay();
      boolean whole = note(all, log);
      if (known.isPresent() && whole) {
        compare(LogOpening.open(log), all, snapshot);
      }
      return new long[] {Log.list(logDirectory).size(), all.tail().number() - all.base().batch()};
    } catch (StoreException e) {
      add(Kind.LOG, logDirectory, 0, String.valueOf(e.getMessage()));
      return new long[] {Log.list(logDirectory).size(), 0};
    } finally {
      log.close();
    }
  }

  /** Note what is damaged; {@return whether nothing is} */
  private boolean note(LogOpening.Found all, Log log) {
    OpenReport report = all.replay().refusals().report(all.tail().torn());
    for (Damage damage : report.damages()) {
      add(Kind.LOG, damage.file(), damage.offset(), damage.toString());
    }
    if (report.tornBytes() > 0) {
      long end = all.tail().end();
      String what = "a write of " + report.tornBytes() + " bytes was cut short";
      add(Kind.TORN, log.path(Log.segment(end)), Log.offset(end), what);
    }
    return report.damages().isEmpty();
  }

  private void compare(LogOpening.Found quick, LogOpening.Found all, Path snapshot) {
    View.State one = quick.replay().view.state();
    View.State other = all.replay().view.state();
    // While somebody writes, the second look sees more than the first.
    if (one.tail().number() == other.tail().number() && !isSame(one, other)) {
      add(Kind.DERIVED, snapshot, 0, "the snapshot says something else than the log");
    }
  }

  private static boolean isSame(View.State one, View.State other) {
    // of a version that had no list, the snapshot says less
    boolean listed = one.files().isComplete() && other.files().isComplete();
    return describe(one).equals(describe(other))
        && (!listed || describe(one.files()).equals(describe(other.files())));
  }

  private static Map<Long, Integer> describe(RunFiles files) {
    Map<Long, Integer> all = new HashMap<>();
    files.forEach(all::put);
    return all;
  }

  private static Map<String, String> describe(View.State state) {
    Map<String, String> all = new HashMap<>();
    for (View.OfRun run : state.runs()) {
      long[] positions = run.positionsBefore(Long.MAX_VALUE);
      all.put(
          "run " + run.key,
          run.revision
              + " "
              + run.token
              + " "
              + run.count
              + " "
              + Arrays.hashCode(positions)
              + " "
              + run.index);
    }
    for (View.OfRecord record : state.records()) {
      all.put("record " + record.key, record.version + " " + Arrays.hashCode(record.json));
    }
    return all;
  }

  // ------------------------------------------------------------------ files

  /** {@return how many files of runs there are} */
  private long checkRuns() throws IOException {
    List<Finding> found = new ArrayList<>();
    long count = runs(replay, found);
    if (!found.isEmpty()) {
      // Whoever has the store open may have replaced or removed a file meanwhile.
      List<Finding> again = new ArrayList<>();
      runs(replayed(), again);
      found.retainAll(again);
    }
    findings.addAll(found);
    return count;
  }

  private Replay replayed() throws IOException {
    Log log = Log.open(logDirectory, settings, false);
    try {
      return LogOpening.openAll(log).replay();
    } catch (StoreException e) {
      // The log is checked elsewhere.
      return replay;
    } finally {
      log.close();
    }
  }

  private long runs(Replay log, List<Finding> found) throws IOException {
    Archive archive = new Archive(directory, log.view, log.refusals());
    long count = 0;
    for (Path file : archive.files()) {
      count++;
      try (InputStream in = new FileInputStream(file.toFile())) {
        read(archive, log.view, file, new RunFileReader(file.toString(), in), found);
      } catch (FileNotFoundException e) {
        requireGone(file, e);
      }
    }
    missing(archive, log, found);
    return count;
  }

  private static void read(
      Archive archive, View view, Path file, RunFileReader reader, List<Finding> found)
      throws IOException {
    long line = 0;
    try {
      RunFile.Head head = reader.head();
      Optional<RunKey> run = archive.run(file);
      run.flatMap(key -> archive.wrong(key, head, reader.checksum(), view.file(key)))
          .ifPresent(wrong -> found.add(new Finding(wrong.kind(), file, 0, wrong.what())));
      RunFile.Line next;
      do {
        line = reader.offset();
        next = reader.next();
      } while (next != null);
    } catch (StoreException e) {
      found.add(new Finding(Kind.RUN, file, line, String.valueOf(e.getMessage())));
    }
  }

  private void missing(Archive archive, Replay log, List<Finding> found) throws IOException {
    RunFiles missing = archive.missing();
    archive.setAside().forEach(run -> missing.remove(Slot.hash(run)));
    Map<Long, RunKey> names =
        missing.size() == 0
            ? Map.of()
            : RunFileList.read(logDirectory, 0).map(RunFileList::names).orElse(Map.of());
    missing.forEach(
        (hash, checksum) ->
            found.add(
                missing(
                    archive,
                    replay.archived(hash).or(() -> Optional.ofNullable(names.get(hash))))));
  }

  private Finding missing(Archive archive, Optional<RunKey> run) {
    return run.map(
            key ->
                new Finding(
                    Kind.MISSING,
                    archive.file(key),
                    0,
                    "run " + key + " has ended, and its file is missing"))
        .orElseGet(
            () ->
                new Finding(
                    Kind.MISSING,
                    directory.resolve("runs"),
                    0,
                    "the file of a run that has ended is missing, and its name is not known"));
  }

  private long blobs() throws IOException {
    long count = 0;
    for (Path file : new Blobs(directory.resolve("blobs")).files()) {
      count++;
      try {
        byte[] bytes = Uninterrupted.call(() -> Files.readAllBytes(file));
        if (Blobs.id(file).filter(id -> !id.equals(BlobId.of(bytes))).isPresent()) {
          add(Kind.BLOB, file, 0, "its content has another SHA-256");
        }
      } catch (NoSuchFileException e) {
        requireGone(file, e);
      }
    }
    return count;
  }

  /** Whoever has the store open may have removed a file meanwhile. */
  private static void requireGone(Path file, IOException reason) throws IOException {
    if (Files.exists(file)) {
      throw reason;
    }
  }
}
