package dev.maestro.store;

import dev.maestro.task.RunKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the store in a directory: layout, lock, format, log. */
final class StoreOpener {

  /** What is in the directory before a new store is complete. */
  private static final Set<String> BEGINNING = Set.of("lock", "owner", "log", "blobs");

  private static final String FORMAT_KEY = "format=";
  private static final String UNKNOWN = "unknown";
  private static final String SINCE_KEY = "since=";
  private static final String SINCE = "0.1.0";
  private static final long FIRST = 1;

  private final Path directory;
  private final Path formatFile;
  private final Path log;
  private final Path blobs;
  private final Log.Settings settings;
  private final Retention retention;

  StoreOpener(Path directory, Log.Settings settings, Retention retention) {
    this.directory = directory;
    this.formatFile = directory.resolve("format");
    this.log = directory.resolve("log");
    this.blobs = directory.resolve("blobs");
    this.settings = settings;
    this.retention = retention;
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
      throw new StoreException("the store in " + directory + " cannot be opened: " + reason(e), e);
    } finally {
      if (store == null && lock != null) {
        release(lock);
      }
    }
  }

  private DirectoryLock prepare() throws IOException {
    if (Files.isRegularFile(directory)) {
      throw new StoreException(
          "the store in "
              + directory
              + " cannot be opened: that is a file, and a store a directory");
    }
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
      if (Log.list(log).isEmpty()) {
        Segment.create(Segment.path(log, FIRST), FIRST, FIRST);
      }
      hideFromGit();
      String format = FORMAT_KEY + Segment.FORMAT + "\n" + SINCE_KEY + SINCE + "\n";
      Durably.write(formatFile, format.getBytes(StandardCharsets.US_ASCII));
    }
  }

  /**
   * Whoever works in a directory around the store, an agent that adds all there is before others,
   * is not to commit it. That is written once: who takes it away wants the store in git.
   */
  private void hideFromGit() throws IOException {
    if (hasItsDirectoryAlone()) {
      Path ignored = directory.resolve(".gitignore");
      Uninterrupted.call(() -> Files.writeString(ignored, "*\n"));
    }
  }

  /** Where anything else is, a root of sources say, git is not to pass over that. */
  private boolean hasItsDirectoryAlone() throws IOException {
    try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
      for (Path each : all) {
        if (!BEGINNING.contains(each.getFileName().toString())) {
          return false;
        }
      }
      return true;
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  /** Refuse a directory that holds no store, or one of a later format. */
  static void requireKnownFormat(Path directory) {
    new StoreOpener(directory, FileStore.DEFAULTS, Retention.everything()).requireKnownFormat();
  }

  private void requireKnownFormat() {
    try {
      checkFormat();
    } catch (IOException e) {
      throw new StoreException("the store in " + directory + " cannot be opened: " + reason(e), e);
    }
  }

  /** {@return what stands in the way, in words where Java's exception says it by its name only} */
  static String reason(IOException e) {
    if (e instanceof FileAlreadyExistsException there) {
      return there.getFile() + " is a file where a directory is needed";
    }
    if (e instanceof AccessDeniedException denied) {
      return denied.getFile() + " may not be read or written by the user of this process";
    }
    return e.toString();
  }

  private void checkFormat() throws IOException {
    if (Files.notExists(formatFile)) {
      throw new StoreException("there is no store in " + directory);
    }
    List<String> lines = Uninterrupted.call(() -> Files.readAllLines(formatFile));
    String format = value(lines, FORMAT_KEY);
    if (format.equals(UNKNOWN)) {
      throw new StoreException(formatFile + " names no format; restore the store from a copy");
    }
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
    if (Files.notExists(log) || Log.list(log).isEmpty()) {
      throw new StoreException(
          Segment.path(log, FIRST) + " is missing; restore the store from a copy");
    }
  }

  private static String value(List<String> lines, String key) {
    for (String line : lines) {
      if (line.startsWith(key)) {
        return line.substring(key.length());
      }
    }
    return UNKNOWN;
  }

  private Store openLog(InstantSource time, @Nullable DirectoryLock lock) throws IOException {
    Log segments = Log.open(log, settings, lock != null);
    Store store = null;
    try {
      LogOpening.Found found = LogOpening.open(segments);
      Replay replay = found.replay();
      Refusals refusals = replay.refusals();
      Archive archive = new Archive(directory, replay.view, refusals, lock == null);
      OpenReport report = archive.complete(refusals.report(found.tail().torn()));
      if (lock != null) {
        tidy(segments, found, report);
        tidy(archive, replay);
      }
      if (!replay.view.listsFiles()) {
        // a store of a version that had no list: what is there is all that can be known
        replay.view.adopt(archive.runs());
      }
      if (lock != null) {
        // one process owns the directory, so whoever held a lease before is gone
        replay.contents.leases.endAll();
        replay.contents.leases.skipTokens(Leases.MOST_NOT_ON_DISK);
      }
      replay.contents.restOn(replay.view);
      LogWriter writer =
          new LogWriter(segments, replay.view, replay.trail, found.tail(), replay.bytes());
      store =
          new OpenFileStore(
              directory,
              time,
              new OpenFileStore.Parts(
                  lock,
                  segments,
                  writer,
                  replay.contents,
                  replay.view,
                  new Blobs(blobs),
                  archive,
                  refusals,
                  report),
              retention);
      return store;
    } finally {
      if (store == null) {
        segments.close();
      }
    }
  }

  /** What the log says is gone may still lie there when a crash came in between. */
  private static void tidy(Archive archive, Replay replay) throws IOException {
    archive.removeTemporaries();
    for (RunKey run : replay.removed()) {
      archive.delete(run);
    }
  }

  private void tidy(Log segments, LogOpening.Found found, OpenReport report) throws IOException {
    LogScan.Tail tail = found.tail();
    Durably.removeTemporaries(directory);
    Durably.removeTemporaries(log);
    Durably.removeTemporaries(blobs);
    affirm(segments, tail);
    if (report.tornBytes() > 0) {
      log()
          .info(
              "{}: a write of {} bytes that a crash cut short was removed at offset {}",
              segments.path(Log.segment(tail.end())),
              report.tornBytes(),
              Log.offset(tail.end()));
    }
    for (Damage damage : report.damages()) {
      log().warn("{}", damage);
    }
    long end = Log.segment(tail.end());
    for (long number = segments.last(); number > end; number--) {
      // a segment that was begun and never written to
      segments.delete(number);
    }
    if (segments.find(end).isEmpty()) {
      segments.begin(end, tail.number());
    }
    for (long number = segments.first(); number < found.base().segment(); number++) {
      segments.delete(number);
    }
  }

  /** Bring the last batch to the disk, and remove what lies behind it. */
  private static void affirm(Log segments, LogScan.Tail tail) throws IOException {
    if (tail.lastBatch() < tail.end()) {
      long number = Log.segment(tail.lastBatch());
      Segment segment = segments.require(number);
      boolean rolled = Log.segment(tail.end()) > number;
      long end = rolled ? segment.file().size() : Log.offset(tail.end());
      segment.affirm(Log.offset(tail.lastBatch()), end);
    }
    Optional<Segment> last = segments.find(Log.segment(tail.end()));
    if (last.isPresent() && tail.torn() > 0) {
      last.get().erase(Log.offset(tail.end()), last.get().endOfContent());
    }
  }

  private void release(DirectoryLock lock) {
    try {
      lock.close();
    } catch (IOException e) {
      // The reason why opening failed is what the caller has to know.
      log().warn("the lock of {} cannot be released", directory, e);
    }
  }

  private static Logger log() {
    return LoggerFactory.getLogger(FileStore.class);
  }
}
