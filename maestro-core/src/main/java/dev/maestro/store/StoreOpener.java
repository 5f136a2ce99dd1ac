package dev.maestro.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the store in a directory: layout, lock, format, log. */
final class StoreOpener {

  private static final Logger LOG = LoggerFactory.getLogger(FileStore.class);

  private static final String FORMAT_KEY = "format=";
  private static final String SINCE_KEY = "since=";
  private static final String SINCE = "0.1.0";

  private final Path directory;
  private final Path formatFile;
  private final Path log;
  private final Path logFile;
  private final Path blobs;
  private final int preallocation;
  private final LogFile.Opener files;

  StoreOpener(Path directory, int preallocation, LogFile.Opener files) {
    this.directory = directory;
    this.formatFile = directory.resolve("format");
    this.log = directory.resolve("log");
    this.logFile = Segment.path(log, 1);
    this.blobs = directory.resolve("blobs");
    this.preallocation = preallocation;
    this.files = files;
  }

  Store open(InstantSource time, boolean readOnly) {
    DirectoryLock lock = null;
    Store store = null;
    try {
      lock = readOnly ? null : prepare();
      requireKnownFormat();
      store = openLog(time, lock);
      return store;
    } catch (IOException e) {
      throw new StoreException("the store in " + directory + " cannot be opened: " + e, e);
    } finally {
      if (store == null && lock != null) {
        release(lock);
      }
    }
  }

  private DirectoryLock prepare() throws IOException {
    Durably.createDirectories(directory);
    DirectoryLock lock = DirectoryLock.take(directory);
    boolean complete = false;
    try {
      createWhatIsMissing();
      complete = true;
    } finally {
      if (!complete) {
        release(lock);
      }
    }
    return lock;
  }

  /** The format comes last: where it stands, everything else was there. */
  private void createWhatIsMissing() throws IOException {
    if (Files.notExists(formatFile)) {
      Durably.createDirectories(blobs);
      Durably.createDirectories(log);
      if (Files.notExists(logFile)) {
        Segment.create(logFile, 1);
      }
      String format = FORMAT_KEY + Segment.FORMAT + "\n" + SINCE_KEY + SINCE + "\n";
      Durably.write(formatFile, format.getBytes(StandardCharsets.US_ASCII));
    }
  }

  private void requireKnownFormat() throws IOException {
    if (Files.notExists(formatFile)) {
      throw new StoreException("there is no store in " + directory);
    }
    List<String> lines = Uninterrupted.call(() -> Files.readAllLines(formatFile));
    String format = value(lines, FORMAT_KEY);
    if (!format.equals(Integer.toString(Segment.FORMAT))) {
      throw new StoreException(
          "the store in "
              + directory
              + " has format "
              + format
              + ", which Maestro "
              + value(lines, SINCE_KEY)
              + " and later can read; this one reads format "
              + Segment.FORMAT);
    }
    if (Files.notExists(logFile)) {
      throw new StoreException(logFile + " is missing; restore the store from a copy");
    }
  }

  private static String value(List<String> lines, String key) {
    return lines.stream()
        .filter(line -> line.startsWith(key))
        .map(line -> line.substring(key.length()))
        .findFirst()
        .orElse("unknown");
  }

  private Store openLog(InstantSource time, @Nullable DirectoryLock lock) throws IOException {
    Segment segment = Segment.open(logFile, files.open(logFile, lock != null), preallocation);
    Store store = null;
    try {
      Replay replay = new Replay();
      LogScan.Tail tail = scan(segment, replay);
      Refusals refusals = replay.refusals();
      OpenReport report = refusals.report(tail.endOfContent() - tail.end());
      if (lock != null) {
        tidy(segment, tail, report);
        // one process owns the directory, so whoever held a lease before is gone
        replay.contents.leases.endAll();
      }
      int salt = ThreadLocalRandom.current().nextInt();
      LogWriter writer = new LogWriter(segment, replay.view, replay.trail, tail, salt);
      store =
          new OpenFileStore(
              directory,
              time,
              new OpenFileStore.Parts(
                  lock,
                  segment,
                  writer,
                  replay.contents,
                  replay.view,
                  new Blobs(blobs),
                  refusals,
                  report));
      return store;
    } finally {
      if (store == null) {
        segment.close();
      }
    }
  }

  private LogScan.Tail scan(Segment segment, Replay replay) throws IOException {
    boolean intact = segment.hasIntactHeader(1);
    if (!intact) {
      replay.damage(new Damage(logFile, 0, Segment.HEADER, 0, 0));
    }
    LogScan.Tail tail = new LogScan(logFile, segment.file(), replay).run();
    if (!intact && tail.number() == 1) {
      throw new StoreException(logFile + " is no log of Maestro; restore the store from a copy");
    }
    return tail;
  }

  private void tidy(Segment segment, LogScan.Tail tail, OpenReport report) throws IOException {
    Durably.removeTemporaries(directory);
    Durably.removeTemporaries(log);
    Durably.removeTemporaries(blobs);
    if (tail.lastBatch() < tail.end()) {
      segment.affirm(tail.lastBatch(), tail.end());
    }
    if (report.tornBytes() > 0) {
      segment.erase(tail.end(), tail.endOfContent());
      LOG.info(
          "{}: a write of {} bytes that a crash cut short was removed at offset {}",
          logFile,
          report.tornBytes(),
          tail.end());
    }
    report.damages().forEach(damage -> LOG.warn("{}", damage));
  }

  private void release(DirectoryLock lock) {
    try {
      lock.close();
    } catch (IOException e) {
      // The reason why opening failed is what the caller has to know.
      LOG.warn("the lock of {} cannot be released", directory, e);
    }
  }
}
