package dev.maestro.store;

import dev.maestro.store.Verification.Finding;
import dev.maestro.store.Verification.Kind;
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

  Verifier(Path directory, Log.Settings settings) {
    this.directory = directory;
    this.logDirectory = directory.resolve("log");
    this.settings = settings;
  }

  Verification verify() {
    StoreOpener.requireKnownFormat(directory);
    try {
      long[] log = log();
      long runs = runs();
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
    return describe(one).equals(describe(other));
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

  private long runs() throws IOException {
    Archive archive = new Archive(directory);
    long count = 0;
    for (Path file : archive.files()) {
      count++;
      try (InputStream in = new FileInputStream(file.toFile())) {
        RunFileReader reader = new RunFileReader(file.toString(), in);
        read(archive, file, reader);
      } catch (FileNotFoundException e) {
        requireGone(file, e);
      }
    }
    return count;
  }

  private void read(Archive archive, Path file, RunFileReader reader) throws IOException {
    long line = 0;
    try {
      RunFile.Head head = reader.head();
      if (!archive.file(head.run()).equals(file)) {
        add(Kind.RUN, file, 0, "it holds run " + head.run() + ", which has another file");
      }
      RunFile.Line next;
      do {
        line = reader.offset();
        next = reader.next();
      } while (next != null);
    } catch (StoreException e) {
      add(Kind.RUN, file, line, String.valueOf(e.getMessage()));
    }
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
