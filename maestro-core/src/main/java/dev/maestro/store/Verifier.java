package dev.maestro.store;

import dev.maestro.store.Verification.Finding;
import dev.maestro.store.Verification.Kind;
import dev.maestro.task.RunKey;
import java.io.IOException;
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
  private final Blobs blobs;
  private final List<Finding> findings = new ArrayList<>();

  Verifier(Path directory, Log.Settings settings) {
    this.directory = directory;
    this.logDirectory = directory.resolve("log");
    this.settings = settings;
    this.blobs = new Blobs(directory.resolve("blobs"));
  }

  Verification verify() {
    return reading(
        () -> {
          long[] log = log();
          long runs = checkFiles(this::lookAtAll);
          findings.addAll(new Quarantine(directory).findings(directory));
          long blobs = blobs();
          Audit audit = new Audit(directory);
          int lines = audit.check((offset, what) -> add(Kind.AUDIT, audit.file(), offset, what));
          return new Verification(log[0], log[1], runs, blobs, lines, findings);
        });
  }

  /** {@return why runs cannot be used, as far as that shows without reading all of them} */
  List<Finding> refusedRuns() {
    return reading(
        () -> {
          checkFiles(this::lookAtHeads);
          findings.addAll(new Quarantine(directory).findings(directory.resolve("runs")));
          return List.copyOf(findings);
        });
  }

  private <T> T reading(Uninterrupted.Work<T> work) {
    StoreOpener.requireKnownFormat(directory);
    try {
      return work.run();
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
              + run.index());
    }
    for (View.OfRecord record : state.records()) {
      all.put("record " + record.key, record.version + " " + Arrays.hashCode(record.json));
    }
    return all;
  }

  // ------------------------------------------------------------------ files

  /** What is found at one look at the files, which may come and go meanwhile. */
  private record Look(long runs, List<Finding> findings) {}

  /** {@return how many files of runs were read} */
  private long checkFiles(Uninterrupted.Work<Look> work) throws IOException {
    Look look = work.run();
    List<Finding> found = new ArrayList<>(look.findings());
    if (!found.isEmpty()) {
      // Whoever has the store open may have replaced or removed a file meanwhile.
      found.retainAll(work.run().findings());
    }
    findings.addAll(found);
    return look.runs();
  }

  private Look lookAtAll() throws IOException {
    Log log = Log.open(logDirectory, settings, false);
    try {
      MissingBlobs named = new MissingBlobs(blobs);
      Replay replay = replayed(log);
      RunFilesCheck check = new RunFilesCheck(directory, replay);
      scan(replay.view, log, named);
      long runs = check.readAll(named);
      check.missing(() -> names(replay));
      List<Finding> found = new ArrayList<>(check.findings());
      named.forEach((id, by) -> missing(id, by).ifPresent(found::add));
      return new Look(runs, found);
    } finally {
      log.close();
    }
  }

  private static Replay replayed(Log log) throws IOException {
    try {
      return LogOpening.openAll(log).replay();
    } catch (StoreException e) {
      // The log is checked elsewhere; of the files it says nothing then.
      return new Replay(LogBase.FIRST, new RunFiles(true));
    }
  }

  private static void scan(View view, Log log, MissingBlobs named) throws IOException {
    View.State state = view.state();
    EventReader events = new EventReader(log);
    for (View.OfRun run : state.runs()) {
      long[] positions = view.positions(run.key, 1, Integer.MAX_VALUE);
      events.forEach(positions, event -> named.scan(event.envelope().json(), "run " + run.key));
    }
    for (View.OfRecord record : state.records()) {
      if (record.json != null) {
        named.scan(record.json, "record " + record.key);
      }
    }
  }

  private Optional<Finding> missing(BlobId id, String by) {
    Path file = blobs.path(id);
    return new Quarantine(directory).holds(file)
        ? Optional.empty()
        : Optional.of(
            new Finding(Kind.MISSING, file, 0, "the blob is missing; " + by + " names it"));
  }

  private Look lookAtHeads() throws IOException {
    Log log = Log.open(logDirectory, settings, false);
    try {
      Replay replay = LogOpening.open(log).replay();
      List<Finding> found = replay.refusals().ofRuns();
      RunFilesCheck check = new RunFilesCheck(directory, replay);
      check.readHeads();
      check.missing(() -> names(LogOpening.openAll(log).replay()));
      found.addAll(check.findings());
      return new Look(0, found);
    } finally {
      log.close();
    }
  }

  private Map<Long, RunKey> names(Replay replay) throws IOException {
    Map<Long, RunKey> names = new HashMap<>();
    RunFileList.read(logDirectory, 0).ifPresent(list -> names.putAll(list.names()));
    names.putAll(replay.archived());
    return names;
  }

  private long blobs() throws IOException {
    long count = 0;
    for (Path file : blobs.files()) {
      count++;
      try {
        byte[] bytes = Uninterrupted.call(() -> Files.readAllBytes(file));
        if (Blobs.id(file).filter(id -> !id.equals(BlobId.of(bytes))).isPresent()) {
          add(Kind.BLOB, file, 0, "its content has another SHA-256");
        }
      } catch (NoSuchFileException e) {
        RunFilesCheck.requireGone(file, e);
      }
    }
    return count;
  }
}
